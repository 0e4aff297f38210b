"""Records and rows of a newer version, during a rolling deployment and after a rollback."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.dynamodb.delivery_keys import card_key, delivery_key, group_key, lease_key
from braket_notifier.adapters.dynamodb.groups import DynamoGroups
from braket_notifier.adapters.dynamodb.table import Row, Table
from braket_notifier.adapters.https.endpoint import Endpoint
from braket_notifier.adapters.https.services import service
from braket_notifier.bootstrap import channels, shared, tracking
from braket_notifier.domain.notification import Notification, Wake
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import OWN_STATUSES, Snapshot
from braket_notifier.domain.transition import Step
from braket_notifier.grouping.group import Group
from braket_notifier.rendering.compose import message_of
from braket_notifier.sending import wire
from braket_notifier.sending.wire import decode, encode, encode_wake
from local.story.workspace import KEY
from tests import canary
from tests.lambdas.conftest import Account, Context
from tests.prove.wire import Treatment, Wire, http

ANotification = Callable[..., Notification]
ASnapshot = Callable[..., Snapshot]
Function = Callable[[dict[str, Any]], Any]
Deliver = Callable[..., int]


@pytest.fixture
def functions(account: Account, context: Context) -> dict[str, Function]:
    return {each: partial(account.function(each), context=context) for each in ("deliver", "observe", "sweep")}


@pytest.fixture
def deliver(functions: dict[str, Function], account: Account) -> Deliver:
    """Deliver a batch of Slack's queue, and count the records that stay in it."""

    def deliver(*bodies: str, **batch: Any) -> int:
        return len(functions["deliver"](account.batch("slack", *bodies, **batch))["batchItemFailures"])

    return deliver


@pytest.fixture
def write(account: Account) -> Callable[..., None]:  # noqa: ARG001 - the tables
    """Change attributes of a row, as a newer version may have done before a rollback."""

    def write(table: str, key: Row, **attributes: object) -> None:
        values = {f":{name}": value for name, value in attributes.items()}
        Table(boto3.client("dynamodb"), table).update(key, {name: f":{name}" for name in attributes}, values)

    return write


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch, noon: datetime) -> Callable[[timedelta], None]:
    def wait(passed: timedelta) -> None:
        monkeypatch.setattr(shared, "now", lambda: noon + passed)

    return wait


def changed(notification: Notification, **members: object) -> str:
    return json.dumps(json.loads(encode(notification)) | members)


#: Records that the next version may put into a channel's queue.
NEXT = [
    {"version": 2},
    {"kind": "device"},
    {"source": "replay"},
    {"status": "SPENT"},
]


@pytest.mark.parametrize("members", NEXT, ids=str)
def test_a_record_of_the_next_version_is_deferred_and_the_rest_of_its_batch_is_delivered(
    deliver: Deliver,
    account: Account,
    a_notification: ANotification,
    members: dict[str, object],
) -> None:
    body = changed(a_notification(number=1), **members)

    failed = deliver(body, encode(a_notification(number=2)))

    assert failed == 1
    assert account.deferred == [("QUEUE_URL", 5)]
    assert account.waiting("undelivered") == []
    assert [each.id for each, _ in account.channel.taken] == [a_notification(number=2).id]


def test_a_record_of_a_kind_that_the_next_version_adds_is_deferred(deliver: Deliver, account: Account) -> None:
    failed = deliver('{"sums": "2026-W48", "channel": "team-slack"}')

    assert failed == 1
    assert account.waiting("undelivered") == []


