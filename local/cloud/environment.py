"""The environment of the local cloud's process, apart from ours, because MiniStack pins an older botocore."""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path
from shutil import rmtree

from infra.layer import BUILD, alone

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
FOLDER = BUILD / "cloud-venv"


def python() -> Path:
    """The environment's Python; the environment is built on first use, and again after a change of its requirements."""
    ready, made_of = FOLDER / ".ready", f"{sys.version} {hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()}\n"
    with alone():
        if not ready.is_file() or ready.read_text(encoding="utf-8") != made_of:
            _build()
            ready.write_text(made_of, encoding="utf-8")
    return FOLDER / "bin" / "python"


def _build() -> None:
    rmtree(FOLDER, ignore_errors=True)
    venv.create(FOLDER, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(FOLDER), "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--require-hashes", "--requirement", str(REQUIREMENTS)], check=True)  # noqa: S603 - our own words


if __name__ == "__main__":
    python()
