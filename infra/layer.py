"""The dependency layer, built without Docker: wheels for Lambda's platform without unused files.

`python -m infra.layer` rebuilds it and prints what the trimming saves.
"""

import fcntl
import hashlib
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

from braket_notifier.settings.python_version import MACHINE
from infra.asset import LAMBDAS, ROOT, freeze
from infra.byte_code import add_byte_code, compiler
from infra.trim import trim


def build_folder(checkout: Path) -> Path:
    """The folder of what is built: in the checkout, or in the user's cache if the checkout is read-only."""
    folder = checkout / "build"
    if os.access(folder if folder.exists() else checkout, os.W_OK):
        return folder
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "braket-notifier"


#: The platform of the functions' wheels.
PLATFORM = "manylinux2014_aarch64"

REQUIREMENTS = LAMBDAS / "requirements.txt"
BUILD = build_folder(ROOT)
#: The folder of the layers, one for each Python.
LAYERS = BUILD / "layer"
#: The folder in which Lambda shows a layer.
DEPLOYED_AS = "/opt"


def build_layer(python: str = MACHINE) -> Path:
    """The layer's folder for this Python, rebuilt only after a change of the requirements or of the builder."""
    layer, stamp = _places(python)
    with alone():
        if not layer.is_dir() or not stamp.is_file() or stamp.read_text(encoding="utf-8") != _stamp(python):
            _rebuild(python)
    return layer


def _places(python: str) -> tuple[Path, Path]:
    """The layer's folder, without a dot, because CDK would take what follows for an ending; and its stamp."""
    short = python.replace(".", "")
    return LAYERS / short, LAYERS / f"{short}.stamp"


@contextmanager
def alone() -> Iterator[None]:
    """Hold a lock, because two builds at once would replace each other's folder."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "layer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _rebuild(python: str) -> list[str]:
    """Build the layer and replace the old one; returns a line for its size before and after trimming."""
    layer, stamp = _places(python)
    LAYERS.mkdir(exist_ok=True)
    stamp.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        fresh = Path(folder) / "layer"
        site = fresh / "python"
        _install(site, python)
        before = _size(fresh)
        trim(site)
        _refuse_compiled_code(site)
        after = _size(fresh)
        freeze(fresh)
        add_byte_code(fresh, DEPLOYED_AS, python)
        compiled = _size(fresh)
        rmtree(layer, ignore_errors=True)
        fresh.rename(layer)
    stamp.write_text(_stamp(python), encoding="utf-8")
    return [f"before trimming: {before}", f"after trimming:  {after}", f"with byte code:  {compiled}"]


def _install(site: Path, python: str) -> None:
    # The lock file names every package, so nothing needs resolving: --no-deps.
    locked = ["--require-hashes", "--no-deps", "--requirement", str(REQUIREMENTS)]
    subprocess.run([*pip_for_lambda(site, python), *locked], check=True)  # noqa: S603 - every word of the command is fixed


def pip_for_lambda(site: Path, python: str) -> list[str]:
    """The pip command that installs wheels for the functions' Python and processor."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    command += ["--no-compile", "--only-binary=:all:", "--target", str(site)]
    return [*command, "--platform", PLATFORM, "--implementation", "cp", "--python-version", python]


def _refuse_compiled_code(site: Path) -> None:
    """RuntimeError for compiled code, because it would tie the layer to one processor."""
    compiled = [str(path.relative_to(site)) for path in site.rglob("*.so*")]
    if compiled:
        raise RuntimeError(f"the layer must hold no compiled code, but has {', '.join(compiled)}")


def _stamp(python: str) -> str:
    """A digest of the requirements and the builder, and whether the layer has byte code."""
    builder = ("layer.py", "trim.py", "asset.py", "byte_code.py")
    made_of = (REQUIREMENTS, *(ROOT / "infra" / each for each in builder))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in made_of)).hexdigest()
    return f"{digest} byte code: {bool(compiler(python))}\n"


def _size(folder: Path) -> str:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(folder))
    unzipped_mb, zipped_mb = sum(path.stat().st_size for path in files) / 1e6, zipped.getbuffer().nbytes / 1e6
    return f"{len(files):5} files, {unzipped_mb:5.1f} MB unzipped, {zipped_mb:5.2f} MB zipped"


if __name__ == "__main__":
    with alone():
        print("\n".join(_rebuild(MACHINE)))  # noqa: T201 - the command's output
