"""The dependency layer, built without Docker: wheels for Lambda's platform, less what no function uses.

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

#: The functions' Python, and where its wheels must run.
PYTHON = (3, 14)
PLATFORM = "manylinux2014_aarch64"

REQUIREMENTS = LAMBDAS / "requirements.txt"
BUILD = ROOT / "build"
LAYER = BUILD / "layer"
STAMP = BUILD / "layer.stamp"


def build_layer() -> Path:
    """The layer's folder; built again only when the requirements or the way it is built changed."""
    with alone():
        if not LAYER.is_dir() or not STAMP.is_file() or STAMP.read_text() != _stamp():
            _rebuild()
    return LAYER


@contextmanager
def alone() -> Iterator[None]:
    """Two builds at once would put their folders into each other's place."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "layer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _rebuild() -> list[str]:
    """Install, trim and put in place; answers the sizes before and after trimming, in words."""
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
    subprocess.run([*pip_for_lambda(site), *locked], check=True)  # noqa: S603 - every word of the command stands here


def pip_for_lambda(site: Path) -> list[str]:
    """Pip as it installs wheels for the functions' Python and processor, whatever this machine's are."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    command += ["--no-compile", "--only-binary=:all:", "--target", str(site)]
    return [*command, "--platform", PLATFORM, "--implementation", "cp", "--python-version", ".".join(map(str, PYTHON))]


def _refuse_compiled_code(site: Path) -> None:
    """Compiled code would tie the layer to one processor, and the local cloud to the same."""
    compiled = [str(path.relative_to(site)) for path in site.rglob("*.so*")]
    if compiled:
        raise RuntimeError(f"the layer must hold no compiled code, but has {', '.join(compiled)}")


def _compile(fresh: Path) -> None:
    """Byte code only from the functions' own Python: stale byte code costs more than none."""
    if sys.version_info[:2] == PYTHON:
        unchecked = PycInvalidationMode.UNCHECKED_HASH  # a zip changes every time of modification
        compile_dir(fresh, quiet=1, stripdir=fresh, prependdir="/opt", invalidation_mode=unchecked)


def _stamp() -> str:
    """What the layer depends on: the requirements, the way it is built, and whether byte code goes with it."""
    made_of = (REQUIREMENTS, *(ROOT / "infra" / each for each in ("layer.py", "trim.py", "asset.py")))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in made_of)).hexdigest()
    return f"{digest} byte code: {sys.version_info[:2] == PYTHON}\n"


def _size(folder: Path) -> str:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(folder))
    unzipped_mb, zipped_mb = sum(path.stat().st_size for path in files) / 1e6, zipped.tell() / 1e6
    return f"{len(files):5} files, {unzipped_mb:5.1f} MB unzipped, {zipped_mb:5.2f} MB zipped"


if __name__ == "__main__":
    with alone():
        print("\n".join(_rebuild()))  # noqa: T201 - the command's answer
