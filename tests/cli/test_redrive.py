"""`redrive` sends what is undelivered again, after a question, and repeats nothing that was delivered."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.delivery_keys import delivery_key
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.cli.undelivered.records import Kept, give_back
from braket_notifier.domain.announcement import announcement, arn_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Step
from braket_notifier.sending.wire import decode, encode
from tests.cli.conftest import HOME, NAME
from tests.cli.test_replay import Waiting, claimable


@pytest.fixture
def redrive(run: Any) -> Callable[..., Any]:
    """The command, which does not wait for the outcome."""
    return lambda *words: run("redrive", "--timeout", "0.001", *words)


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
    redrive: Any, settle: Any, keep: Any, waiting: Waiting, ledger: DynamoLedger
) -> None:
    given_up = settle("team-slack", reason="channel_not_found")
    keep(encode(given_up), "channel_not_found")

    done = redrive("--yes")

    [body] = waiting("deliver-team-slack")
    printed = f"team-slack: COMPLETED of {given_up.transition.arn} (channel_not_found)"
    assert done.out.splitlines()[:2] == [printed, "✓ 1 record on the way"]
    assert claimable(ledger, body)
    assert waiting("undelivered") == []


def test_redrive_sends_a_notification_that_was_never_claimed(
    redrive: Any, keep: Any, waiting: Waiting, ledger: DynamoLedger, a_notification: Any
) -> None:
    """SQS moved its record after too many receives, before any claim."""
    keep(encode(a_notification()))

    redrive("--yes")

    assert claimable(ledger, *waiting("deliver-team-slack"))


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_redrive_names_a_notice_of_a_budget_without_its_amount(redrive: Any, keep: Any, words: list[str]) -> None:
    shown = Snapshot(arn_of("spending", HOME), "CREATED")
    keep(encode(announcement(shown, "BUDGET 80 of 73.19 since 2026-11-01", "team-slack")))

    done = redrive("--yes", *words)

    assert "BUDGET 80" in done.out
    assert "73.19" not in done.out


def test_redrive_deletes_the_record_of_a_delivered_notification(
    redrive: Any, settle: Any, keep: Any, waiting: Waiting
) -> None:
    keep(encode(settle("mail")), "refused at first")

    assert redrive("--yes").out.splitlines()[1:] == ["✓ 1 record removed, because the change was announced meanwhile"]
    assert waiting("deliver-mail") + waiting("undelivered") == []


def test_redrive_keeps_records_of_removed_channels_and_sends_the_others(
    redrive: Any, settle: Any, keep: Any, waiting: Waiting
) -> None:
    """The ledger keeps the rows of a removed or renamed channel for months."""
    keep(encode(settle("old-slack", reason="is_archived")), "is_archived")
    keep(encode(settle("mail", reason="NotFound")), "NotFound")
    keep('{"detail-type": "Braket Task State Change"}')

    done = redrive("--yes")

    assert "✓ 2 records on the way" in done.out
    assert "(old-slack is no longer a channel)" in done.out
    counted = "old-slack is no longer a channel and has 1 notification: `--from old-slack --to CHANNEL`"
    assert counted in done.out
    assert (len(waiting("deliver-mail")), len(waiting("events"))) == (1, 1)
    assert len(waiting("undelivered")) == 1


def test_redrive_puts_an_event_back_into_the_events_queue(redrive: Any, keep: Any, waiting: Waiting) -> None:
    keep('{"detail-type": "Braket Task State Change"}')

    assert redrive("--yes").out.endswith("✓ 1 record on the way\n")
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
    redrive: Any, keep: Any, waiting: Waiting, swept: Any, an_event: Any, recorded: str, reported: str, *, removed: bool
) -> None:
    swept(recorded)
    keep(json.dumps(an_event(reported)))

    done = redrive("--yes")

    said = "✓ 1 record removed, because the change was announced meanwhile"
    assert (said in done.out) is removed
    assert len(waiting("events")) == int(not removed)
    assert waiting("undelivered") == []


def test_redrive_asks_before_it_removes_an_event_whose_change_was_announced_meanwhile(
    redrive: Any, keep: Any, waiting: Waiting, swept: Any, an_event: Any
) -> None:
    swept("COMPLETED")
    keep(json.dumps(an_event("COMPLETED")))

    done = redrive()

    assert done.out.splitlines()[0].startswith("announced meanwhile: an event: ")
    assert "Remove 1 record announced meanwhile? Not done" in done.out
    assert len(waiting("undelivered")) == 1


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


def test_redrive_keeps_an_unreadable_record_with_its_reason(redrive: Any, keep: Any, waiting: Waiting) -> None:
    keep('{"detail-type": "Braket Task State Change"}', "names 0 ARNs")

    done = redrive("--yes")

    assert done.out.splitlines()[0].endswith("(names 0 ARNs)")
    assert len(waiting("undelivered")) == 1


def test_redrive_changes_nothing_without_a_confirmation(redrive: Any, settle: Any, keep: Any, waiting: Waiting) -> None:
    keep(encode(settle("mail", reason="NotFound")), "NotFound")

    done = redrive()

    assert "Send 1 record again?" in done.out
    assert done.code == 2
    assert waiting("deliver-mail") == []
    assert len(waiting("undelivered")) == 1


@pytest.fixture
def spoil(ledger: DynamoLedger) -> Callable[..., None]:  # noqa: ARG001 - its table
    """Change attributes of a notification's row."""

    def spoil(notification: Notification, /, **attributes: object) -> None:
        key = delivery_key(notification.channel, notification.transition.arn, notification.transition.status)
        values = {f":{name}": value for name, value in attributes.items()}
        table = Table(boto3.client("dynamodb", HOME), "deliveries")
        table.update(key, {name: f":{name}" for name in attributes}, values)

    return spoil