def test_records_of_the_next_version_are_delivered_once_after_a_rolling_deployment(
    deliver: Deliver,
    account: Account,
    a_notification: ANotification,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The consumer of one channel is updated while the next version's producers run."""
    body = changed(a_notification(), status="SPENT")
    for receives in (1, 2, 3):
        deliver(body, receives=receives)
    monkeypatch.setattr(wire, "OWN_STATUSES", OWN_STATUSES | {"SPENT"})

    for receives in (4, 5):
        deliver(body, receives=receives)

    assert account.deferred == [("QUEUE_URL", 5), ("QUEUE_URL", 10), ("QUEUE_URL", 20)]
    assert [each.transition.status for each, _ in account.channel.taken] == ["SPENT"]


@pytest.fixture(params=["teams", "discord", "webhook"])
def server(
    request: pytest.FixtureRequest,
    account: Account,  # noqa: ARG001 - the environment first
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Wire]:
    """The service of a channel of this type, with its real adapter."""
    compose = partial(message_of, policy=policy, channel="team-slack")
    monkeypatch.setenv("CHANNEL_TYPE", request.param)
    with Wire(Treatment(answer=http(200, '{"id":"77"}', "application/json"), accepts=True)) as opened:
        address = Endpoint(canary.Secret(canary.HOOK_URL), "hooks.example.org", opened.url)
        built = service(request.param, address, canary.Secret(KEY), compose, shared.now)
        monkeypatch.setattr(channels, "channel", lambda: built)
        yield opened


def test_a_service_gets_the_records_of_two_versions_once_each_after_a_rolling_deployment(
    deliver: Deliver,
    account: Account,
    server: Wire,
    a_notification: ANotification,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    newer, ours = changed(a_notification(number=1), status="SPENT"), encode(a_notification(number=2))
    for receives in (1, 2):
        assert deliver(newer, ours, receives=receives) == 1
    before = len(server.requests)
    monkeypatch.setattr(wire, "OWN_STATUSES", OWN_STATUSES | {"SPENT"})

    for receives in (3, 4):
        assert deliver(newer, ours, receives=receives) == 0

    assert (before, len(server.requests)) == (1, 2)
    assert account.waiting("undelivered") == []


@pytest.mark.parametrize("server", ["discord"], indirect=True)
def test_a_card_of_a_newer_version_counts_as_none_so_that_discord_gets_one_new_post(
    deliver: Deliver, server: Wire, a_notification: ANotification, write: Callable[..., None]
) -> None:
    running, end = a_notification("RUNNING"), a_notification("COMPLETED")
    deliver(encode(replace(running, silent=True)))
    write("deliveries", card_key("team-slack", end.transition.arn), format=2)

    deliver(encode(end))
    deliver(encode(end))

    assert [each.split(b" ")[0] for each in server.requests] == [b"POST", b"POST"]


@pytest.mark.parametrize(
    ("hours", "receives", "given_up"),
    [
        (71, 400, False),
        (73, 400, True),
        (24 * 9, 20, False),  # the function did not run for nine days
    ],
)
def test_a_record_of_a_newer_version_is_kept_as_undelivered_after_72_hours_of_attempts(
    deliver: Deliver,
    account: Account,
    a_notification: ANotification,
    later: Callable[[timedelta], None],
    capsys: pytest.CaptureFixture[str],
    *,
    hours: int,
    receives: int,
    given_up: bool,
) -> None:
    body = changed(a_notification(), version=2)
    later(timedelta(hours=hours))

    failed = deliver(body, receives=receives)

    kept = account.waiting("undelivered")
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["Body"] for each in kept] == [body] * given_up
    assert failed == int(not given_up)
    assert sum(sum(line.get("UnknownWords", [0])) for line in counted) == int(given_up)
    if given_up:
        reason = kept[0]["MessageAttributes"]["reason"]["StringValue"]
        assert reason == "version 2 is not known to this version; no newer version was deployed within 72 hours"


#: Rows of the table `deliveries` after a rollback, by what the newer version wrote.
LEDGER = [
    {"state": "PASSED_ON"},
    {"format": 2},
    {"attempts": "three"},
]


@pytest.mark.parametrize("attributes", LEDGER, ids=str)
def test_a_ledger_row_of_a_newer_version_defers_its_notification_alone(
    deliver: Deliver,
    account: Account,
    a_notification: ANotification,
    write: Callable[..., None],
    attributes: dict[str, object],
) -> None:
    """An unknown state is no end, because then the record would be deleted and the notification lost."""
    first = a_notification(number=1)
    key = delivery_key("team-slack", first.transition.arn, "COMPLETED")
    write("deliveries", key, **{"state": "CLAIMED", "owner": "x", "lease_until": 0, **attributes})
    failed = deliver(*(encode(a_notification(number=number)) for number in (1, 2)))

    assert failed == 1
    assert account.waiting("undelivered") == []
    assert [each.id for each, _ in account.channel.taken] == [a_notification(number=2).id]


def test_a_ledger_row_of_a_newer_version_stops_no_digest(
    deliver: Deliver,
    account: Account,
    a_notification: ANotification,
    write: Callable[..., None],
    later: Callable[[timedelta], None],
) -> None:
    """Three are sent singly, three wait for a digest, and one of these has a state that only a newer version knows."""
    bodies = [encode(a_notification(number=number)) for number in range(6)]
    deliver(*bodies)
    left = [body for body in bodies if decode(body).id not in {each.id for each, _ in account.channel.taken}]
    arn = decode(left[0]).transition.arn
    write("deliveries", delivery_key("team-slack", arn, "COMPLETED"), state="PASSED_ON")
    later(timedelta(minutes=16))

    deliver(*left[1:])

    [digest] = list[Any](each for each, _ in account.channel.taken[3:])
    assert set(digest.news) == {decode(body).id for body in left[1:]}


@pytest.mark.parametrize("attributes", [{"format": 2}, {"words": "[]"}, {"words": '{"episode": "first"}'}], ids=str)
def test_a_group_row_of_a_newer_version_defers_its_notifications_and_stops_no_other_group(
    deliver: Deliver,
    account: Account,
    a_notification: ANotification,
    write: Callable[..., None],
    noon: datetime,
    attributes: dict[str, object],
) -> None:
    groups = DynamoGroups(Table(boto3.client("dynamodb"), "deliveries"))
    for key in ("batch a", "batch b"):
        groups.save("team-slack", key, Group(), now=noon, visit_at=noon)
    write("deliveries", group_key("team-slack", "batch a"), **attributes)
    mine, other = (tagged(a_notification(number=number), batch) for number, batch in enumerate("ab"))

    failed = deliver(mine, other, encode_wake(Wake("team-slack")))

    assert failed == 1
    assert account.waiting("undelivered") == []
    assert [each.id for each, _ in account.channel.taken] == [decode(other).id]


def tagged(notification: Notification, batch: str) -> str:
    words = json.loads(encode(notification))
    return json.dumps({**words, "detail": {**words["detail"], "tags": {"batch": batch}}})


@pytest.mark.parametrize(
    "attributes",
    [
        {"not_before": {"at": "2026-11-20T12:00:00Z"}},
        {"down_since": 7, "class": "throttled", "next_try": "soon"},
        {"format": 2},
    ],
    ids=str,
)
def test_a_lease_row_of_a_newer_version_stops_neither_its_channel_nor_the_sweep_s_measures(
    deliver: Deliver,
    functions: dict[str, Function],
    account: Account,
    a_notification: ANotification,
    write: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    attributes: dict[str, object],
) -> None:
    write("deliveries", lease_key("team-slack"), **attributes)

    functions["sweep"]({})
    deliver(encode(a_notification()))

    assert "RefusingChannels" in capsys.readouterr().out
    assert [each.id for each, _ in account.channel.taken] == [a_notification().id]


#: Rows of the table `snapshots` after a rollback.
SNAPSHOTS = [
    {"format": 2},
    {"history": "CREATED, QUEUED"},
    {"dispatched": "all"},
]


@pytest.fixture
def two_tasks_queued(functions: dict[str, Function], account: Account, a_task: ASnapshot) -> None:
    for number in (1, 2):
        queued = a_task("QUEUED", number)
        account.braket.knows[queued.arn] = queued
        tracking.tracking_ports().snapshots.record(
            queued, Step("QUEUED", None, "event"), announce=False, now=shared.now()
        )
    functions["sweep"]({})


@pytest.mark.usefixtures("two_tasks_queued")
@pytest.mark.parametrize("attributes", SNAPSHOTS, ids=str)
def test_a_snapshot_row_of_a_newer_version_defers_its_event_and_stops_no_sweep(
    functions: dict[str, Function],
    account: Account,
    a_task: ASnapshot,
    an_event: Callable[..., dict[str, Any]],
    write: Callable[..., None],
    *,
    caplog: pytest.LogCaptureFixture,
    attributes: dict[str, object],
) -> None:
    write("snapshots", {"arn": a_task(number=1).arn.text}, **attributes)
    for number in (1, 2):
        account.braket.knows[a_task(number=number).arn] = a_task("COMPLETED", number)

    answer = functions["observe"](account.batch("events", json.dumps(an_event("COMPLETED", 1))))
    swept = functions["sweep"]({})

    assert len(answer["batchItemFailures"]) == 1
    assert account.waiting("undelivered") == []
    assert swept["found"] == 1
    assert "unreadable row or summary skipped" in caplog.messages
    assert "sweep of a region ended early" not in caplog.messages
    assert [decode(each["Body"]).transition.arn for each in account.waiting("slack")] == [a_task(number=2).arn]


def test_a_settings_row_of_a_newer_version_leaves_the_deployed_settings_in_force(
    functions: dict[str, Function],
    account: Account,
    a_task: ASnapshot,
    an_event: Callable[..., dict[str, Any]],
    write: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    write("snapshots", {"arn": "settings"}, revision=3, muted_until={"team-slack": {"until": "tomorrow"}})
    account.braket.knows[a_task().arn] = a_task("COMPLETED")

    functions["observe"](account.batch("events", json.dumps(an_event("COMPLETED"))))

    assert len(account.waiting("slack")) == 1
    assert "published settings could not be applied" in caplog.messages
