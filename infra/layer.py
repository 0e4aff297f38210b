"""The dependency layer, built without Docker: wheels for Lambda's platform without unused files.

`python -m infra.layer` rebuilds it and prints what the trimming saves.
"""

import fcntl
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from compileall import compile_dir
from contextlib import contextmanager
from pathlib import Path
from py_compile import PycInvalidationMode
from shutil import rmtree

from infra.asset import LAMBDAS, ROOT, freeze
from infra.trim import trim

#: The functions' Python, and the platform of its wheels.
PYTHON = (3, 14)
PLATFORM = "manylinux2014_aarch64"

REQUIREMENTS = LAMBDAS / "requirements.txt"
BUILD = ROOT / "build"
LAYER = BUILD / "layer"
STAMP = BUILD / "layer.stamp"


def build_layer() -> Path:
    """The layer's folder, rebuilt only after a change of the requirements or of the builder."""
    with alone():
        if not LAYER.is_dir() or not STAMP.is_file() or STAMP.read_text() != _stamp():
            _rebuild()
    return LAYER


@contextmanager
def alone() -> Iterator[None]:
    """Hold a lock, because two builds at once would replace each other's folder."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "layer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _rebuild() -> list[str]:
    """Build the layer and replace the old one; returns a line for its size before and after trimming."""
    STAMP.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        fresh = Path(folder) / "layer"
        site = fresh / "python"
        _install(site)
        before = _size(fresh)
        trim(site)
        _refuse_compiled_code(site)
        after = _size(fresh)
        _compile(fresh)
        freeze(fresh)
        rmtree(LAYER, ignore_errors=True)
        fresh.rename(LAYER)
    STAMP.write_text(_stamp())
    return [f"before trimming: {before}", f"after trimming:  {after}"]


def _install(site: Path) -> None:
    # The lock file names every package, so nothing needs resolving: --no-deps.
    locked = ["--require-hashes", "--no-deps", "--requirement", str(REQUIREMENTS)]
    subprocess.run([*pip_for_lambda(site), *locked], check=True)  # noqa: S603 - every word of the command is fixed


def pip_for_lambda(site: Path) -> list[str]:
    """The pip command that installs wheels for the functions' Python and processor."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    command += ["--no-compile", "--only-binary=:all:", "--target", str(site)]
    return [*command, "--platform", PLATFORM, "--implementation", "cp", "--python-version", ".".join(map(str, PYTHON))]


def _refuse_compiled_code(site: Path) -> None:
    """RuntimeError for compiled code, because it would tie the layer to one processor."""
    compiled = [str(path.relative_to(site)) for path in site.rglob("*.so*")]
    if compiled:
        raise RuntimeError(f"the layer must hold no compiled code, but has {', '.join(compiled)}")


def _compile(fresh: Path) -> None:
    """Compile byte code only with the functions' own Python, because stale byte code costs more than none."""
    if sys.version_info[:2] == PYTHON:
        unchecked = PycInvalidationMode.UNCHECKED_HASH  # a zip changes modification times
        compile_dir(fresh, quiet=1, stripdir=fresh, prependdir="/opt", invalidation_mode=unchecked)


def _stamp() -> str:
    """A digest of the requirements and the builder, and whether the layer has byte code."""
    made_of = (REQUIREMENTS, *(ROOT / "infra" / each for each in ("layer.py", "trim.py", "asset.py")))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in made_of)).hexdigest()
    return f"{digest} byte code: {sys.version_info[:2] == PYTHON}\n"


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
        print("\n".join(_rebuild()))  # noqa: T201 - the command's output