@pytest.mark.parametrize(
    "attributes", [{"notification": "{}"}, {"notification": '{"version": 2}'}, {"format": 2}], ids=str
)
def test_redrive_names_an_unreadable_row_and_sends_the_others(
    redrive: Any, settle: Any, waiting: Waiting, spoil: Callable[..., None], attributes: dict[str, object]
) -> None:
    spoil(settle("team-slack", reason="is_archived"), **attributes)
    settle("mail", reason="NotFound")

    done = redrive("--yes")

    assert done.err.count("skipped: ") == 1
    assert (len(waiting("deliver-mail")), len(waiting("deliver-team-slack"))) == (1, 0)


def test_redrive_sends_the_notifications_of_a_removed_channel_to_another_once(
    redrive: Any, settle: Any, keep: Any, waiting: Waiting, ledger: DynamoLedger
) -> None:
    keep(encode(settle("old-slack", reason="is_archived")), "is_archived")

    done = redrive("--from", "old-slack", "--to", "mail", "--yes")
    again = redrive("--from", "old-slack", "--to", "mail", "--yes")

    [body] = waiting("deliver-mail")
    assert decode(body).channel == "mail"
    assert claimable(ledger, body)
    assert done.out.splitlines()[0].startswith("mail: COMPLETED of ")
    assert again.out == "nothing can be sent again\n"
    assert waiting("undelivered") == []


def test_redrive_does_not_send_to_another_channel_what_that_channel_has(
    redrive: Any, settle: Any, keep: Any, waiting: Waiting
) -> None:
    settle("mail")
    keep(encode(settle("old-slack", reason="is_archived")), "is_archived")

    redrive("--from", "old-slack", "--to", "mail", "--yes")

    assert waiting("deliver-mail") + waiting("undelivered") == []


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--from", "old-slack"], "--from and --to belong together"),
        (["--from", "mail", "--to", "team-slack"], "mail is a channel"),
        (["--from", "old-slack", "--to", "lab"], "lab is not a channel"),
    ],
)
@pytest.mark.usefixtures("stack")
def test_redrive_refuses_to_send_from_or_to_a_channel_that_does_not_fit(
    redrive: Any, words: list[str], error: str
) -> None:
    done = redrive(*words)

    assert done.code == 2
    assert error in done.err


def test_redrive_drops_the_listed_records_that_cannot_be_sent_and_nothing_that_arrives_meanwhile(
    redrive: Any, keep: Any, waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep("no JSON", "not JSON")
    keep('{"version": 2}', "version 2 is not known to this version")

    def answer(_: str) -> str:
        keep("another", "arrived meanwhile")
        return "y"

    monkeypatch.setattr("braket_notifier.cli.show.sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("braket_notifier.cli.show.input", answer, raising=False)

    done = redrive("--drop")

    assert sorted(done.out.splitlines()) == [
        "drops: no JSON (not JSON)",
        'drops: {"version": 2} (version 2 is not known to this version)',
        "✓ 2 records dropped",
    ]
    assert waiting("undelivered") == ["another"]


def test_redrive_keeps_unreadable_records_without_the_option_to_drop_them(
    redrive: Any, keep: Any, waiting: Waiting
) -> None:
    keep('{"version": 2}', "version 2 is not known to this version")

    assert redrive("--yes").out.splitlines()[-2:] == [
        "`--drop` removes the 1 record that cannot be sent",
        "nothing can be sent again",
    ]
    assert waiting("undelivered") == ['{"version": 2}']


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        ("AWS.SimpleQueueService.MessageNotInflight", False),
        ("InvalidParameterValue", False),  # as SQS words it of a record that was received since
        ("AccessDenied", True),
    ],
)
def test_records_that_are_visible_again_after_a_late_answer_need_no_giving_back(code: str, *, raised: bool) -> None:
    """An operator who reads for longer than the records are hidden."""
    error = ClientError({"Error": {"Code": code, "Message": ""}}, "ChangeMessageVisibility")

    class Refusing:
        def change_message_visibility(self, **_: object) -> None:
            raise error

    place: Any = SimpleNamespace(client=lambda _: Refusing(), queue=lambda _: "url")

    with pytest.raises(ClientError) if raised else nullcontext():
        give_back(place, [Kept("receipt", "no JSON", "not JSON", None)])


def test_redrive_reports_what_became_of_each_notification(
    run: Any, settle: Any, waiting: Waiting, ledger: DynamoLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle("team-slack", reason="is_archived")
    settle("mail", reason="NotFound")

    def deliver(_: float) -> None:
        now = datetime.now(UTC)
        for name in ("team-slack", "mail"):
            for notification in map(decode, waiting(f"deliver-{name}")):
                ledger.claim(notification, owner="test", now=now)
                if name == "mail":
                    ledger.delivered(notification, now=now)
                else:
                    ledger.undelivered(notification, owner="test", reason="not_in_channel", now=now)

    monkeypatch.setattr("braket_notifier.cli.commands.redrive.sleep", deliver)

    done = run("redrive", "--yes")

    assert done.code == 1
    assert "✓ 1 notification accepted" in done.out
    assert "✗ team-slack refused COMPLETED of" in done.out
    assert "again (not_in_channel)" in done.out
