"""Each function as Lambda calls it, with its partial failures, log lines and metrics."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.groups import DynamoGroups
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.bootstrap import deliver as senders
from braket_notifier.bootstrap import shared, tracking
from braket_notifier.braket import events
from braket_notifier.deliver import AGAIN_S
from braket_notifier.domain.announcement import announcement, arn_of
from braket_notifier.domain.notification import Closing, Notification, Wake
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.transition import Step
from braket_notifier.errors import BusyError, MendableError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.grouping.group import Group
from braket_notifier.sending.health import HEALTHY
from braket_notifier.sending.wire import decode, decode_record, encode, encode_closing, encode_wake
from tests.conftest import task_arn
from tests.lambdas.conftest import SETTINGS, counted, logged

ASnapshot = Callable[..., Snapshot]
AnEvent = Callable[..., dict[str, Any]]


def test_a_good_event_beside_three_bad_ones_is_announced(
    observe: Any,
    account: Any,
    context: Any,
    a_task: ASnapshot,
    an_event: AnEvent,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    account.braket.knows[a_task().arn] = a_task("COMPLETED")
    bad = ["{not json", json.dumps(an_event(account="999999999999")), json.dumps(an_event(region="us-west-1"))]

    answer = observe(account.batch("events", *bad, json.dumps(an_event("COMPLETED"))), context)

    lines = logged(capsys)
    (record,) = account.waiting("slack")
    kept = account.waiting("undelivered")
    assert answer == {"batchItemFailures": []}
    assert decode(record["Body"]).transition.status == "COMPLETED"
    assert sorted(each["Body"] for each in kept) == sorted(bad)
    assert all(each["MessageAttributes"]["reason"]["StringValue"] for each in kept)
    assert counted(lines, "UnknownWords") == 3
    assert caplog.messages.count("event kept as undelivered") == 3


def test_each_event_is_parsed_once(
    observe: Any, account: Any, context: Any, an_event: AnEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def parse(body: str, watch: events.Watch) -> object:
        parsed.append(body)
        return parse_event(body, watch)

    parse_event = events.parse_event
    monkeypatch.setattr(events, "parse_event", parse)
    bodies = ["{not json", *[json.dumps(an_event("QUEUED", number)) for number in (1, 2)]]

    observe(account.batch("events", *bodies), context)

    assert sorted(parsed) == sorted(bodies)


@pytest.mark.parametrize("case", [("Qubit 17 is unhappy", 1), ("Internal device error", 0), ("", 0)])
def test_a_failure_without_an_explanation_is_counted_once(
    observe: Any,
    account: Any,
    context: Any,
    a_task: ASnapshot,
    an_event: AnEvent,
    capsys: pytest.CaptureFixture[str],
    case: tuple[str, int],
) -> None:
    reason, unexplained = case
    account.braket.knows[a_task().arn] = a_task("FAILED", failure_reason=reason)
    event = json.dumps(an_event("FAILED"))

    observe(account.batch("events", event, event), context)

    assert counted(logged(capsys), "UnknownWords") == unexplained


def test_a_deferred_event_fails_alone(
    observe: Any, account: Any, context: Any, a_task: ASnapshot, an_event: AnEvent
) -> None:
    account.braket.knows = {a_task().arn: BusyError("Throttling"), a_task(number=2).arn: a_task("COMPLETED", 2)}
    batch = account.batch("events", json.dumps(an_event("COMPLETED", 1)), json.dumps(an_event("COMPLETED", 2)))
    busy = next(each["messageId"] for each in batch["Records"] if "000000000001" in each["body"])

    answer = observe(batch, context)

    assert answer == {"batchItemFailures": [{"itemIdentifier": busy}]}
    assert [(queue, seconds > 0) for queue, seconds in account.deferred] == [("EVENTS_QUEUE_URL", True)]
    assert len(account.waiting("slack")) == 1


def test_a_batch_without_time_to_read_braket_comes_again(
    observe: Any, account: Any, context: Any, a_task: ASnapshot, an_event: AnEvent
) -> None:
    """After Lambda's timeout the whole batch would come again, minutes later."""
    account.braket.knows[a_task().arn] = a_task("COMPLETED")
    context.left_ms = 29_000

    answer = observe(account.batch("events", json.dumps(an_event("COMPLETED"))), context)

    assert len(answer["batchItemFailures"]) == 1
    assert account.braket.reads == []


