"""Without a settings file, `--name` and `--region` lead to the stack, and its outputs name regions and channels."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from braket_notifier import __version__
from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.cli.main import main
from braket_notifier.domain.resource import parse_arn
from braket_notifier.domain.transition import Step
from braket_notifier.sending.wire import decode
from braket_notifier.settings.notifier_toml import read_settings
from infra.asset import deployed
from local.braket.emulator import Braket
from tests.cli.cloudformation import CloudFormation
from tests.cli.conftest import HOME, NAME, Done
from tests.conftest import NOON, task_arn

Bare = Callable[..., Done]
WHERE = ("--name", "lab", "--region", HOME)


@pytest.fixture
def bare(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Bare:
    """The command in an empty folder, as if it were installed."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    monkeypatch.setattr("braket_notifier.cli.arguments.SETTINGS", Path("notifier.toml"))
    monkeypatch.setenv("COLUMNS", "300")

    def bare(*words: str) -> Done:
        code = main(words)
        return Done(code, *capsys.readouterr())

    return bare


@pytest.fixture
def lab(stack: CloudFormation, settings: Path) -> CloudFormation:
    """The stack under another name than the default."""
    stack.stacks[HOME, "lab"] = stack.stacks[HOME, NAME]
    stack.outputs["Settings"] = json.dumps(deployed(read_settings(settings).policy()))
    return stack


@pytest.mark.usefixtures("lab")
def test_the_list_asks_in_the_regions_that_the_stack_shows(
    bare: Bare, snapshots: DynamoSnapshots, submit: Callable[..., str], braket: Braket, a_task: Any
) -> None:
    arn = submit("ghz-12")
    step = Step("CREATED", NOON, "event")
    snapshots.record(a_task("CREATED", arn=parse_arn(arn)), step, announce=True, now=datetime.now(UTC))
    braket.clock.push(0.2)

    [line] = json.loads(bare("list", "--json", *WHERE).out)

    assert (line["arn"], line["status"]) == (arn, "QUEUED")


@pytest.mark.usefixtures("lab")
def test_the_history_names_the_channels_that_the_stack_shows(
    bare: Bare, snapshots: DynamoSnapshots, ledger: DynamoLedger, a_task: Any, a_notification: Any
) -> None:
    snapshots.record(a_task(), Step("COMPLETED", NOON, "event"), announce=True, now=datetime.now(UTC))
    ledger.claim(a_notification(), owner="test", now=NOON)
    ledger.delivered(a_notification(), now=NOON)

    done = bare("history", a_task().arn.text, *WHERE)

    assert (done.code, done.err) == (0, "")
    assert "team-slack was notified of COMPLETED" in done.out
    assert done.out.endswith("not put into the channels' queues yet: the next sweep does it\n")


@pytest.mark.usefixtures("stack")
def test_a_watch_needs_neither_name_nor_region(
    bare: Bare, submit: Callable[..., str], braket: Braket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("braket_notifier.cli.commands.watch.sleep", lambda _: braket.clock.push(0.2))

    done = bare("watch", submit("ghz-12"))

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1].startswith("COMPLETED · ghz-12")


@pytest.mark.usefixtures("stack")
def test_the_default_name_s_channels_are_tested(
    bare: Bare, stack: CloudFormation, settings: Path, waiting: Callable[[str], list[str]]
) -> None:
    stack.outputs["Settings"] = json.dumps(deployed(read_settings(settings).policy()))

    done = bare("test", "--timeout", "0.1", "--region", HOME)

    assert [line.split()[1] for line in done.out.splitlines()] == ["team-slack", "mail"]
    assert [len(list(map(decode, waiting(f"deliver-{name}")))) for name in ("team-slack", "mail")] == [1, 1]


@pytest.mark.usefixtures("lab")
def test_another_name_than_the_settings_file_s_leaves_that_file_out(run: Any) -> None:
    """Its channels and home are another installation's."""
    assert run("test", "nobody", "--name", "lab", "--region", HOME).err == (
        "braket-notifier: nobody is not a channel of lab: team-slack, mail\n"
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["explain", task_arn()],
            "there is no settings file notifier.toml: name one by --settings, or write one by `braket-notifier init`",
        ),
        (
            ["list", "--settings", "typo.toml"],
            "there is no settings file typo.toml: name one by --settings, or write one by `braket-notifier init`",
        ),
        (["list", "--settings", "notifier.toml"], "there is no settings file notifier.toml: name one by --settings"),
        (["run", "--settings", "notifier.toml"], "there is no settings file notifier.toml: name one by --settings"),
        (["list", "--name", "elsewhere", "--region", HOME], f"there is no stack elsewhere in {HOME}: give its --name"),
        (["test", *WHERE, "nobody"], "nobody is not a channel of lab: team-slack, mail"),
    ],
)
@pytest.mark.usefixtures("lab")
def test_a_missing_file_stack_or_channel_is_one_sentence(bare: Bare, words: list[str], says: str) -> None:
    done = bare(*words)

    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert done.err.count("\n") == 1


@pytest.mark.usefixtures("lab")
def test_a_command_without_any_region_asks_for_one(bare: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    assert "the region of lab is not known: name it by --region" in bare("list", "--name", "lab").err


def test_a_channel_type_of_a_newer_stack_is_one_sentence(bare: Bare, lab: CloudFormation) -> None:
    lab.outputs["Settings"] = json.dumps({"regions": [HOME], "channels": {"board": {"type": "hologram"}}})

    assert "the stack lab is newer than this command: " in bare("list", *WHERE).err


def test_the_version_is_printed(bare: Bare, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        bare("--version")

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"braket-notifier {__version__}\n"
