"""Byte code of what Lambda runs, because Lambda stores none and would compile in every cold start."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from braket_notifier.settings.python_version import MACHINE
from infra.asset import freeze


def compiler(version: str) -> str | None:
    """A Python of the functions' version on this machine; the byte code of any other would be ignored."""
    if version == MACHINE:
        return sys.executable
    found = shutil.which(f"python{version}")
    return found if found and _is(found, version) else None


@cache
def _is(python: str, version: str) -> bool:
    """Whether it runs as that version, because a version manager puts commands on the path that only explain."""
    asked = [python, "-S", "-c", "import sys; print('{}.{}'.format(*sys.version_info))"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return done.returncode == 0 and done.stdout.strip() == version


def add_byte_code(folder: Path, deployed_as: str, version: str) -> None:
    """Compile the folder, if this machine can, for its place in Lambda.

    Byte code is unchecked, because a zip changes modification times. One new process with a fixed hash seed makes equal
    bytes of equal files. A file that does not compile stays without, because packages hold files for other Pythons.
    """
    if python := compiler(version):
        flags = ["-q", "-q", "--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", deployed_as]
        seeded = {**os.environ, "PYTHONHASHSEED": "0"}
        subprocess.run([python, "-P", "-S", "-m", "compileall", *flags, str(folder)], env=seeded, check=False)  # noqa: S603 - our own words
        freeze(folder)


def without_byte_code(version: str) -> str:
    """A sentence if the functions get no byte code, otherwise nothing."""
    if compiler(version):
        return ""
    return (
        f"The functions run Python {version} without byte code, because this machine has Python {MACHINE} and no "
        f"python{version}: a cold start takes about twice the processor time."
    )
