"""`list` and `history`: what is open, what a batch became, and who was told when."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.cli.commands.history import timeline
from braket_notifier.cli.deliveries import DeliveryRow
from braket_notifier.domain.resource import JobEvent, Snapshot, parse_arn
from braket_notifier.domain.transition import SnapshotRow, Step
from local.braket.emulator import Braket
from tests.conftest import NOON

Submit = Callable[..., str]
Keep = Callable[..., SnapshotRow]


@pytest.fixture
def keep(snapshots: DynamoSnapshots) -> Keep:
    """Rows as they stand when everything was passed on."""

    def keep(snapshot: Snapshot, *, passed_on: bool = True) -> SnapshotRow:
        now = datetime.now(UTC)
        row = snapshots.record(snapshot, Step(snapshot.status, NOON, "event"), announce=True, now=now).row
        if passed_on:
            snapshots.dispatched(row, now)
        return row

    return keep


def test_what_is_open_is_listed_as_braket_has_it_now(
    run: Any, keep: Keep, submit: Submit, braket: Braket, a_task: Any
) -> None:
    arn = submit("ghz-12")
    keep(a_task("CREATED", arn=parse_arn(arn)))
    keep(a_task("COMPLETED", number=2))
    braket.clock.push(0.2)

    done = run("list")
    [line] = json.loads(run("list", "--json").out)

    assert done.out.splitlines()[1].split()[:4] == ["QUEUED", "ghz-12", "quantum", "task"]
    assert (line["arn"], line["status"], line["queue_position"]) == (arn, "QUEUED", "0")


def test_a_batch_is_listed_whole(run: Any, keep: Keep, braket: Braket, a_task: Any) -> None:
    for number, status in ((1, "COMPLETED"), (2, "FAILED"), (3, "QUEUED")):
        keep(a_task(status, number=number, tags={"batch": "ghz-scan"}))
    keep(a_task(number=4))

    found = json.loads(run("list", "--batch", "ghz-scan", "--json").out)

    assert sorted(str(each["status"]) for each in found) == ["COMPLETED", "FAILED", "None"]
    assert braket.calls["GetQuantumTask"] == 1  # what ended is not asked about
    assert all(each["link"].startswith("https://eu-north-1.console.aws.amazon.com/braket/") for each in found)


@pytest.mark.parametrize(
    ("words", "says"), [([], "nothing is open"), (["--batch", "x"], "nothing is known of a batch x")]
)
@pytest.mark.usefixtures("stack")
def test_an_empty_list_says_so(run: Any, words: list[str], says: str) -> None:
    assert run("list", *words).out == f"{says}\n"


def test_the_history_says_who_was_told_when(
    run: Any, keep: Keep, ledger: DynamoLedger, a_task: Any, a_notification: Any
) -> None:
    keep(a_task("RUNNING"))
    keep(a_task())
    told, refused = a_notification(), a_notification(channel="mail")
    for each in (told, refused):
        ledger.claim(each, owner="test", now=NOON)
    ledger.delivered(told, now=NOON)
    ledger.undelivered(refused, owner="test", reason="NotFound", now=NOON)

    done = run("history", a_task().arn.text)

    assert done.code == 0
    assert "RUNNING (by an event)" in done.out
    assert "team-slack was told COMPLETED" in done.out
    assert "mail could not be told COMPLETED: NotFound" in done.out
    assert "not passed on" not in done.out


def test_what_was_not_passed_on_yet_is_said(run: Any, keep: Keep, a_task: Any) -> None:
    keep(a_task(), passed_on=False)

    assert "not passed on yet: the next sweep does, within 5 min" in run("history", a_task().arn.text).out


def test_a_timeline_is_in_order_and_invents_no_time(a_job: Any) -> None:
    """A hybrid job's QUEUED has no time of Braket's; it stays where it happened."""
    job = a_job(events=(JobEvent("STARTING_INSTANCE", NOON - timedelta(hours=3), "ml.m5.large"),))
    steps = (
        Step("QUEUED", None, "sweep"),
        Step("RUNNING", job.started_at, "event"),
        Step("COMPLETED", job.ended_at, "event"),
    )
    heard = DeliveryRow("team-slack", "COMPLETED", "DELIVERED", job.ended_at + timedelta(seconds=1), 2, "", 4.0)

    entries = timeline(SnapshotRow(job, steps, dispatched=3), [heard])

    assert [each.what for each in entries] == [
        "submitted",
        "QUEUED (seen by the sweep)",
        "Braket: STARTING_INSTANCE ml.m5.large",
        "RUNNING (by an event)",
        "COMPLETED (by an event)",
        "team-slack was told COMPLETED after 2 attempts",
    ]
    assert entries[1].at is None
