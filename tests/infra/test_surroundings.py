"""The templates and the hashes of their assets are the same wherever and however they are synthesised."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from braket_notifier.settings.python_version import MACHINE
from infra.layer import LAYERS, build_layer
from tests.conftest import AS_OTHERS
from tests.infra.template import Synth

ROOT = Path(__file__).parents[2]
NEEDED = ("app.py", "braket_notifier", "cdk.json", "infra", "lambdas", "notifier.toml")
READ_ONLY, WRITABLE = 0o555, 0o755
#: A locale without UTF-8, the earliest time zone, and a strict umask.
ODD = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "TZ": "Pacific/Kiritimati"}
UMASK = 0o077


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A read-only checkout, without a folder `build`, under a path with spaces."""
    folder = tmp_path_factory.mktemp("of somebody") / "a read-only checkout"
    folder.mkdir()
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    _change_modes(folder, READ_ONLY)
    yield folder
    _change_modes(folder, WRITABLE)


def _change_modes(folder: Path, mode: int) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(mode if path.is_dir() else mode & 0o666)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """The user's cache, with the layer that is built already, because installing takes a minute."""
    build_layer(MACHINE)
    (tmp_path / "braket-notifier").mkdir()
    (tmp_path / "braket-notifier" / "layer").symlink_to(LAYERS)
    return tmp_path


def _app(checkout: Path, out: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | ODD | {"CDK_OUTDIR": str(out), "XDG_CACHE_HOME": str(cache)}
    command = [*AS_OTHERS, sys.executable, "app.py"]
    return subprocess.run(  # noqa: S603 - our own words
        command, cwd=checkout, env=environment, umask=UMASK, capture_output=True, text=True, check=False
    )


def _made(assembly: Path) -> Mapping[str, str]:
    """The templates, and the names of the assets, which contain their hashes."""
    assets = {path.name.partition(".zip")[0]: "" for path in assembly.glob("asset.*")}
    return assets | {path.name: path.read_text(encoding="utf-8") for path in assembly.glob("*.template.json")}


def test_templates_and_hashes_are_the_same_in_a_read_only_checkout_in_any_locale_zone_and_umask(
    checkout: Path, cache: Path, tmp_path: Path, synthesised: Synth
) -> None:
    expected = _made(synthesised(machine=MACHINE).assembly)

    done = _app(checkout, tmp_path / "an assembly", cache)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sum(name.startswith("asset.") for name in expected) >= 2
    assert _made(tmp_path / "an assembly") == expected


@pytest.mark.parametrize("place", ["CDK_OUTDIR", "XDG_CACHE_HOME"])
def test_a_place_that_cannot_be_written_is_one_sentence_without_a_traceback(
    checkout: Path, cache: Path, tmp_path: Path, place: str
) -> None:
    refused = checkout / "refused"

    done = _app(checkout, *((refused, cache) if place == "CDK_OUTDIR" else (tmp_path / "out", refused)))

    assert done.returncode == 1
    assert done.stderr == f"{refused}: Permission denied\n"
