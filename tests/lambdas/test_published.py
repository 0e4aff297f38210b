"""Published settings take effect without a deployment."""

import json
from collections.abc import Callable
from hashlib import sha256
from time import monotonic
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.dynamodb.published import DynamoPublished
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.bootstrap import shared
from braket_notifier.domain.resource import Snapshot
from braket_notifier.routing.published import LOOK_EVERY_S, Published

ASnapshot = Callable[..., Snapshot]
AnEvent = Callable[..., dict[str, Any]]


@pytest.fixture
def observe(account: Any) -> Any:  # noqa: ARG001 - the environment first
    import observe as function  # noqa: PLC0415 - imported after the environment is set, as in Lambda

    return function.lambda_handler


@pytest.fixture
def publish(account: Any) -> Callable[..., None]:  # noqa: ARG001 - as above
    """Publish a change of the deployed settings."""

    def publish(**changes: object) -> None:
        deployed = shared.SETTINGS.read_bytes()
        store = DynamoPublished(Table(boto3.client("dynamodb"), "snapshots"))
        document = json.dumps({**json.loads(deployed), **changes})
        store.replace(Published(store.read().revision, sha256(deployed).hexdigest(), document))

    return publish


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Move the clock by a minute."""
    passed = [0]
    monkeypatch.setattr(shared, "monotonic", lambda: passed[0] + monotonic())

    def wait() -> None:
        passed[0] += LOOK_EVERY_S

    return wait


@pytest.fixture
def count_notifications(
    observe: Any, account: Any, context: Any, a_task: ASnapshot, an_event: AnEvent, later: Callable[[], None]
) -> Callable[[int], int]:
    """Count the notifications about a quantum task that completes a minute later."""

    def count_notifications(number: int) -> int:
        later()
        account.braket.knows[a_task(number=number).arn] = a_task("COMPLETED", number=number)
        observe(account.batch("events", json.dumps(an_event("COMPLETED", number=number))), context)
        return len(account.waiting("slack"))

    return count_notifications


def test_published_routes_are_followed_within_a_minute_and_bad_ones_change_nothing(
    count_notifications: Callable[[int], int],
    publish: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert count_notifications(1) == 1
    publish(routes=[{"to": ["team-slack"], "status": ["FAILED"]}])
    assert count_notifications(2) == 0
    publish(routes=[{"to": ["team-slack"]}], regions=["us-east-1"])
    assert count_notifications(3) == 0
    publish()
    assert count_notifications(4) == 1

    refused = [each.levelname for each in caplog.records if each.message == "published settings could not be applied"]
    assert refused == ["ERROR"]  # an error raises the alarm
