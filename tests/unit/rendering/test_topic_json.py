"""The JSON for machines fits its schema."""

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from braket_notifier.braket.responses import parse_snapshot, to_words
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING, RANKS, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.formats.topic_json import to_json
from local.gallery.samples import SAMPLES as SAMPLES_OF_MESSAGES
from local.gallery.samples import Sample, transitions_of

ASnapshot = Callable[..., Snapshot]
ATransition = Callable[..., Transition]

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "transition.schema.json").read_text())
FORMATS = FormatChecker(())
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FORMATS)


def closed(schema: Any) -> Any:
    """The schema without unknown members, although consumers take those of later releases."""
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(each) for key, each in schema.items()}
    return {"additionalProperties": False} | inner if isinstance(schema.get("properties"), dict) else inner


CLOSED = Draft202012Validator(closed(SCHEMA), format_checker=FORMATS)


@FORMATS.checks("date-time", raises=ValueError)
def is_a_time_of_some_zone(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


SAMPLES = [
    *[("task", status, {}) for status in RANKS],
    *[("job", status, {}) for status in RANKS if status != "CREATED"],
    ("task", "PAUSED", {}),  # an unknown status
    ("task", "COMPLETED", {"successful_shots": 870, "programs": 12, "executables": 96}),
    ("task", "FAILED", {"failure_reason": "\x00 ünï 🟠 <!channel>", "tags": {"batch": "ghz", "": ""}}),
    ("task", "CANCELLED", {"reservation": "arn:aws:braket:us-east-1:012345678901:reservation/3f2a"}),
    ("task", "FAILED", {"device": "", "created_at": None, "ended_at": None, "shots": None, "degraded": True}),
    ("task", "COMPLETED", {"cost": Cost(Decimal("3.20"), "at most")}),
    ("task", "CANCELLED", {"cost": Cost(Decimal(0), reserved=1)}),
    ("job", "COMPLETED", {"cost": Cost(Decimal("0.00375"), unknown=2, reserved=1)}),
    ("job", "FAILED", {"device": "local:pytorch/pennylane", "instance_type": "", "max_runtime_s": None}),
]


@pytest.fixture
def published(
    a_task: ASnapshot, a_job: ASnapshot, a_transition: ATransition, policy: Policy
) -> Callable[..., dict[str, Any]]:
    def publish(kind: str, status: str, changes: dict[str, Any], **transition: Any) -> dict[str, Any]:
        snapshot = (a_task if kind == "task" else a_job)(status, **changes)
        notification = Notification(a_transition(snapshot, **transition), "machines")
        text = to_json(notification, lambda: policy, may_repeat=False)
        document: dict[str, Any] = json.loads(text)
        return document

    return publish


def test_the_warning_failing_says_that_the_job_runs(
    a_job: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    warning = a_transition(a_job("RUNNING"), status=FAILING, was="RUNNING", at=None)

    document = json.loads(to_json(Notification(warning, "machines"), lambda: policy, may_repeat=False))

    VALIDATOR.validate(document)
    assert (document["status"], document["detail"]["status"]) == ("FAILING", "RUNNING")


@pytest.mark.parametrize(("kind", "status", "changes"), SAMPLES)
def test_every_sample_fits_the_schema(
    published: Callable[..., dict[str, Any]], kind: str, status: str, changes: dict[str, Any]
) -> None:
    document = published(kind, status, changes)

    VALIDATOR.validate(document)
    assert document.keys() == SCHEMA["properties"].keys() - (set() if "cost" in changes else {"cost"})
    assert document["detail"].keys() <= SCHEMA["properties"]["detail"]["properties"].keys()


@pytest.mark.parametrize("sample", SAMPLES_OF_MESSAGES, ids=lambda sample: sample.name)
def test_what_is_published_of_a_message_s_transitions_is_in_the_schema_member_by_member(sample: Sample) -> None:
    for transition in transitions_of(sample):
        text = to_json(Notification(transition, "machines"), lambda: sample.policy, may_repeat=False)
        CLOSED.validate(json.loads(text))


def test_the_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "change",
    [{"version": 2}, {"id": "x"}, {"kind": "device"}, {"at": "noon"}, {"status": ""}, {"detail": {"shots": "many"}}],
)
def test_the_schema_refuses_a_document_that_is_no_transition(
    published: Callable[..., dict[str, Any]], change: dict[str, Any]
) -> None:
    assert not VALIDATOR.is_valid(published("task", "FAILED", {}) | change)


def test_every_member_that_braket_gave_is_published(a_job: ASnapshot, published: Callable[..., dict[str, Any]]) -> None:
    document = published("job", "FAILED", {"failure_reason": "AlgorithmError"})

    assert document["detail"] == to_words(a_job("FAILED", failure_reason="AlgorithmError"))
    assert parse_snapshot(document["detail"], kind="job") == a_job("FAILED", failure_reason="AlgorithmError")


def test_an_unknown_earlier_status_and_an_unknown_time_are_null(published: Callable[..., dict[str, Any]]) -> None:
    document = published("task", "RUNNING", {}, was=None, at=None)

    assert (document["was"], document["at"]) == (None, None)


def test_a_repeat_is_marked_and_keeps_its_id(a_notification: Callable[[], Notification], policy: Policy) -> None:
    first, again = (json.loads(to_json(a_notification(), lambda: policy, may_repeat=each)) for each in (False, True))

    assert first["id"] == again["id"] == a_notification().id
    assert (first["may_repeat"], again["may_repeat"]) == (False, True)
