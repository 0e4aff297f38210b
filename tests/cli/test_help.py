"""Every command has a help text and is in docs/setup.md."""

import subprocess
from argparse import ArgumentParser
from pathlib import Path
from types import ModuleType

import pytest

from braket_notifier.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[2]


def names(*files: ModuleType) -> list[str]:
    commands = ArgumentParser().add_subparsers()
    for file in files:
        file.add(commands)
    return list(commands.choices)


ALL = names(*COMMANDS)


@pytest.mark.parametrize("name", ALL)
def test_setup_md_names_every_command(name: str) -> None:
    assert f"braket-notifier {name}" in (ROOT / "docs" / "setup.md").read_text()


@pytest.mark.parametrize("file", COMMANDS, ids=lambda file: file.__name__)
def test_each_file_registers_the_command_of_its_name(file: ModuleType) -> None:
    assert names(file) == [file.__name__.rpartition(".")[2].replace("_", "-")]


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_its_own_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: braket-notifier {name} ")


def test_the_command_runs_from_any_folder(tmp_path: Path) -> None:
    """A folder with the name of one of the packages does not hide the package."""
    (tmp_path / "cli").mkdir()
    done = subprocess.run(  # noqa: S603 - our own words
        [ROOT / "bin" / "braket-notifier", "check"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{ROOT / 'notifier.toml'}:10: channels.team-slack.channel: ")
