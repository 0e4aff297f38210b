"""The look for submitters through the sweep: names in rows, and a CloudTrail that refuses or fails."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.submitters import DynamoSubmitterRows
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.memory.submitters import MemorySubmissions
from braket_notifier.bootstrap import shared, submitter
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.errors import EventHistoryError
from braket_notifier.sending.wire import decode
from tests.lambdas.conftest import SETTINGS, counted, logged
from tests.unit.watching.test_submitter import ANNA, event

ASnapshot = Callable[..., Snapshot]
REGION = "eu-north-1"
PEOPLE = [{"name": "Anna", "slack": "U01ABCDEF", "signs_in_as": ["Anna@Example.org"]}]


@pytest.fixture
def history(account: Any, monkeypatch: pytest.MonkeyPatch) -> MemorySubmissions:  # noqa: ARG001 - the environment first
    found = MemorySubmissions()
    monkeypatch.setattr(submitter, "CloudTrailSubmissions", lambda *_: found)
    return found


@pytest.fixture
def sweep(account: Any, history: MemorySubmissions) -> Any:  # noqa: ARG001 - the history first
    shared.SETTINGS.write_text(json.dumps(SETTINGS | {"who_submitted": True, "people": PEOPLE}))
    return account.function("sweep")


def appears(history: MemorySubmissions, arn: Arn, at: datetime) -> None:
    history.events.setdefault((REGION, "CreateQuantumTask"), []).append((at, event(arn.text, ANNA)))


def row_of(arn: Arn) -> Any:
    return DynamoSnapshots(Table(boto3.client("dynamodb"), "snapshots"), 90).get(arn)


def test_the_end_of_a_task_names_who_submitted_it(
    sweep: Any, account: Any, context: Any, history: MemorySubmissions, a_task: ASnapshot, noon: datetime
) -> None:
    arn = a_task().arn
    account.braket.knows[arn] = a_task("RUNNING", created_at=noon - timedelta(hours=1))
    appears(history, arn, noon - timedelta(hours=1))
    for _ in range(2):  # the first sweep of a region records what is open
        sweep({}, context)
    account.braket.knows[arn] = a_task("COMPLETED", ended_at=None)
    sweep({}, context)

    [record] = account.waiting("slack")
    ended = decode(record["Body"]).transition.snapshot
    assert ended.submitter == "anna@example.org"
    assert row_of(arn).snapshot.submitter == "anna@example.org"
    assert "anna" not in json.dumps(json.loads(record["Body"])["detail"])  # which programs receive


def test_what_ended_before_its_event_appeared_is_counted_only_while_it_happens(
    sweep: Any,
    account: Any,
    context: Any,
    history: MemorySubmissions,
    a_task: ASnapshot,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arn, noon = a_task().arn, shared.now()
    account.braket.knows[arn] = a_task("COMPLETED", ended_at=noon - timedelta(minutes=1))
    for _ in range(2):
        sweep({}, context)
    before = logged(capsys)
    appears(history, arn, noon - timedelta(minutes=2))
    sweep({}, context)
    meanwhile = logged(capsys)
    sweep({}, context)

    assert counted(meanwhile, "SubmittersTooLate") == 1
    assert not any("SubmittersTooLate" in line for line in [*before, *logged(capsys)])
    assert row_of(arn).snapshot.submitter == ""


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "EndpointConnectionError"])
def test_a_refused_look_is_logged_and_counted_and_the_sweep_goes_on(
    sweep: Any,
    account: Any,
    context: Any,
    history: MemorySubmissions,
    a_task: ASnapshot,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    *,
    code: str,
) -> None:
    account.braket.knows[a_task().arn] = a_task("RUNNING")
    history.raises = [EventHistoryError(code)] * 10
    for _ in range(2):
        sweep({}, context)
    account.braket.knows[a_task().arn] = a_task("COMPLETED", ended_at=None)

    answer = sweep({}, context)

    assert answer == {"relayed": 0, "found": 1}
    assert len(account.waiting("slack")) == 1
    assert counted(logged(capsys), "SubmitterLooksFailed") == 2
    assert caplog.messages.count("submitters could not be looked up") == 2
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


def test_names_that_could_not_be_saved_raise_the_alarm_and_stop_no_sweep(
    sweep: Any,
    account: Any,
    context: Any,
    history: MemorySubmissions,
    a_task: ASnapshot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*_: object) -> None:
        raise ConnectionError("DynamoDB")

    account.braket.knows[a_task().arn] = a_task("RUNNING")
    appears(history, a_task().arn, shared.now() - timedelta(minutes=1))
    monkeypatch.setattr(DynamoSubmitterRows, "save_submitter", fails)
    sweep({}, context)

    assert sweep({}, context) == {"relayed": 0, "found": 0}
    assert caplog.messages.count("submitters could not be saved") == 1


def test_a_region_in_which_nothing_is_open_or_ended_lately_asks_nothing(
    sweep: Any, account: Any, context: Any, history: MemorySubmissions, a_task: ASnapshot, noon: datetime
) -> None:
    account.braket.knows[a_task().arn] = a_task("COMPLETED", ended_at=noon - timedelta(hours=2))
    sweep({}, context)
    history.asked.clear()

    sweep({}, context)

    assert history.asked == []


def test_no_look_without_the_setting(account: Any, context: Any, history: MemorySubmissions, a_task: ASnapshot) -> None:
    account.braket.knows[a_task().arn] = a_task("RUNNING")

    account.function("sweep")({}, context)

    assert history.asked == []
