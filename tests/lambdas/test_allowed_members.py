"""Only allowed members of Braket's answers and events are stored and sent, and no device or hyperparameter."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.session import get_session

from braket_notifier.adapters.aws.braket import BotoBraket
from braket_notifier.bootstrap import braket
from braket_notifier.braket.rate_limit import RateLimiter
from braket_notifier.domain.resource import parse_arn
from braket_notifier.errors import UnreadableError
from tests import canary
from tests.conftest import GARNET, NOON, job_arn, task_arn
from tests.lambdas.test_canary import kept

AnEvent = Callable[..., dict[str, Any]]
UNLIMITED = RateLimiter({}, lambda: 0.0, lambda _: None)
#: The members of GetQuantumTask's and GetJob's answers that are read.
ALLOWED: dict[str, dict[str, Any]] = {
    "GetQuantumTask": {
        "quantumTaskArn": task_arn(),
        "status": "COMPLETED",
        "failureReason": "-",
        "deviceArn": GARNET,
        "shots": 1000,
        "numSuccessfulShots": 1000,
        "outputS3Bucket": "amazon-braket-results",
        "outputS3Directory": "ghz/1",
        "createdAt": NOON,
        "endedAt": NOON,
        "tags": {"Name": "ghz-12"},
        "jobArn": "",
        "queueInfo": {"position": "None"},
        "actionMetadata": {"programCount": 1, "executableCount": 1},
        "associations": [
            {"arn": "arn:aws:braket:eu-north-1:012345678901:reservation/1", "type": "RESERVATION_TIME_WINDOW_ARN"}
        ],
    },
    "GetJob": {
        "jobArn": job_arn(),
        "status": "COMPLETED",
        "failureReason": "-",
        "jobName": "vqe-h2-17",
        "outputDataConfig": {"s3Path": "s3://amazon-braket-results/jobs/vqe"},
        "stoppingCondition": {"maxRuntimeInSeconds": 18000},
        "instanceConfig": {"instanceType": "ml.m5.large"},
        "deviceConfig": {"device": GARNET},
        "createdAt": NOON,
        "startedAt": NOON,
        "endedAt": NOON,
        "tags": {"Name": "vqe"},
        "queueInfo": {"position": "None"},
        "events": [{"eventType": "COMPLETED", "timeOfEvent": NOON, "message": "-"}],
        "associations": [
            {"arn": "arn:aws:braket:eu-north-1:012345678901:reservation/1", "type": "RESERVATION_TIME_WINDOW_ARN"}
        ],
    },
}


def whole_answer(operation: str) -> dict[str, Any]:
    """Build an answer with every member of the model and an unknown one, each with a canary unless it is allowed."""
    shape = get_session().get_service_model("braket").operation_model(operation).output_shape
    return {**over(filled(shape), ALLOWED[operation]), "tags": ALLOWED[operation]["tags"]}


def filled(shape: Any) -> Any:
    match shape.type_name:
        case "structure":
            return {canary.CANARY: canary.CANARY, **{name: filled(each) for name, each in shape.members.items()}}
        case "list":
            return [filled(shape.member)]
        case "map":
            return {canary.CANARY: canary.CANARY}
        case "string":
            return canary.CANARY
        case "timestamp":
            return datetime(2026, 11, 20, tzinfo=UTC)
        case _:
            return 7


def over(full: Any, allowed: Any) -> Any:
    """Replace the allowed members by their sample values."""
    if isinstance(allowed, dict):
        return full | {name: over(full.get(name), each) for name, each in allowed.items()}
    if isinstance(allowed, list):
        return [over(full[0], each) for each in allowed]
    return allowed


class Answers:
    """A Braket client whose answers have every member."""

    def get_quantum_task(self, **_: object) -> dict[str, Any]:
        return whole_answer("GetQuantumTask")

    def get_job(self, **_: object) -> dict[str, Any]:
        return whole_answer("GetJob")


@pytest.fixture(params=["GetQuantumTask", "GetJob"])
def operation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def event(operation: str, an_event: AnEvent) -> dict[str, Any]:
    """An event with the fewest members of an end."""
    kind, arn = ("Job", job_arn()) if operation == "GetJob" else ("Task", task_arn())
    return an_event(**{"detail-type": f"Braket {kind} State Change"}, resources=[arn]) | {
        "detail": {"status": "COMPLETED"}
    }


def test_only_allowed_members_of_an_answer_are_stored_and_sent(
    observe: Any, account: Any, context: Any, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The captured logs are checked after the test, as after every test."""
    client: Any = Answers()
    monkeypatch.setattr(braket, "client", lambda *_: BotoBraket(lambda _: client, UNLIMITED))

    observe(account.batch("events", json.dumps(event)), context)

    assert_passed_on([*kept(account)])


def test_only_allowed_members_of_an_event_are_stored_and_sent(
    observe: Any, account: Any, context: Any, event: dict[str, Any], operation: str
) -> None:
    """The event alone is recorded, and has every member of an answer."""
    [arn] = event["resources"]
    account.braket.knows[parse_arn(arn)] = UnreadableError("AccessDeniedException")
    detail = json.loads(json.dumps(whole_answer(operation), default=datetime.isoformat))

    observe(account.batch("events", json.dumps(event | {"detail": detail}), receives=9), context)

    assert_passed_on([*kept(account)][1:])  # except the queue of events, which holds the event itself


def assert_passed_on(held: list[str]) -> None:
    """Check the row, and the notification with all that any channel may show."""
    assert sum("COMPLETED" in each for each in held) == 2
    assert not canary.found_in(*held)


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda event: event | {"account": "999999999999"},
        lambda event: event | {"detail": event["detail"] | {"createdAt": "yesterday"}},
        lambda event: event | {"detail": json.dumps(event["detail"])},  # encoded twice
        lambda event: [event],
        json.dumps,
    ],
)
def test_the_reason_of_a_kept_event_contains_no_parameters(
    observe: Any, account: Any, context: Any, an_event: AnEvent, spoiled: Callable[[Any], Any]
) -> None:
    """The event's raw text is kept unchanged for readers who may read Braket's events."""
    event = an_event()
    event["detail"] = {"hyperParameters": {"x": canary.CANARY}, "deviceParameters": canary.CANARY, **event["detail"]}

    observe(account.batch("events", json.dumps(spoiled(event))), context)

    [record] = account.waiting("undelivered")
    assert canary.found_in(record["Body"])
    assert not canary.found_in(record["MessageAttributes"])
