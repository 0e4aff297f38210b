"""Every command has a help text and is in docs/setup.md."""

import re
import subprocess
from argparse import ArgumentParser
from pathlib import Path
from types import ModuleType

import botocore.session
import pytest

from braket_notifier.cli.arguments import filled
from braket_notifier.cli.main import COMMANDS, main

#: Needs no right.
IDENTITY = "sts:GetCallerIdentity"
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


def rights_of_commands() -> dict[str, list[str]]:
    """The hand-written table of docs/permissions.md: its actions by the first word of each command."""
    table = (ROOT / "docs" / "permissions.md").read_text().partition("\n## Rights of the command line\n")[2]
    found: dict[str, list[str]] = {}
    for commands, rights in re.findall(r"^\| (`.+?`) \| (.+) \|$", table, re.MULTILINE):
        for command in re.findall(r"`([a-z-]+)", commands):
            found.setdefault(command, []).extend(re.findall(r"`([a-z0-9]+:\w+)`", rights))
    return found


def test_the_table_of_rights_has_every_command_that_calls_aws() -> None:
    assert set(rights_of_commands()) == set(ALL) - {"check", "completion", "init"}


def test_the_table_of_rights_names_only_actions_that_a_service_has() -> None:
    session = botocore.session.Session()
    #: Actions of IAM that are no operation's name: of a bucket, and of a tag with a new quantum task.
    others = {"s3:ListBucket", "braket:TagResource"}
    for service, action in {tuple(each.split(":")) for all_ in rights_of_commands().values() for each in all_}:
        model = session.get_service_model(service)
        assert f"{service}:{action}" in others or action in model.operation_names, action


def test_every_request_of_the_command_line_stands_in_the_table_of_rights() -> None:
    code = "\n".join(file.read_text() for file in (ROOT / "braket_notifier/cli").rglob("*.py"))
    calls = re.findall(r'client\(\s*"(\w+)"[^()]*\)\s*\.(?:get_paginator\("(\w+)"\)|(\w+)\()', code)
    requests = {f"{service}:{operation(paged or called)}" for service, paged, called in calls}
    needed = {{"s3:HeadBucket": "s3:ListBucket"}.get(each, each) for each in requests} - {IDENTITY}

    assert len(needed) >= 20
    assert needed - {each for all_ in rights_of_commands().values() for each in all_} == set()


def operation(method: str) -> str:
    return "".join(part.capitalize() for part in method.split("_"))


@pytest.mark.parametrize("file", COMMANDS, ids=lambda file: file.__name__)
def test_each_file_registers_the_command_of_its_name(file: ModuleType) -> None:
    assert names(file) == [file.__name__.rpartition(".")[2].replace("_", "-")]


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_its_own_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: braket-notifier {name} ")


@pytest.mark.parametrize("name", ALL)
def test_no_line_of_a_help_text_but_an_example_is_wider_than_the_terminal(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    with pytest.raises(SystemExit):
        main([name, "--help"])

    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if len(line) > 50 and " " in line and not line.startswith("  ")] == []


def test_the_words_of_a_help_text_fill_the_lines_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "12")

    assert filled("one two\nthree --four-five\n\nexamples:\n  ls  all\n  ls -a none") == (
        "one two\nthree\n--four-five\n\nexamples:\n  ls  all\n  ls -a none"
    )


def test_the_command_runs_from_any_folder(tmp_path: Path) -> None:
    """A folder with the name of one of the packages does not hide the package."""
    (tmp_path / "cli").mkdir()
    done = subprocess.run(  # noqa: S603 - our own words
        [ROOT / "bin" / "braket-notifier", "check"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{ROOT / 'notifier.toml'}:10: channels.team-slack.channel: ")
