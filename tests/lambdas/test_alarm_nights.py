"""For each alarm a fault that must raise it and a busy night that must not, over the metrics that are really there."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from braket_notifier.bootstrap import shared
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Quiet
from braket_notifier.domain.resource import Snapshot
from braket_notifier.errors import BusyError, TryLaterError, UnacknowledgedError
from braket_notifier.sending.wire import encode
from tests.conftest import NOON
from tests.lambdas.night import ALARMS, CHANNEL, EVENTS, Night, waits

Play = Callable[[Night, Any], None]


@pytest.fixture
def parts(
    account: Any,  # noqa: ARG001 - the environment first
    a_task: Callable[..., Snapshot],
    an_event: Callable[..., dict[str, Any]],
    a_notification: Callable[..., Notification],
    monkeypatch: pytest.MonkeyPatch,
) -> SimpleNamespace:
    """The samples of a play, and what it changes of the installation."""

    def policy(**changes: Any) -> None:
        changed = replace(shared.policy(), **changes)
        monkeypatch.setattr(shared, "policy", lambda: changed)

    return SimpleNamespace(
        task=a_task,
        event=lambda status="COMPLETED", number=1, **envelope: json.dumps(an_event(status, number, **envelope)),
        notification=lambda number=1: encode(a_notification(number=number)),
        policy=policy,
        environment=monkeypatch.setenv,
    )


@pytest.fixture
def night(account: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Night:
    def load(name: str) -> Any:
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", name)
        return import_module(name)

    night = Night(account, load, capsys)
    monkeypatch.setattr(shared, "now", lambda: night.now)
    monkeypatch.setattr(shared, "visibility", waits(night))
    return night


# --- undelivered: what no retry can deliver ----------------------------------------------------------------------


def unparseable(night: Night, _: Any) -> None:
    night.event("{not json")
    night.passes(10)


def out_of_order(night: Night, parts: Any) -> None:
    """Forty events, each twice and the later status first."""
    for number in range(20):
        night.account.braket.knows[parts.task(number=number).arn] = parts.task("COMPLETED", number)
        for status in ("COMPLETED", "QUEUED", "COMPLETED"):
            night.event(parts.event(status, number))
    night.passes(10)


# --- channel-down: the channel accepts nothing any more ----------------------------------------------------------


def refusing(night: Night, parts: Any) -> None:
    night.account.channel.raises = [UnacknowledgedError("503 of the channel")] * 100
    night.put(CHANNEL, parts.notification())
    night.passes(16)


def quiet_and_slow(night: Night, parts: Any) -> None:
    """Quiet hours hold forty notifications until 13:00, then a digest meets a rate limit, then all is sent."""
    parts.policy(quiet={"team-slack": Quiet(time(11), time(13))})
    numbers = iter(range(1, 41))
    night.passes(40, lambda: night.put(CHANNEL, parts.notification(next(numbers))))
    night.account.channel.raises = [TryLaterError("429 ratelimited", after_s=20)]
    night.passes(80)
    assert night.account.channel.taken


# --- silent-sweep: a region is not swept -------------------------------------------------------------------------


def busy_region(night: Night, parts: Any, *, busy: Callable[[int], bool]) -> None:
    """Braket refuses one region's searches in those of the sweeps."""
    parts.policy(regions=("us-east-1", "eu-north-1"))
    created = night.account.braket.created

    def listed(region: str, *given: Any) -> Any:
        if region == "us-east-1" and busy(int((night.now - NOON) / timedelta(minutes=5))):
            raise BusyError("Throttling")
        return created(region, *given)

    night.account.braket.created = listed
    night.passes(40)


def unswept_region(night: Night, parts: Any) -> None:
    busy_region(night, parts, busy=lambda sweep: sweep > 0)


def every_other_sweep(night: Night, parts: Any) -> None:
    busy_region(night, parts, busy=lambda sweep: sweep % 2 == 1)


# --- waiting-events: events wait for observe, or for Braket ------------------------------------------------------


def throttled_for_an_hour(night: Night, parts: Any) -> None:
    """SQS's age forgets the event after three receives, within 15 seconds."""
    night.account.braket.knows[parts.task().arn] = BusyError("ThrottlingException")
    night.event(parts.event())
    night.passes(75)


def not_received(night: Night, parts: Any) -> None:
    night.unread = {EVENTS}
    night.event(parts.event())
    night.passes(45)


def throttled_for_ten_minutes(night: Night, parts: Any) -> None:
    """Thirty events of yesterday, as a redrive brings them, and Braket answers after ten minutes."""
    numbers = range(30)
    for number in numbers:
        night.account.braket.knows[parts.task(number=number).arn] = BusyError("ThrottlingException")
        night.event(parts.event(number=number, time="2026-11-19T11:53:01Z"))
    night.passes(10)
    for number in numbers:
        night.account.braket.knows[parts.task(number=number).arn] = parts.task("COMPLETED", number)
    night.passes(50)
    assert not night.queues[EVENTS].records


