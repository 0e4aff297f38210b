"""A handler's own dependencies, as a layer for its function alone: installed by pip, without Docker."""

import hashlib
import re
import subprocess
import tempfile
from pathlib import Path
from shutil import rmtree

from infra import layer
from infra.asset import freeze

LAYERS = layer.BUILD / "handlers"


def build_own_layer(channel: str, requirements: Path) -> Path:
    """The layer's folder; built again only when the requirements or those of all functions changed."""
    folder, stamp = LAYERS / channel, LAYERS / f"{channel}.stamp"
    made_of = f"{layer.PYTHON} {_digest(requirements)} {_digest(layer.REQUIREMENTS)}\n"
    with layer.alone():
        if not folder.is_dir() or not stamp.is_file() or stamp.read_text() != made_of:
            stamp.unlink(missing_ok=True)
            _rebuild(folder, requirements)
            stamp.write_text(made_of)
    return folder


def _rebuild(folder: Path, requirements: Path) -> None:
    LAYERS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=LAYERS) as place:
        fresh, pins = Path(place) / "layer", Path(place) / "pins.txt"
        pins.write_text("\n".join(re.findall(r"^[\w.-]+==\S+", layer.REQUIREMENTS.read_text(), re.MULTILINE)))
        _install(fresh / "python", requirements, pins)
        freeze(fresh)
        rmtree(folder, ignore_errors=True)
        fresh.rename(folder)


def _install(site: Path, requirements: Path, pins: Path) -> None:
    """With hashes if the user's file has them; what the notifier brings too, in the notifier's version."""
    command = layer.pip_for_lambda(site)
    subprocess.run([*command, "--requirement", str(requirements), "--constraint", str(pins)], check=True)  # noqa: S603 - all but paths stands in our files


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
