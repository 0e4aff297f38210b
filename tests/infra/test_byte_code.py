"""The assets of synth have byte code of the functions' Python, the same bytes in each synth."""

import importlib.util
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from braket_notifier.settings.python_version import MACHINE
from infra import byte_code
from infra.asset import stage_code
from infra.byte_code import add_byte_code, without_byte_code
from tests.infra.template import Synth

NOT_HERE = "3.99"


def test_synth_leaves_byte_code_of_every_function_and_of_the_layer(synthesised: Synth) -> None:
    assembly = synthesised(machine=MACHINE).assembly
    folders = [each for each in assembly.glob("asset.*") if each.is_dir() and not (each / "settings.sha256").exists()]
    modules = {folder: [*folder.rglob("*.py")] for folder in folders}

    assert len(modules) == 2
    for folder, found in modules.items():
        assert len(found) > 50
        assert {*folder.rglob("*.pyc")} == {Path(cache_from_source(path)) for path in found}


def test_synth_says_nothing_on_a_machine_with_the_functions_python(synthesised: Synth) -> None:
    said: list[str] = []

    synthesised(machine=MACHINE, warn=said.append)

    assert said == []


def test_a_python_that_this_machine_lacks_is_named_with_its_price(
    synthesised: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(byte_code, "MACHINE", NOT_HERE)
    monkeypatch.setenv("PATH", "/nowhere")

    template = synthesised(machine=NOT_HERE, warn=said.append)

    assert {each["Runtime"] for each in template.of("Lambda::Function").values()} == {"python3.14"}
    assert said == [without_byte_code("3.14")]
    assert said[0].startswith("The functions run Python 3.14 without byte code, because this machine has Python 3.99")


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("echo 3.12", True),
        # The command of a version manager that has no such Python, and one of another version.
        ("echo 'python3.12: command not found' >&2; exit 127", False),
        ("echo 3.11", False),
    ],
)
def test_a_python_counts_only_if_it_runs_as_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, found: bool
) -> None:
    (tmp_path / "python3.12").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "python3.12").chmod(0o755)
    monkeypatch.setattr(byte_code, "MACHINE", NOT_HERE)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert bool(byte_code.compiler("3.12")) == found


def test_two_synths_have_equal_byte_code(tmp_path: Path) -> None:
    """Otherwise each deployment would replace every function."""
    one, other = (stage_code({}, tmp_path / name) for name in ("one", "other"))
    for folder in (one, other):
        add_byte_code(folder, "/var/task", MACHINE)

    compiled = [path.relative_to(one) for path in one.rglob("*.pyc")]
    assert len(compiled) > 100
    assert [path for path in compiled if (one / path).read_bytes() != (other / path).read_bytes()] == []


def test_byte_code_is_used_whatever_the_files_time(tmp_path: Path) -> None:
    """A zip changes times; compiling again would cost what byte code saves."""
    (tmp_path / "module.py").write_text("def lambda_handler(event, context):\n    return 1 / 0\n")
    add_byte_code(tmp_path, "/var/task", MACHINE)
    (tmp_path / "module.py").write_text("def lambda_handler(event, context):\n    return 'compiled again'\n")

    done = subprocess.run(
        [sys.executable, "-c", "import module; module.lambda_handler(0, 0)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "ZeroDivisionError" in done.stderr


def test_a_file_that_does_not_compile_stays_without_byte_code(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("")
    (tmp_path / "python2.py").write_text("print 'for another Python'\n")

    add_byte_code(tmp_path, "/opt", MACHINE)

    assert [Path(importlib.util.source_from_cache(path)).name for path in tmp_path.rglob("*.pyc")] == ["good.py"]
