"""Notifications and reminders encoded as JSON and decoded."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from braket_notifier.domain.notification import Closing, Notification
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import MalformedNotificationError
from braket_notifier.sending.wire import decode, decode_record, encode, encode_closing


def test_a_notification_survives_its_queue(
    a_job: Callable[..., Snapshot], a_transition: Callable[..., Transition], noon: datetime
) -> None:
    job = a_job("FAILED", failure_reason="AlgorithmError: \x00 ünï 🟠", tags={"owner": "anna"}, degraded=True)
    transition = a_transition(job, running_at=noon, source="sweep", correction=True, version=4)
    notification = Notification(transition, "mail", silent=True, refresh=True)
    first = replace(notification, transition=a_transition(job, was=None, version=1))

    body = encode(notification)

    assert decode(body) == notification
    assert decode(encode(first)) == first
    assert body.isascii()


@pytest.mark.parametrize(
    "change", [{"version": 2}, {"kind": "device"}, {"detail": {}}, {"source": "x"}, {"at": "noon"}]
)
def test_a_foreign_record_is_refused(a_notification: Callable[[], Notification], change: dict[str, object]) -> None:
    body = json.dumps(json.loads(encode(a_notification())) | change)

    with pytest.raises(MalformedNotificationError):
        decode(body)


@pytest.mark.parametrize("body", ["", "null", "[]", "{}", '"text"', "[" * 100_000])
def test_a_record_that_is_no_json_object_is_refused(body: str) -> None:
    with pytest.raises(MalformedNotificationError):
        decode(body)


def test_a_reminder_survives_its_queue_beside_notifications(a_notification: Callable[[], Notification]) -> None:
    reminder = Closing("team-slack", f"batch {'x' * 256}", 3)

    assert decode_record(encode_closing(reminder)) == reminder
    assert decode_record(encode(a_notification())) == a_notification()


@pytest.mark.parametrize(
    "body",
    [
        *("", "null", "[]", "{}", '{"closes": "x"}'),
        *('{"closes": "x", "channel": "c", "episode": []}', '{"closes": "x", "channel": "c", "episode": Infinity}'),
    ],
)
def test_a_record_of_another_kind_is_refused(body: str) -> None:
    with pytest.raises(MalformedNotificationError):
        decode_record(body)