def test_an_event_is_announced_alone_after_its_last_wait(
    observe: Any, account: Any, context: Any, an_event: AnEvent
) -> None:
    batch = account.batch("events", json.dumps(an_event("COMPLETED")), receives=4)

    answer = observe(batch, context)

    (record,) = account.waiting("slack")
    assert answer == {"batchItemFailures": []}
    assert decode(record["Body"]).transition.snapshot.degraded


@pytest.fixture
def requests(account: Any) -> list[str]:  # noqa: ARG001 - the session after it
    """Collect the functions' requests to DynamoDB and SQS in order."""
    made: list[str] = []
    clients.session().register("before-call", lambda **call: made.append(call["model"].name))
    return made


def test_a_new_event_costs_four_requests_and_a_duplicate_one(
    observe: Any, account: Any, context: Any, a_task: ASnapshot, an_event: AnEvent, requests: list[str]
) -> None:
    account.braket.knows = {a_task(number=n).arn: a_task("COMPLETED", n) for n in (1, 2)}
    observe(
        account.batch("events", json.dumps(an_event("COMPLETED", 2))), context
    )  # the first event also reads the region's start
    batches = [account.batch("events", json.dumps(an_event("COMPLETED"))) for _ in range(2)]
    made = []
    for batch in batches:
        requests.clear()
        observe(batch, context)
        made.append(list(requests))

    assert made == [["BatchGetItem", "UpdateItem", "SendMessageBatch", "UpdateItem"], ["BatchGetItem"]]


def test_a_sweep_that_finds_nothing_new_writes_its_cursor_and_nothing_else(
    sweep: Any, account: Any, context: Any, a_task: ASnapshot, requests: list[str]
) -> None:
    for number in range(20):
        account.braket.knows[a_task(number=number).arn] = a_task("QUEUED", number)
    for _ in range(2):  # the second one is the first to see the device
        sweep({}, context)
    requests.clear()
    account.braket.reads.clear()

    sweep({}, context)

    assert requests.count("UpdateItem") == 2  # to take and to return the cursor
    assert requests.count("Query") == 2  # relay and sweep share the open rows, and the groups to visit
    assert requests.count("BatchGetItem") == 1  # the times of the last sweeps
    assert requests.count("GetQueueAttributes") == 2  # the channel's queue, and undelivered
    # the regions of the last sweep, the region's devices, the channel's health, pushed settings
    assert requests.count("GetItem") == 4
    assert set(requests) == {"UpdateItem", "Query", "BatchGetItem", "GetItem", "GetQueueAttributes"}
    # the first and the last of the device's open tasks, whose positions show how the queue moves
    assert [each.id[-2:] for each in account.braket.reads] == ["00", "19"]


def test_an_unknown_status_is_counted_and_announced(
    observe: Any, account: Any, context: Any, a_task: ASnapshot, an_event: AnEvent, capsys: pytest.CaptureFixture[str]
) -> None:
    account.braket.knows[a_task().arn] = a_task("PAUSED", ended_at=a_task().ended_at)

    observe(account.batch("events", *[json.dumps(an_event("PAUSED"))] * 2), context)

    lines = logged(capsys)
    assert (counted(lines, "TransitionsDetected"), counted(lines, "UnknownWords")) == (
        1,
        1,
    )  # a duplicate is not counted
    assert len(account.waiting("slack")) == 1


