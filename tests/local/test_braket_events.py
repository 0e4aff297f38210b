"""Braket's events, and the ways in which they may arrive."""

from datetime import UTC, datetime
from typing import Any

import pytest

from local.braket.emulator import Script, put_event, usual
from tests.local.braket_world import braket_world

SAMPLE = {  # from the EventBridge event reference
    "version": "0",
    "id": "6101452d-8caf-062b-6dbc-ceb5421334c5",
    "detail-type": "Braket Task State Change",
    "source": "aws.braket",
    "account": "012345678901",
    "time": "2021-10-28T01:17:45Z",
    "region": "us-east-1",
    "resources": ["arn:aws:braket:us-east-1:012345678901:quantum-task/834b21ed-77a7-4b36-a90c-c776afc9a71e"],
    "detail": {
        "quantumTaskArn": "arn:aws:braket:us-east-1:012345678901:quantum-task/834b21ed-77a7-4b36-a90c-c776afc9a71e",
        "status": "COMPLETED",
        "deviceArn": "arn:aws:braket:::device/quantum-simulator/amazon/sv1",
        "shots": "100",
        "outputS3Bucket": "amazon-braket-0260a8bc871e",
        "outputS3Directory": "sns-testing/834b21ed-77a7-4b36-a90c-c776afc9a71e",
        "createdAt": "2021-10-28T01:17:42.898Z",
        "eventName": "MODIFY",
        "endedAt": "2021-10-28T01:17:44.735Z",
    },
}


def forms(value: Any) -> Any:
    """The members and types of an event, whatever their values; for a time also its length."""
    if isinstance(value, dict):
        return {name: forms(inner) for name, inner in value.items()}
    return len(value) if isinstance(value, str) and value.endswith("Z") else type(value)


def test_a_finished_tasks_event_has_the_form_of_the_official_sample() -> None:
    with braket_world(account="012345678901") as it:
        it.task()
        it.push(2)
        last = it.events[-1]

        assert forms(last) == forms(SAMPLE)
        assert (last["detail-type"], last["source"], last["account"], last["region"]) == (
            "Braket Task State Change",
            "aws.braket",
            "012345678901",
            "us-east-1",
        )
        assert (last["detail"]["status"], last["detail"]["shots"]) == ("COMPLETED", "100")


def test_a_task_is_inserted_once_and_then_modified() -> None:
    with braket_world() as it:
        it.task()
        it.push(2)

        assert [event["detail"]["eventName"] for event in it.events] == ["INSERT", "MODIFY", "MODIFY", "MODIFY"]


def test_only_a_terminal_event_has_an_end() -> None:
    with braket_world() as it:
        it.task()
        it.push(2)

        assert ["endedAt" in event["detail"] for event in it.events] == [False, False, False, True]


def test_a_jobs_event_names_the_job() -> None:
    with braket_world() as it:
        arn = it.job()
        it.push(2)

        assert [(e["detail-type"], e["resources"], e["detail"]["jobArn"]) for e in it.events] == [
            ("Braket Job State Change", [arn], arn),
        ] * 3
        assert it.sent(arn) == ["QUEUED", "RUNNING", "COMPLETED"]


def test_the_source_may_have_another_name() -> None:
    """No client may put events with a source aws.* on a bus."""
    with braket_world(source="local.braket") as it:
        it.task()

        assert it.events[0]["source"] == "local.braket"


@pytest.mark.parametrize(
    ("script", "sent"),
    [
        (Script(), ["CREATED", "QUEUED", "RUNNING", "COMPLETED"]),
        (Script(events="lost"), []),
        (Script(lost=frozenset({"RUNNING"})), ["CREATED", "QUEUED", "COMPLETED"]),
        (
            Script(events="duplicated"),
            ["CREATED", "CREATED", "QUEUED", "QUEUED", "RUNNING", "RUNNING", "COMPLETED", "COMPLETED"],
        ),
        (Script(events="reordered"), ["QUEUED", "CREATED", "COMPLETED", "RUNNING"]),
        (
            Script(events="reordered", steps=((0, "RUNNING"), (1, "FAILED"))),
            ["RUNNING", "CREATED", "FAILED"],  # no event comes after the last one, so it is not held back
        ),
        (
            Script(events="reordered", lost=frozenset({"QUEUED"})),
            ["RUNNING", "CREATED", "COMPLETED"],  # a held event survives the loss of another
        ),
    ],
)
def test_events_arrive_as_scripted(script: Script, sent: list[str]) -> None:
    """Braket delivers events at least once and possibly out of order."""
    with braket_world(script) as it:
        arn = it.task()
        it.push(2)

        assert it.sent(arn) == sent
        assert len(it.statuses(arn)) == len({e["id"] for e in it.events}) + sum(c.lost for c in it.braket.changes)


def test_a_change_records_whether_its_event_was_lost() -> None:
    with braket_world(Script(lost=frozenset({"FAILED"}), steps=usual("task", "FAILED"))) as it:
        it.task()
        it.push(2)

        assert [(c.kind, c.status, c.lost) for c in it.braket.changes] == [
            ("task", "CREATED", False),
            ("task", "QUEUED", False),
            ("task", "RUNNING", False),
            ("task", "FAILED", True),
        ]


class Bus:
    """A bus that collects or refuses events."""

    def __init__(self, refused: int = 0) -> None:
        self.entries: list[dict[str, Any]] = []
        self.refused = refused

    def put_events(self, **asked: Any) -> dict[str, Any]:
        self.entries += asked["Entries"]
        return {"FailedEntryCount": self.refused, "Entries": [{"ErrorCode": "Throttled"}]}


def test_an_event_is_put_on_a_bus_whole() -> None:
    bus = Bus()
    put_event(bus, SAMPLE, bus="workloads")  # type: ignore[arg-type]  # a fake
    (entry,) = bus.entries

    assert entry["Source"], entry["DetailType"] == ("aws.braket", "Braket Task State Change")
    assert entry["Detail"].startswith('{"quantumTaskArn": "arn:aws:braket:us-east-1:012345678901:quantum-task/')
    assert entry["Resources"] == SAMPLE["resources"]
    assert entry["Time"] == datetime(2021, 10, 28, 1, 17, 45, tzinfo=UTC)
    assert entry["EventBusName"] == "workloads"


def test_a_bus_that_takes_no_event_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="Throttled"):
        put_event(Bus(refused=1), SAMPLE)  # type: ignore[arg-type]  # a fake
