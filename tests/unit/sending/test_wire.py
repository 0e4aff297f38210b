"""Notifications and reminders encoded as JSON and decoded."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from braket_notifier.braket.responses import LONGEST_KEY, MAX_EVENTS, MAX_MESSAGE, MAX_REASON, MOST_TAGS
from braket_notifier.domain.announcement import announcement, arn_of
from braket_notifier.domain.notification import Closing, Notification, Wake
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import LONGEST_TAG, OWN_STATUSES, RANKS, JobEvent, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import MalformedNotificationError, MendableError, NewerVersionError
from braket_notifier.rendering.formats.topic_json import to_json
from braket_notifier.sending.fallback import unreachable
from braket_notifier.sending.health import HEALTHY
from braket_notifier.sending.wire import decode, decode_record, encode, encode_closing, encode_wake


def test_a_notification_survives_its_queue(
    a_job: Callable[..., Snapshot], a_transition: Callable[..., Transition], noon: datetime
) -> None:
    job = a_job("FAILED", failure_reason="AlgorithmError: \x00 ünï 🟠", tags={"owner": "anna"}, degraded=True)
    job = replace(job, submitter="anna@example.org")
    transition = a_transition(job, running_at=noon, source="sweep", correction=True, version=4)
    notification = Notification(transition, "mail", silent=True, refresh=True)
    first = replace(notification, transition=a_transition(job, was=None, version=1))

    body = encode(notification)

    assert decode(body) == notification
    assert decode(encode(first)) == first


@pytest.mark.parametrize("letter", ["x", "ü", "\uffff", "🟠", '"', "\x01"])
@pytest.mark.parametrize("kind", ["task", "job"])
def test_a_notification_with_every_member_at_its_limit_fits_queue_row_and_topic(
    a_task: Callable[..., Snapshot],
    a_job: Callable[..., Snapshot],
    a_transition: Callable[..., Transition],
    noon: datetime,
    policy: Policy,
    kind: str,
    letter: str,
) -> None:
    """SQS and SNS accept 256 KiB in UTF-8, and a row of DynamoDB 400 KB."""
    events = tuple(JobEvent("x" * 64, noon, letter * MAX_MESSAGE) for _ in range(MAX_EVENTS))
    members = {
        "failure_reason": letter * MAX_REASON,
        "tags": {f"{number:02}{letter * (LONGEST_KEY - 2)}": letter * LONGEST_TAG for number in range(MOST_TAGS)},
        "directory": letter * 900,  # a job's is part of an S3 path
        "job_name": letter * 1024,
        "instance_type": letter * 1024,
    }
    ended = a_job("FAILED", events=events, **members) if kind == "job" else a_task("FAILED", **members)
    notification = Notification(a_transition(ended), "team-slack")

    body = encode(notification)

    assert decode(body) == notification
    assert not re.search("[\ufffe\uffff]", body)  # SQS refuses the whole record
    assert len(body.encode()) <= 256 * 1024
    assert len(to_json(notification, lambda: policy, may_repeat=True).encode()) <= 256 * 1024


#: Changes that the next version may make to a record.
NEXT = [
    {"version": 2},
    {"kind": "device"},
    {"source": "replay"},
    {"status": "SPENT"},  # a status of the notifier's own, beside Braket's in `detail`
]


@pytest.mark.parametrize("change", NEXT, ids=str)
def test_a_version_or_word_of_the_next_version_is_recognised(
    a_notification: Callable[[], Notification], change: dict[str, object]
) -> None:
    body = json.dumps(json.loads(encode(a_notification())) | change)

    for read in (decode, decode_record):
        with pytest.raises(NewerVersionError, match="is not known to this version"):
            read(body)


def test_a_record_of_a_kind_that_the_next_version_adds_is_recognised() -> None:
    with pytest.raises(NewerVersionError, match="unknown kind: channel, sums"):
        decode_record('{"sums": "2026-W48", "channel": "mail"}')


def test_a_record_of_the_version_before_has_no_submitter(a_notification: Callable[[], Notification]) -> None:
    words = json.loads(encode(a_notification()))
    del words["submitter"]

    assert decode(json.dumps(words)) == a_notification()


def test_a_member_that_the_next_version_adds_is_ignored(a_notification: Callable[[], Notification]) -> None:
    assert decode(json.dumps(json.loads(encode(a_notification())) | {"someday": "mail"})) == a_notification()


def test_what_a_fallback_gets_names_the_channel_that_cannot_be_reached(
    a_notification: Callable[[], Notification],
) -> None:
    passed = replace(a_notification(), passed_from="team-slack")

    assert decode(encode(passed)) == passed
    assert json.loads(encode(passed))["for"] == "team-slack"
    assert "for" not in json.loads(encode(a_notification()))


def test_an_announcement_of_an_outage_is_known_and_needs_this_version(
    a_notification: Callable[[], Notification], noon: datetime
) -> None:
    """Otherwise an earlier version would show it as the end of a task that does not exist."""
    down = HEALTHY.refused(MendableError("200 token_revoked"), noon)
    announced = unreachable(a_notification(), "mail", down, noon, noon, "us-east-1")

    assert decode(encode(announced)) == announced
    assert announced.transition.status not in {*RANKS, *OWN_STATUSES, announced.transition.snapshot.status}


@pytest.mark.parametrize("status", sorted(OWN_STATUSES))
def test_a_status_of_the_notifier_s_own_is_known(
    a_job: Callable[..., Snapshot], a_transition: Callable[..., Transition], status: str
) -> None:
    notification = Notification(a_transition(a_job("RUNNING"), status=status), "mail")

    assert decode(encode(notification)) == notification


def test_a_status_that_braket_adds_is_no_word_of_a_newer_version(
    a_notification: Callable[[str], Notification],
) -> None:
    assert decode(encode(a_notification("PAUSED"))) == a_notification("PAUSED")


@pytest.mark.parametrize("change", [{"detail": {}}, {"at": "noon"}, {"kind": []}, {"version": 0}])
def test_a_foreign_record_is_refused(a_notification: Callable[[], Notification], change: dict[str, object]) -> None:
    body = json.dumps(json.loads(encode(a_notification())) | change)

    with pytest.raises(MalformedNotificationError):
        decode(body)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("no record", "no JSON at line 1, column 1"),
        ("null", "a value has the wrong type"),
        ("[" * 100_000, "nested without end"),
        ('{"version": "one"}', "'one' is not a version"),
        ('{"version": 1}', "detail is missing"),
        ('{"version": 1, "detail": {}, "kind": [5]}', "kind [5] is not a word"),
        ('{"version": 1, "detail": 5, "kind": "task", "degraded": 0}', "a value has the wrong type"),
        ('{"closes": "x", "channel": "c", "episode": "x"}', "episode 'x' is not a whole number"),
    ],
    ids=lambda given: given[:40],
)
def test_the_reason_of_a_refusal_is_plain(body: str, why: str) -> None:
    """Operators read it in `redrive` and `doctor`; seen: JSONDecodeError('Expecting value: …')."""
    with pytest.raises(MalformedNotificationError) as refused:
        decode_record(body)

    assert str(refused.value) == f"not a notification: {why}"


@pytest.mark.parametrize("body", ["", "null", "[]", "{}", '"text"', "[" * 100_000])
def test_a_record_that_is_no_json_object_is_refused(body: str) -> None:
    with pytest.raises(MalformedNotificationError):
        decode(body)


def test_a_reminder_survives_its_queue_beside_notifications(a_notification: Callable[[], Notification]) -> None:
    reminder = Closing("team-slack", f"batch {'x' * 256}", 3)

    assert decode_record(encode_closing(reminder)) == reminder
    assert decode_record(encode(a_notification())) == a_notification()


def test_an_announcement_survives_its_queue(noon: datetime) -> None:
    tags = {"ended": "214", "failed": "3", "mail is down": ""}
    snapshot = Snapshot(arn_of("weekly-line", "eu-north-1"), "CREATED", ended_at=noon, tags=tags)
    line = announcement(snapshot, "WEEK 2026-W47", "team-slack")

    assert decode_record(encode(line)) == line


def test_a_wake_survives_its_queue_and_one_of_the_version_before_has_its_defaults(noon: datetime) -> None:
    wake = Wake("team-slack", noon, mended=True)

    assert decode_record(encode_wake(wake)) == wake
    assert decode_record('{"wakes": "team-slack"}') == Wake("team-slack")


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
