"""The steps of docs/handlers.md from a clone to a handler that fires."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.layer import LAYERS, build_layer
from local.cloud import environment
from tests.taught import ROOT, blocks, commands

#: The files of a clone that the steps use; files that `make` fetches or builds are linked.
CLONED = ("cdk.json", "braket_notifier", "examples", "infra", "lambdas", "local")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in CLONED:
        source = ROOT / name
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, tmp_path / name, ignore=ignore) if source.is_dir() else shutil.copy(source, tmp_path)
    build_layer()
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "cloud-venv").symlink_to(environment.python().parent.parent)
    shutil.copytree(LAYERS, tmp_path / "build" / "layer")
    return tmp_path


def test_the_documented_steps_lead_from_a_clone_to_a_handler_that_fires(clone: Path) -> None:
    copy, run = commands("handlers.md")
    settings = clone / "local" / "notifier.toml"
    assert run == "make run\n"

    subprocess.run(copy.split(), cwd=clone, check=True)  # noqa: S603 - the page's own words
    settings.write_text(settings.read_text() + blocks("handlers.md", "toml")["hello"])
    done = subprocess.run(  # the command of `make run`, in this Python
        [sys.executable, "-m", "local.run"], cwd=clone, capture_output=True, text=True, timeout=600, check=False
    )

    printed = [line for line in done.stdout.splitlines() if line.startswith("hello: ")]
    assert done.returncode == 0, done.stdout + done.stderr
    assert any("hello: task" in line and "→ FAILED" in line for line in printed), done.stdout
    assert any("hello: job" in line and "→ FAILED" in line for line in printed), done.stdout
