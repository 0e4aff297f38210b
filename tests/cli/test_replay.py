"""`replay` and `redrive` send missing notifications, and repeat delivered ones only with --again."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.transition import Step
from braket_notifier.sending.wire import decode, encode
from tests.cli.conftest import HOME, NAME

Waiting = Callable[[str], list[str]]


@pytest.fixture
def ended(snapshots: DynamoSnapshots, a_task: Any) -> str:
    """A completed quantum task that the routes send to two channels."""
    now = datetime.now(UTC)
    row = snapshots.record(a_task(), Step("COMPLETED", now, "event"), announce=True, now=now).row
    snapshots.dispatched(row, now)
    return str(a_task().arn.text)


@pytest.fixture
def settle(ledger: DynamoLedger, a_notification: Callable[..., Notification]) -> Callable[..., Notification]:
    """A channel's notification of the quantum task, delivered or undelivered."""

    def settle(channel: str, reason: str = "") -> Notification:
        notification, now = a_notification(channel=channel), datetime.now(UTC)
        ledger.claim(notification, owner="test", now=now)
        if reason:
            ledger.undelivered(notification, owner="test", reason=reason, now=now)
        else:
            ledger.delivered(notification, now=now)
        return notification

    return settle


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

    assert done.code == 0
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


@pytest.fixture
def keep(stack: Any) -> Callable[..., None]:  # noqa: ARG001 - the stack creates the queue
    """Put a record into the queue `undelivered`, with or without the notifier's reason."""

    def keep(raw: str, reason: str = "") -> None:
        sqs: Any = boto3.client("sqs", HOME)
        attributes = {"reason": {"DataType": "String", "StringValue": reason}} if reason else {}
        url = sqs.get_queue_url(QueueName=f"{NAME}-undelivered")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=raw, MessageAttributes=attributes)

    return keep


def test_redrive_sends_an_undelivered_notification_and_deletes_its_record(
    run: Any, settle: Any, keep: Any, waiting: Waiting, ledger: DynamoLedger
) -> None:
    given_up = settle("team-slack", reason="channel_not_found")
    keep(encode(given_up), "channel_not_found")

    done = run("redrive", "--yes")

    [body] = waiting("deliver-team-slack")
    printed = f"team-slack: COMPLETED of {given_up.transition.arn} (channel_not_found)"
    assert done.out.splitlines() == [printed, "✓ 1 record on the way"]
    assert claimable(ledger, body)
    assert waiting("undelivered") == []


def test_redrive_sends_a_notification_that_was_never_claimed(
    run: Any, keep: Any, waiting: Waiting, ledger: DynamoLedger, a_notification: Any
) -> None:
    """SQS moved its record after too many receives, before any claim."""
    keep(encode(a_notification()))

    run("redrive", "--yes")

    assert claimable(ledger, *waiting("deliver-team-slack"))


def test_redrive_deletes_the_record_of_a_delivered_notification(
    run: Any, settle: Any, keep: Any, waiting: Waiting
) -> None:
    keep(encode(settle("mail")), "refused at first")

    assert run("redrive", "--yes").out == "nothing can be sent again\n"
    assert waiting("deliver-mail") + waiting("undelivered") == []


def test_redrive_keeps_records_of_removed_channels_and_sends_the_others(
    run: Any, settle: Any, keep: Any, waiting: Waiting
) -> None:
    """The ledger keeps the rows of a removed or renamed channel for months."""
    keep(encode(settle("old-slack", reason="is_archived")), "is_archived")
    keep(encode(settle("mail", reason="NotFound")), "NotFound")
    keep('{"detail-type": "Braket Task State Change"}')

    done = run("redrive", "--yes")

    assert done.out.splitlines()[-1] == "✓ 2 records on the way"
    assert "(old-slack is no longer a channel)" in done.out
    assert (len(waiting("deliver-mail")), len(waiting("events"))) == (1, 1)
    assert len(waiting("undelivered")) == 1


def test_redrive_puts_an_event_back_into_the_events_queue(run: Any, keep: Any, waiting: Waiting) -> None:
    keep('{"detail-type": "Braket Task State Change"}')

    assert run("redrive", "--yes").out.endswith("✓ 1 record on the way\n")
    assert waiting("events") == ['{"detail-type": "Braket Task State Change"}']


@pytest.mark.parametrize(
    ("recorded", "reported", "removed"),
    [
        ("COMPLETED", "COMPLETED", True),
        ("COMPLETED", "RUNNING", True),
        ("COMPLETED, not enqueued", "COMPLETED", False),
        ("RUNNING", "COMPLETED", False),
        ("COMPLETED", "FAILED", False),  # it may be a correction
    ],
)
def test_redrive_removes_an_event_whose_change_was_announced_meanwhile(
    run: Any, keep: Any, waiting: Waiting, swept: Any, an_event: Any, recorded: str, reported: str, *, removed: bool
) -> None:
    swept(recorded)
    keep(json.dumps(an_event(reported)))

    done = run("redrive", "--yes")

    said = "✓ 1 event removed, because the sweep announced the change meanwhile"
    assert (said in done.out) is removed
    assert len(waiting("events")) == int(not removed)
    assert waiting("undelivered") == []


@pytest.fixture
def swept(snapshots: DynamoSnapshots, a_task: Any) -> Callable[[str], None]:
    """The sweep's row of the quantum task, enqueued or not."""

    def record(recorded: str) -> None:
        status, _, waits = recorded.partition(", ")
        now = datetime.now(UTC)
        row = snapshots.record(a_task(status), Step(status, now, "sweep"), announce=True, now=now).row
        if not waits:
            snapshots.dispatched(row, now)

    return record


def test_redrive_keeps_an_unreadable_record_with_its_reason(run: Any, keep: Any, waiting: Waiting) -> None:
    keep('{"detail-type": "Braket Task State Change"}', "names 0 ARNs")

    done = run("redrive", "--yes")

    assert done.out.splitlines()[0].endswith("(names 0 ARNs)")
    assert len(waiting("undelivered")) == 1


def test_redrive_changes_nothing_without_a_confirmation(run: Any, settle: Any, keep: Any, waiting: Waiting) -> None:
    keep(encode(settle("mail", reason="NotFound")), "NotFound")

    assert "Send 1 record again?" in run("redrive").out
    assert waiting("deliver-mail") == []
    assert len(waiting("undelivered")) == 1
