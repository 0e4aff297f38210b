"""The layer of one handler's own dependencies, installed by pip without Docker."""

import hashlib
import re
import subprocess
import tempfile
from pathlib import Path
from shutil import rmtree

from infra import layer
from infra.asset import freeze
from infra.byte_code import add_byte_code, compiler

LAYERS = layer.BUILD / "handlers"


def build_own_layer(channel: str, requirements: Path, python: str) -> Path:
    """The layer's folder, rebuilt only after a change of its requirements or of those of all functions."""
    folder, stamp = LAYERS / channel, LAYERS / f"{channel}.stamp"
    made_of = f"{python} {bool(compiler(python))} {_digest(requirements)} {_digest(layer.REQUIREMENTS)}\n"
    with layer.alone():
        if not folder.is_dir() or not stamp.is_file() or stamp.read_text(encoding="utf-8") != made_of:
            stamp.unlink(missing_ok=True)
            _rebuild(folder, requirements, python)
            stamp.write_text(made_of, encoding="utf-8")
    return folder


def _rebuild(folder: Path, requirements: Path, python: str) -> None:
    LAYERS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=LAYERS) as place:
        fresh, pins = Path(place) / "layer", Path(place) / "pins.txt"
        locked = layer.REQUIREMENTS.read_text(encoding="utf-8")
        pins.write_text("\n".join(re.findall(r"^[\w.-]+==\S+", locked, re.MULTILINE)), encoding="utf-8")
        _install(fresh / "python", requirements, pins, python)
        freeze(fresh)
        add_byte_code(fresh, layer.DEPLOYED_AS, python)
        rmtree(folder, ignore_errors=True)
        fresh.rename(folder)


def _install(site: Path, requirements: Path, pins: Path, python: str) -> None:
    """Install with the hashes of the user's file, if any, and with the notifier's versions of shared packages."""
    command = layer.pip_for_lambda(site, python)
    subprocess.run([*command, "--requirement", str(requirements), "--constraint", str(pins)], check=True)  # noqa: S603 - every word but the paths is fixed


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