# --- refused-events: EventBridge can put an event nowhere --------------------------------------------------------


def both_closed(night: Night, parts: Any) -> None:
    night.passes(5)
    night.closed = {EVENTS, "undelivered"}
    night.event(parts.event())
    night.passes(10)


def delivered_late(night: Night, parts: Any) -> None:
    """EventBridge repeats by itself, and gives an hour's events at once."""
    night.passes(10)
    night.account.braket.knows[parts.task().arn] = parts.task("COMPLETED")
    for _ in range(50):
        night.event(parts.event())
    night.passes(10)


# --- unread-queue: records that no function receives -------------------------------------------------------------


def stalled(night: Night, _: Any) -> None:
    night.unread = {CHANNEL}
    boto3.client("sqs").send_message(QueueUrl=night.account.queues["slack"], MessageBody="x")
    night.passes(25)


def long_queue(night: Night, _: Any) -> None:
    """The function works on one record, and others wait."""
    night.unread = {CHANNEL}
    sqs: Any = boto3.client("sqs")
    for body in "xyz":
        sqs.send_message(QueueUrl=night.account.queues["slack"], MessageBody=body)
    sqs.receive_message(QueueUrl=night.account.queues["slack"], MaxNumberOfMessages=1, VisibilityTimeout=40_000)
    night.passes(25)


# --- errors: the functions fail ----------------------------------------------------------------------------------


def defect(night: Night, parts: Any) -> None:
    """Each of a quarter of an hour's events meets a defect."""
    numbers = iter(range(1, 100))

    def arrives() -> None:
        number = next(numbers)
        night.account.braket.knows[parts.task(number=number).arn] = ValueError("a defect")
        night.event(parts.event(number=number))

    night.passes(12, arrives)
    night.passes(8)


def one_defect(night: Night, parts: Any) -> None:
    """An event fails once, and Braket's own words contain ERROR."""
    night.account.braket.knows[parts.task().arn] = ValueError("a defect")
    night.event(parts.event())
    night.passes(2)
    failed = parts.task("FAILED", failure_reason="[ERROR] Task timed out", tags={"batch": "ERROR mitigation"})
    night.account.braket.knows[parts.task().arn] = failed
    night.passes(20)
    assert not night.queues[EVENTS].records


# --- unconfirmed-mailbox: an address gets no mail ----------------------------------------------------------------


def unsubscribed(night: Night, parts: Any) -> None:
    parts.environment("MAIL_TOPICS", json.dumps([[_topic("lab@example.org"), 2]]))
    night.passes(130)


def confirmed_late(night: Night, parts: Any) -> None:
    """The address confirms fifty minutes after the deployment."""
    parts.environment("MAIL_TOPICS", json.dumps([[topic := _topic("lab@example.org"), 2]]))
    night.passes(50)
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.org")
    night.passes(80)


def _topic(address: str) -> str:
    topic = boto3.client("sns").create_topic(Name="mail")["TopicArn"]
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint=address)  # moto confirms at once
    return topic


FAULTS: list[tuple[str, Play]] = [
    ("undelivered", unparseable),
    ("channel-down", refusing),
    ("silent-sweep", unswept_region),
    ("waiting-events", throttled_for_an_hour),
    ("waiting-events", not_received),
    ("refused-events", both_closed),
    ("unread-queue", stalled),
    ("errors", defect),
    ("unconfirmed-mailbox", unsubscribed),
]
BUSY: list[tuple[str, Play]] = [
    ("undelivered", out_of_order),
    ("channel-down", quiet_and_slow),
    ("silent-sweep", every_other_sweep),
    ("waiting-events", throttled_for_ten_minutes),
    ("refused-events", delivered_late),
    ("unread-queue", long_queue),
    ("errors", one_defect),
    ("unconfirmed-mailbox", confirmed_late),
]


def _named(given: object) -> str:
    return getattr(given, "__name__", str(given))


@pytest.mark.parametrize(("alarm", "fault"), FAULTS, ids=_named)
def test_a_fault_raises_its_alarm_and_no_other(night: Night, parts: Any, alarm: str, fault: Play) -> None:
    fault(night, parts)

    assert night.always_raised() == night.raised() == {alarm}


@pytest.mark.parametrize(("alarm", "play"), BUSY, ids=_named)
def test_a_busy_night_raises_no_alarm(night: Night, parts: Any, alarm: str, play: Play) -> None:  # noqa: ARG001 - its name
    play(night, parts)

    assert night.raised() == set()


def test_every_alarm_has_a_fault_and_a_busy_night() -> None:
    assert {alarm for alarm, _ in FAULTS} == {alarm for alarm, _ in BUSY} == set(ALARMS)