def test_a_missing_table_fails_the_records_and_is_logged(
    observe: Any,
    account: Any,
    context: Any,
    an_event: AnEvent,
    a_task: ASnapshot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("SNAPSHOTS_TABLE", "no-such-table")
    account.braket.knows[a_task().arn] = a_task("COMPLETED")

    answer = observe(account.batch("events", json.dumps(an_event("COMPLETED"))), context)

    assert len(answer["batchItemFailures"]) == 1
    assert account.deferred == [("EVENTS_QUEUE_URL", 5)]
    assert "observation failed, SQS redelivers the record" in caplog.messages


def test_a_sweep_finds_a_task_without_events_and_counts_it(
    sweep: Any,
    account: Any,
    context: Any,
    a_task: ASnapshot,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    account.braket.knows[a_task().arn] = a_task("RUNNING")
    sweep({}, context)
    account.braket.knows[a_task().arn] = a_task("COMPLETED", ended_at=None)

    answer = sweep({}, context)

    assert answer == {"relayed": 0, "found": 1}
    assert counted(logged(capsys), "SweepFoundMissed") == 1  # the first sweep counts nothing as missed
    assert caplog.messages.count("first sweep of a region, what has ended before is not announced") == 1
    assert [decode(each["Body"]).transition.source for each in account.waiting("slack")] == ["sweep"]


def test_a_sweep_enqueues_recorded_transitions_that_are_not_dispatched(
    sweep: Any, account: Any, context: Any, a_task: ASnapshot, noon: datetime
) -> None:
    completed = a_task("COMPLETED")
    step = Step("COMPLETED", completed.ended_at, "event")
    tracking.tracking_ports().snapshots.record(completed, step, announce=True, now=noon - timedelta(minutes=2))

    assert sweep({}, context) == {"relayed": 1, "found": 0}
    assert len(account.waiting("slack")) == 1
    assert sweep({}, context) == {"relayed": 0, "found": 0}


def test_a_sweep_without_time_stops_in_order(sweep: Any, account: Any, context: Any, a_task: ASnapshot) -> None:
    account.braket.knows[a_task().arn] = a_task("RUNNING")
    context.left_ms = 19_000

    assert sweep({}, context) == {"relayed": 0, "found": 0}


def test_a_sweep_that_cannot_read_its_rows_is_logged(
    sweep: Any, account: Any, context: Any, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    boto3.client("dynamodb").delete_table(TableName="snapshots")

    assert sweep({}, context) == {"relayed": 0, "found": 0}
    assert "OldestSweepSeconds" not in capsys.readouterr().out
    assert account.waiting("slack") == []
    assert "some recorded transitions could not be read or enqueued" in caplog.messages


def test_a_busy_region_is_no_error_and_does_not_fail_the_sweep(
    sweep: Any, account: Any, context: Any, a_task: ASnapshot, caplog: pytest.LogCaptureFixture
) -> None:
    account.braket.listed = [a_task("RUNNING")]
    account.braket.knows[a_task().arn] = BusyError("ThrottlingException")

    assert sweep({}, context) == {"relayed": 0, "found": 0}
    levels = [each.levelname for each in caplog.records if each.message == "sweep of a region ended early"]
    assert levels == ["WARNING"]


def test_a_notification_is_delivered_once(
    deliver: Any,
    account: Any,
    context: Any,
    a_notification: Callable[[], Notification],
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = deliver(account.batch("slack", encode(a_notification()), encode(a_notification())), context)

    lines = logged(capsys)
    assert answer == {"batchItemFailures": []}
    assert [each.id for each, _ in account.channel.taken] == [a_notification().id]
    assert counted(lines, "NotificationsDelivered") == 1


def test_a_notification_held_for_its_group_is_no_failure(
    deliver: Any,
    account: Any,
    context: Any,
    a_notification: Callable[..., Notification],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Three are sent singly; the others wait in their own records for the webhook's interval."""
    answer = deliver(account.batch("slack", *(encode(a_notification(number=number)) for number in range(5))), context)

    lines = logged(capsys)
    assert len(account.channel.taken) == 3
    assert len(answer["batchItemFailures"]) == 2
    assert account.deferred == [("QUEUE_URL", 900)] * 2
    assert counted(lines, "NotificationsDelivered") == 3
    assert not any("NotificationsFailed" in line for line in lines)


def test_a_reminder_of_a_closed_card_is_finished(deliver: Any, account: Any, context: Any) -> None:
    reminder = encode_closing(Closing("team-slack", "batch ghz-scan", 0))

    assert deliver(account.batch("slack", reminder), context) == {"batchItemFailures": []}
    assert account.channel.taken == []


def test_a_wake_sends_what_a_mute_held(
    deliver: Any,
    account: Any,
    context: Any,
    a_notification: Callable[[], Notification],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy = shared.policy()
    muted = replace(policy, muted_until={"team-slack": shared.now() + timedelta(hours=5)})
    monkeypatch.setattr(shared, "policy", lambda: muted)
    held = deliver(account.batch("slack", encode(a_notification())), context)
    monkeypatch.setattr(shared, "policy", lambda: policy)

    woken = deliver(account.batch("slack", encode_wake(Wake("team-slack"))), context)

    assert len(held["batchItemFailures"]) == 1
    assert woken == {"batchItemFailures": []}
    assert [each.transition.arn for each, _ in account.channel.taken] == [a_notification().transition.arn]


@pytest.mark.parametrize(("days", "receives"), [(10, 20), (1, 500)])
def test_a_record_is_renewed_before_its_queue_deletes_it_or_gives_it_up(
    deliver: Any,
    account: Any,
    context: Any,
    a_notification: Callable[[], Notification],
    monkeypatch: pytest.MonkeyPatch,
    *,
    days: int,
    receives: int,
) -> None:
    """No chain of mutes holds a record for longer than fourteen days, no outage for more than a thousand receives."""
    muted = replace(shared.policy(), muted_until={"team-slack": shared.now() + timedelta(days=7)})
    monkeypatch.setattr(shared, "policy", lambda: muted)
    old, body = shared.now() - timedelta(days=days, seconds=1), encode(a_notification())

    answer = deliver(account.batch("slack", body, sent=old, receives=receives), context)

    assert answer == {"batchItemFailures": []}
    assert account.deferred == []
    attributes: Any = boto3.client("sqs").get_queue_attributes(
        QueueUrl=account.queues["slack"], AttributeNames=["ApproximateNumberOfMessagesDelayed"]
    )["Attributes"]
    assert attributes == {"ApproximateNumberOfMessagesDelayed": "1"}


def test_the_sweep_wakes_a_channel_with_a_group_that_nobody_visited(sweep: Any, account: Any, context: Any) -> None:
    groups, now = DynamoGroups(Table(boto3.client("dynamodb"), "deliveries")), shared.now()
    for key, late in (("batch early", timedelta(minutes=1)), ("batch late", timedelta(minutes=3))):
        groups.save("team-slack", key, Group(), now=now, visit_at=now - late)
        sweep({}, context)

    assert [decode_record(each["Body"]) for each in account.waiting("slack")] == [Wake("team-slack", shared.now())]


@pytest.mark.parametrize(
    ("minutes", "muted_h", "woken"),
    [
        (29, 0, 0),  # its records try it within a quarter of an hour
        (31, 0, 1),  # its queue is empty
        (31, 5, 0),  # the mute holds them
    ],
)
def test_the_sweep_wakes_a_channel_that_is_down_and_that_nobody_tries(
    sweep: Any,
    account: Any,
    context: Any,
    monkeypatch: pytest.MonkeyPatch,
    *,
    minutes: int,
    muted_h: int,
    woken: int,
) -> None:
    policy, now = shared.policy(), shared.now()
    down = HEALTHY.refused(MendableError("200 not_in_channel"), now - timedelta(minutes=minutes, seconds=2))
    leases = DynamoChannelLeases(Table(boto3.client("dynamodb"), "deliveries"))
    leases.save_health("team-slack", down, before=HEALTHY)
    muted = replace(policy, muted_until={"team-slack": now + timedelta(hours=muted_h)})
    monkeypatch.setattr(shared, "policy", lambda: muted)

    sweep({}, context)

    assert len(account.waiting("slack")) == woken


def test_the_lease_is_free_after_a_batch(
    deliver: Any, account: Any, context: Any, a_notification: Callable[[], Notification], noon: datetime
) -> None:
    deliver(account.batch("slack", encode(a_notification())), context)

    leases = DynamoChannelLeases(Table(boto3.client("dynamodb"), "deliveries"))
    assert leases.take("team-slack", owner="another", now=noon) is not None


def test_a_batch_waits_while_another_sender_holds_the_lease(
    deliver: Any,
    account: Any,
    context: Any,
    a_notification: Callable[[], Notification],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(senders, "take_lease", lambda _: None)

    answer = deliver(account.batch("slack", encode(a_notification())), context)

    assert len(answer["batchItemFailures"]) == 1
    assert account.channel.taken == []
    assert account.deferred == [("QUEUE_URL", AGAIN_S)]


@pytest.mark.parametrize(
    ("call", "failed", "waits"),
    [
        ("take", 2, [("QUEUE_URL", 5)] * 2),  # nothing was sent
        ("end", 0, []),  # everything was; the lease ends by itself
    ],
)
def test_a_failed_call_of_the_channel_lease_fails_no_invocation_and_brings_records_again_soon(
    deliver: Any,
    account: Any,
    context: Any,
    a_notification: Callable[..., Notification],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    call: str,
    failed: int,
    waits: list[tuple[str, int]],
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ConnectionError("DynamoDB")

    monkeypatch.setattr(DynamoChannelLeases, call, fails)
    bodies = [encode(a_notification()), encode(replace(a_notification(), silent=True))]

    answer = deliver(account.batch("slack", *bodies), context)

    assert len(answer["batchItemFailures"]) == failed
    assert account.deferred == waits
    assert broken(caplog) == ["ConnectionError"]


def test_a_lost_acknowledgement_is_counted_as_a_doubt(
    deliver: Any,
    account: Any,
    context: Any,
    a_notification: Callable[[], Notification],
    capsys: pytest.CaptureFixture[str],
) -> None:
    account.channel.raises = [UnacknowledgedError("timed out")]

    deliver(account.batch("slack", encode(a_notification())), context)

    assert counted(logged(capsys), "NotificationsAmbiguous") == 1


def test_a_rate_limited_channel_is_no_error_and_waits_as_long_as_asked(
    deliver: Any, account: Any, context: Any, a_notification: Callable[[], Notification]
) -> None:
    """Every record of the batch fails, and Lambda's error alarm stays silent."""
    account.channel.raises = [TryLaterError("429 ratelimited", after_s=30)]
    batch = account.batch("slack", encode(a_notification()))

    answer = deliver(batch, context)

    assert len(answer["batchItemFailures"]) == 1
    assert account.deferred == [("QUEUE_URL", 31)]


def test_an_unexpected_error_brings_the_record_again(
    deliver: Any, account: Any, context: Any, a_notification: Callable[[], Notification]
) -> None:
    account.channel.raises = [RuntimeError("a bug of ours")]

    answer = deliver(account.batch("slack", encode(a_notification()), encode(a_notification())), context)

    assert len(answer["batchItemFailures"]) == 2
    assert account.deferred[0] == ("QUEUE_URL", 5)  # not the queue's visibility timeout of minutes


@pytest.mark.parametrize("function", ["observe", "deliver"])
def test_a_record_that_cannot_be_deferred_comes_again_and_is_logged(
    request: pytest.FixtureRequest,
    account: Any,
    context: Any,
    an_event: AnEvent,
    a_notification: Callable[[], Notification],
    function: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The record becomes visible after the queue's own timeout, later than wanted."""
    account.braket.knows = {parse_arn(task_arn()): BusyError("Throttling")}
    account.channel.raises = [TryLaterError("429 ratelimited", after_s=30)]
    body = json.dumps(an_event("COMPLETED", 1)) if function == "observe" else encode(a_notification())
    batch = account.batch("events" if function == "observe" else "slack", body)
    batch["Records"][0]["receiptHandle"] = "no receipt"

    answer = request.getfixturevalue(function)(batch, context)

    assert len(answer["batchItemFailures"]) == 1
    assert broken(caplog) == ["ReceiptHandleIsInvalid"]


@pytest.mark.parametrize("function", ["observe", "deliver"])
def test_a_record_that_cannot_be_kept_comes_again_and_is_logged(
    request: pytest.FixtureRequest,
    account: Any,
    context: Any,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("UNDELIVERED_QUEUE_URL", f"{account.queues['undelivered']}-elsewhere")
    batch = account.batch("events" if function == "observe" else "slack", "nothing that anybody understands")

    answer = request.getfixturevalue(function)(batch, context)

    assert len(answer["batchItemFailures"]) == 1
    assert broken(caplog) == ["QueueDoesNotExist"]


def broken(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Collect the errors that were logged."""
    raised = (each.exc_info for each in caplog.records if each.levelname == "ERROR")
    return [info[0].__name__ for info in raised if info and info[0]]


def test_a_region_with_an_unexpected_error_stops_no_other(
    sweep: Any,
    account: Any,
    context: Any,
    a_task: ASnapshot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = replace(shared.policy(), regions=("us-east-1", "eu-north-1"))
    monkeypatch.setattr(shared, "policy", lambda: both)
    created = account.braket.created

    def broken(region: str, *arguments: Any) -> Any:
        if region == "us-east-1":
            raise ValueError("an unreadable summary")
        return created(region, *arguments)

    account.braket.created = broken
    account.braket.knows[a_task().arn] = a_task("RUNNING")

    answer = sweep({}, context)

    assert answer == {"relayed": 0, "found": 1}


def test_a_failed_relay_stops_no_region_s_sweep(
    sweep: Any,
    account: Any,
    context: Any,
    a_task: ASnapshot,
    noon: datetime,
) -> None:
    step = Step("COMPLETED", a_task().ended_at, "event")
    tracking.tracking_ports().snapshots.record(
        a_task("COMPLETED"), step, announce=True, now=noon - timedelta(minutes=2)
    )
    boto3.client("sqs").delete_queue(QueueUrl=account.queues["slack"])
    account.braket.knows[a_task(number=2).arn] = a_task("RUNNING", number=2)

    answer = sweep({}, context)

    assert answer == {"relayed": 0, "found": 1}


@pytest.mark.parametrize("cause", ["refused", "malformed"])
def test_a_refused_notification_is_kept_with_its_reason(
    deliver: Any,
    account: Any,
    context: Any,
    a_notification: Callable[[], Notification],
    cause: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    account.channel.raises = [RefusedError("200 channel_not_found")]
    body = encode(a_notification()) if cause == "refused" else '{"version": 1}'

    answer = deliver(account.batch("slack", body), context)

    (kept,) = account.waiting("undelivered")
    assert answer == {"batchItemFailures": []}
    assert kept["Body"] == body
    assert counted(logged(capsys), "NotificationsDelivered") == 0


#: The members of a record that the SQS console moved from `undelivered` into the channel's queue, as Lambda gets it.
REDRIVEN: list[dict[str, dict[str, object]]] = [
    {"messageAttributes": {"reason": {"stringValue": "200 channel_not_found", "dataType": "String"}}},
    {"attributes": {"DeadLetterQueueSourceArn": "arn:aws:sqs:eu-north-1:012345678901:slack"}},
]


@pytest.mark.parametrize("moved", REDRIVEN, ids=["with the reason", "with the queue it came from"])
def test_a_given_up_notification_that_the_console_moved_into_its_queue_is_sent_once(
    deliver: Any,
    account: Any,
    context: Any,
    a_notification: Callable[[], Notification],
    moved: dict[str, dict[str, object]],
) -> None:
    account.channel.raises = [RefusedError("200 channel_not_found")]
    deliver(account.batch("slack", encode(a_notification())), context)
    account.channel.raises = []
    for _ in range(2):
        batch = account.batch("slack", encode(a_notification()))
        for name, members in moved.items():
            batch["Records"][0][name] |= members
        assert deliver(batch, context) == {"batchItemFailures": []}

    assert [each.id for each, _ in account.channel.taken] == [a_notification().id]
    assert len(account.waiting("undelivered")) == 1


def test_a_duplicate_of_a_given_up_notification_is_kept_as_undelivered_and_not_sent(
    deliver: Any, account: Any, context: Any, a_notification: Callable[[], Notification]
) -> None:
    account.channel.raises = [RefusedError("200 channel_not_found")]
    for _ in range(2):
        deliver(account.batch("slack", encode(a_notification())), context)

    assert account.channel.taken == []
    assert len(account.waiting("undelivered")) == 2


@pytest.fixture
def without_lease(account: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - its environment, changed
    def refuse(_: str) -> None:
        raise AssertionError("a handler needs no lease")

    monkeypatch.setenv("CHANNEL_TYPE", "handler")
    monkeypatch.setenv("LEASE_S", "70")
    monkeypatch.setattr(senders, "take_lease", refuse)


@pytest.mark.usefixtures("without_lease")
def test_a_handler_needs_no_lease_and_gets_each_status(
    deliver: Any, account: Any, context: Any, a_notification: Callable[..., Notification]
) -> None:
    for status in ("COMPLETED", "RUNNING"):
        deliver(account.batch("slack", encode(a_notification(status))), context)

    assert [each.transition.status for each, _ in account.channel.taken] == ["COMPLETED", "RUNNING"]


@pytest.mark.usefixtures("without_lease")
@pytest.mark.parametrize("money", [True, False])
def test_a_handler_gets_no_notice_of_an_amount_after_a_deployment_without_costs(
    deliver: Any, account: Any, context: Any, noon: datetime, *, money: bool
) -> None:
    shared.SETTINGS.write_text(json.dumps(SETTINGS | {"money": money}))
    shown = Snapshot(arn_of("spending", "eu-north-1"), "CREATED", created_at=noon)
    notice = announcement(shown, "BUDGET full of 3 since 2026-11-20", "team-slack", at=noon)

    assert deliver(account.batch("slack", encode(notice)), context) == {"batchItemFailures": []}

    assert len(account.channel.taken) == money


@pytest.mark.usefixtures("without_lease")
def test_a_handler_that_raises_is_called_again_for_a_day_and_then_undelivered_with_the_reason(
    deliver: Any,
    account: Any,
    context: Any,
    a_notification: Callable[[], Notification],
    noon: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account.channel.raises = [UnacknowledgedError("ValueError in custom/mine.py, line 2")] * 1000
    body, waited_s, kept = encode(a_notification()), 0, list[Any]()
    while not kept:
        monkeypatch.setattr(shared, "now", lambda waited_s=waited_s: noon + timedelta(seconds=waited_s))
        answer = deliver(account.batch("slack", body), context)
        kept = account.waiting("undelivered")
        waited_s += account.deferred[-1][1]

    assert answer == {"batchItemFailures": []}
    assert 24 * 3600 < waited_s < 26 * 3600
    assert 90 < len(account.deferred) < 160
    assert kept[0]["Body"] == body
    assert kept[0]["MessageAttributes"]["reason"]["StringValue"] == "not accepted for 24 hours"


def test_a_sweep_counts_the_channels_that_refuse_until_they_accept_again(
    sweep: Any,
    deliver: Any,
    account: Any,
    context: Any,
    a_notification: Callable[..., Notification],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    *,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account.channel.raises = [None, MendableError("200 not_in_channel")]
    noon, lines = shared.now(), list[list[dict[str, Any]]]()
    for number in range(3):
        monkeypatch.setattr(shared, "now", lambda number=number: noon + number * timedelta(minutes=1))
        deliver(account.batch("slack", encode(a_notification(number=number))), context)
        capsys.readouterr()
        sweep({}, context)
        lines.append(logged(capsys))

    [down] = [vars(each) for each in caplog.records if each.message == "channel is down"]
    assert [counted(each, "RefusingChannels") for each in lines] == [0, 1, 0]
    assert (down["channel"], down["class"], down["reason"]) == ("team-slack", "mendable", "200 not_in_channel")


@pytest.mark.usefixtures("without_lease")
def test_a_handler_that_was_called_before_is_not_called_again(
    deliver: Any, account: Any, context: Any, a_notification: Callable[[], Notification]
) -> None:
    for _ in range(2):
        answer = deliver(account.batch("slack", encode(a_notification())), context)

    assert answer == {"batchItemFailures": []}
    assert len(account.channel.taken) == 1
