"""Published settings take effect without a deployment."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import boto3
import pytest
from botocore.exceptions import ClientError

from braket_notifier.adapters.dynamodb.published import DynamoPublished
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.bootstrap import shared
from braket_notifier.domain.resource import Snapshot
from braket_notifier.routing.published import Published
from tests.conftest import NOON

ASnapshot = Callable[..., Snapshot]
AnEvent = Callable[..., dict[str, Any]]


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


@pytest.fixture
def deploy(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Deploy settings under their number, as CloudFormation does."""
    first = shared.SETTINGS.read_text()

    def deploy(number: int, **changes: object) -> None:
        shared.SETTINGS.write_text(json.dumps({**json.loads(first), **changes}))
        monkeypatch.setenv("SETTINGS_VERSION", str(number))
        for kept in (shared._following, shared.deployment):  # noqa: SLF001 - a function of a new version starts anew
            kept.cache_clear()

    return deploy


def published() -> Published:
    return DynamoPublished(Table(boto3.client("dynamodb"), "snapshots")).read()


@pytest.mark.parametrize("swept", [False, True], ids=["at once", "after a sweep"])
def test_an_earlier_file_that_is_deployed_again_is_followed_again(
    count_notifications: Callable[[int], int],
    publish: Callable[..., None],
    deploy: Callable[..., None],
    sweep: Any,
    context: Any,
    swept: bool,
) -> None:
    """Deploy v1, push v2, deploy v2, deploy v1: v1 is in force."""
    nothing = [{"to": ["team-slack"], "status": ["FAILED"]}]
    deploy(1)
    publish(routes=nothing)
    assert count_notifications(1) == 0

    deploy(2, routes=nothing)
    assert count_notifications(2) == 0
    if swept:
        sweep({}, context)
        assert (published().base, published().document != "") == ("", True)
    deploy(3)

    assert count_notifications(3) == 1


def test_the_sweep_ends_what_was_pushed_over_another_deployment_and_keeps_mutes(
    publish: Callable[..., None],
    deploy: Callable[..., None],
    sweep: Any,
    context: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    deploy(1)
    publish(routes=[])
    store = DynamoPublished(Table(boto3.client("dynamodb"), "snapshots"))
    store.replace(replace(store.read(), muted_until={"team-slack": NOON}))

    sweep({}, context)
    assert published().base == shared.deployment()
    deploy(2)
    sweep({}, context)

    assert (published().base, published().muted_until) == ("", {"team-slack": NOON})
    ended = [each for each in caplog.records if each.message.startswith("published settings ended")]
    assert [each.levelname for each in ended] == ["WARNING"]


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


@pytest.mark.usefixtures("account")
def test_code_of_a_new_version_follows_the_deployed_settings_until_its_environment_names_the_table(
    publish: Callable[..., None],
    later: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Lambda updates code and environment one by one, and a function of a topic, bus or handler had no table before.

    Seen: each notification with an amount failed after its claim, and was then sent as a possible repeat.
    """
    publish(money=False)
    monkeypatch.delenv("SNAPSHOTS_TABLE")
    before = shared.policy()
    monkeypatch.setenv("SNAPSHOTS_TABLE", "snapshots")
    later()

    assert before.money
    assert caplog.messages == ["published settings could not be applied"]
    assert not shared.policy().money


def test_a_function_that_starts_while_the_settings_cannot_be_read_routes_nothing_until_they_can(
    count_notifications: Callable[[int], int],
    publish: Callable[..., None],
    account: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SQS redelivers the batch of an invocation that fails."""
    publish(routes=[{"to": ["team-slack"], "status": ["FAILED"]}])
    with monkeypatch.context() as failing:
        failing.setattr(DynamoPublished, "read", Mock(side_effect=ConnectionError("no answer")))
        with pytest.raises(ConnectionError):
            count_notifications(1)

    assert account.waiting("slack") == []
    assert count_notifications(2) == 0


def test_a_function_that_may_not_read_the_published_settings_follows_the_deployed_ones(
    count_notifications: Callable[[int], int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    denied = ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetItem")
    monkeypatch.setattr(DynamoPublished, "read", Mock(side_effect=denied))

    assert count_notifications(1) == 1
    assert "published settings could not be applied" in caplog.messages
