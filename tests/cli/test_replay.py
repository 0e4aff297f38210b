"""`replay` sends missing notifications, and repeats delivered ones only with --again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.domain.transition import Step
from braket_notifier.sending.wire import decode
from tests.cli.conftest import HOME

Waiting = Callable[[str], list[str]]


@pytest.fixture
def ended(snapshots: DynamoSnapshots, a_task: Any) -> str:
    """A completed quantum task that the routes send to two channels."""
    now = datetime.now(UTC)
    row = snapshots.record(a_task(), Step("COMPLETED", now, "event"), announce=True, now=now).row
    snapshots.dispatched(row, now)
    return str(a_task().arn.text)


def claimable(ledger: DynamoLedger, body: str) -> bool:
    """Whether the ledger grants a claim of the notification now."""
    return ledger.claim(decode(body), owner="another", now=datetime.now(UTC) + timedelta(minutes=1)).granted


@pytest.mark.parametrize("words", [["--since", "2h"], []], ids=["since", "ARN"])
def test_replay_sends_only_undelivered_notifications(
    run: Any, ended: str, settle: Any, waiting: Waiting, ledger: DynamoLedger, words: list[str]
) -> None:
    settle("team-slack")

    done = run("replay", *(words or [ended]), "--yes")

    [body] = waiting("deliver-mail")
    assert done.out.splitlines() == [f"mail: COMPLETED of {ended}", "✓ 1 notification on the way"]
    assert waiting("deliver-team-slack") == []
    assert claimable(ledger, body)


def test_replay_sends_an_undelivered_notification_again(
    run: Any, ended: str, settle: Any, waiting: Waiting, ledger: DynamoLedger
) -> None:
    settle("team-slack")
    settle("mail", reason="NotFound")

    run("replay", ended, "--yes")

    assert claimable(ledger, *waiting("deliver-mail"))


def test_replay_sends_nothing_without_a_confirmation(run: Any, ended: str, waiting: Waiting) -> None:
    done = run("replay", ended)

    assert done.code == 2
    assert "Send 2 notifications? Not done, because there is no terminal to confirm at: use --yes." in done.out
    assert waiting("deliver-mail") + waiting("deliver-team-slack") == []


def test_replay_does_not_repeat_delivered_notifications(run: Any, ended: str, settle: Any, waiting: Waiting) -> None:
    settle("team-slack")
    settle("mail")

    assert "nothing is missing" in run("replay", ended, "--yes").out
    assert waiting("deliver-mail") + waiting("deliver-team-slack") == []


def test_replay_repeats_delivered_notifications_with_again(
    run: Any, ended: str, settle: Any, waiting: Waiting, ledger: DynamoLedger
) -> None:
    settle("team-slack")
    settle("mail")

    run("replay", ended, "--again", "--yes")

    assert claimable(ledger, *waiting("deliver-mail"))
    assert claimable(ledger, *waiting("deliver-team-slack"))


@pytest.fixture
def renamed(settle: Any, settings: Any) -> None:
    """The channel `mail` delivered the end, and is `lab` now."""
    settle("team-slack")
    settle("mail")
    settings.write_text(settings.read_text().replace("channels.mail", "channels.lab").replace('"mail"', '"lab"'))


@pytest.mark.usefixtures("renamed")
def test_replay_to_a_renamed_channel_repeats_nothing(run: Any, ended: str, waiting: Waiting) -> None:
    for words in (["--since", "2h"], [ended]):
        assert "nothing is missing" in run("replay", *words, "--was", "mail=lab", "--yes").out
    assert waiting("deliver-mail") + waiting("deliver-team-slack") == []


@pytest.mark.usefixtures("renamed")
def test_replay_refuses_what_a_removed_channel_delivered_until_its_new_name_is_given(
    run: Any, ended: str, waiting: Waiting
) -> None:
    done = run("replay", ended, "--yes")

    assert done.code == 2
    assert done.err == (
        "braket-notifier: mail, which is no longer a channel, has delivered 1 of these: add `--was mail=NEW` if it has "
        "a new name, otherwise `--was mail`\n"
    )
    assert waiting("deliver-mail") + waiting("deliver-team-slack") == []


@pytest.mark.usefixtures("renamed")
@pytest.mark.parametrize("words", [["--was", "mail"], ["--was", "mail=team-slack"], ["--again"]])
def test_replay_to_a_channel_that_replaces_a_removed_one_asks_first(run: Any, ended: str, words: list[str]) -> None:
    assert "lab: COMPLETED of" in run("replay", ended, *words).out


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("given", ["mail=lap", "mail="])
def test_replay_refuses_a_new_name_that_is_no_channel(run: Any, given: str) -> None:
    done = run("replay", "--since", "2h", "--was", given)

    assert done.code == 2
    assert f"--was {given} does not end in the name of a channel: team-slack, mail" in done.err


def test_replay_ignores_earlier_changes(run: Any, snapshots: DynamoSnapshots, a_task: Any) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=5)
    snapshots.record(a_task(), Step("COMPLETED", long_ago, "event"), announce=True, now=long_ago)

    assert "nothing is missing" in run("replay", "--since", "2h", "--yes").out


def test_replay_does_not_send_a_status_after_a_later_one(
    run: Any, snapshots: DynamoSnapshots, settle: Any, a_task: Any, settings: Any
) -> None:
    settings.write_text(settings.read_text().replace('status = ["', 'status = ["RUNNING", "'))
    now = datetime.now(UTC)
    for status in ("RUNNING", "COMPLETED"):
        snapshots.record(a_task(status), Step(status, now, "event"), announce=True, now=now)
    settle("team-slack")
    settle("mail")

    assert "nothing is missing" in run("replay", a_task().arn.text, "--yes").out


def test_replay_names_an_unreadable_row_and_sends_the_others(
    run: Any, ended: str, waiting: Waiting, snapshots: DynamoSnapshots, a_task: Any
) -> None:
    now = datetime.now(UTC)
    snapshots.record(a_task(number=2), Step("COMPLETED", now, "event"), announce=True, now=now)
    newer = {"Key": {"arn": {"S": a_task(number=2).arn.text}}, "UpdateExpression": "SET #format = :two"}
    names = {"ExpressionAttributeNames": {"#format": "format"}, "ExpressionAttributeValues": {":two": {"N": "2"}}}
    client: Any = boto3.client("dynamodb", HOME)
    client.update_item(TableName="snapshots", **newer, **names)

    done = run("replay", "--since", "2h", "--yes")

    assert done.err.startswith(f"skipped: the row {a_task(number=2).arn} is not readable by this version")
    assert [decode(each).transition.arn.text for each in waiting("deliver-mail")] == [ended]


@pytest.mark.parametrize("words", [["--since", "2h"], []], ids=["since", "ARN"])
def test_replay_names_and_skips_a_row_of_a_newer_version(
    run: Any, ended: str, settle: Any, waiting: Waiting, by_newer_version: Any, words: list[str]
) -> None:
    """The ledger would refuse to repeat it, and the record would end as undelivered."""
    by_newer_version(settle("mail"))

    done = run("replay", *(words or [ended]), "--yes")

    assert done.err.startswith(f"skipped: the row mail#{ended} COMPLETED is not readable by this version")
    assert done.out.splitlines() == [f"team-slack: COMPLETED of {ended}", "✓ 1 notification on the way"]
    assert (waiting("deliver-mail"), len(waiting("deliver-team-slack"))) == ([], 1)
