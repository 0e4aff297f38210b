"""The wheel of the project, built offline and installed into an environment of its own."""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


def built(folder: Path) -> Path:
    """By the pinned build backend of this environment."""
    _pip("wheel", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    [wheel] = folder.glob("*.whl")
    return wheel


def installed(wheel: Path, folder: Path) -> Path:
    """The command. Its dependencies are this environment's, because to fetch them takes longer than the tests."""
    _run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
    python = folder / "bin" / "python"
    _pip("--python", str(python), "install", str(wheel))
    [packages] = folder.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder / "bin" / "braket-notifier"


def _pip(*words: str) -> None:
    at = 2 if words[0] == "--python" else 0
    command = [*words[: at + 1], "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", *words[at + 1 :]]
    _run([sys.executable, "-m", "pip", *command])


def _run(command: Sequence[str]) -> None:
    surroundings = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    subprocess.run(command, check=True, env=surroundings)  # noqa: S603 - our own words
