"""`history` shows the timeline of one quantum task or hybrid job, with its notifications."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.cli.commands.history import timeline
from braket_notifier.cli.deliveries import DeliveryRow
from braket_notifier.cli.show import local
from braket_notifier.domain.resource import JobEvent
from braket_notifier.domain.transition import SnapshotRow, Step
from tests.cli.conftest import Recorded
from tests.conftest import NOON


def test_history_shows_notified_channels_with_times(
    run: Any,
    recorded: Recorded,
    ledger: DynamoLedger,
    a_task: Any,
    a_notification: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a pipe, each has a line of its own, however narrow the terminal is."""
    monkeypatch.setenv("COLUMNS", "40")
    recorded(a_task("RUNNING"))
    recorded(a_task())
    delivered, refused = a_notification(), a_notification(channel="mail")
    for each in (delivered, refused):
        ledger.claim(each, owner="test", now=NOON)
    ledger.delivered(delivered, now=NOON)
    ledger.undelivered(refused, owner="test", reason="NotFound", now=NOON)

    done = run("history", a_task().arn.text)

    assert done.code == 0
    assert "RUNNING (by an event)" in done.out
    assert "team-slack was notified of COMPLETED" in done.out
    assert "mail could not be notified of COMPLETED: NotFound" in done.out
    assert "not put into" not in done.out


def test_history_shows_that_notifications_are_not_enqueued_yet(run: Any, recorded: Recorded, a_task: Any) -> None:
    recorded(a_task(), enqueued=False)

    assert (
        "not put into the channels' queues yet: the next sweep does it, within 5 min"
        in run("history", a_task().arn.text).out
    )


def test_history_names_and_skips_a_row_of_a_newer_version(
    run: Any, recorded: Recorded, settle: Any, a_task: Any, by_newer_version: Any
) -> None:
    recorded(a_task())
    settle("team-slack")
    by_newer_version(settle("mail"))

    done = run("history", a_task().arn.text)

    assert done.code == 0
    assert "team-slack was notified of COMPLETED" in done.out
    assert "mail has a row of a newer version about COMPLETED" in done.out
    assert done.err == f"skipped: the row mail#{a_task().arn} COMPLETED is not readable by this version: format 99\n"


def test_the_timeline_shows_date_and_time_of_one_zone(run: Any, recorded: Recorded, a_task: Any, settings: Any) -> None:
    """In Auckland the morning has begun while UTC has the day before."""
    settings.write_text(f'time_zone = "Pacific/Auckland"\n{settings.read_text()}')
    recorded(a_task(created_at=datetime(2026, 11, 20, 20, 0, tzinfo=UTC)))

    assert "2026-11-21 09:00 NZDT (20:00 UTC)" in run("history", a_task().arn.text).out


@pytest.mark.parametrize(
    ("now", "printed"),
    [
        ("2026-11-20T22:59", "00:30 CET (23:30 UTC)"),  # today there, yesterday in UTC
        ("2026-11-20T20:00", "00:30 CET (23:30 UTC)"),
        ("2026-11-19T22:59", "2026-11-20 00:30 CET (23:30 UTC)"),  # the same day in UTC, tomorrow there
        ("2026-11-20T23:00", "2026-11-20 00:30 CET (23:30 UTC)"),
    ],
)
def test_a_time_has_its_date_unless_it_is_today_in_the_zone_of_the_settings(now: str, printed: str) -> None:
    at, moment = datetime(2026, 11, 19, 23, 30, tzinfo=UTC), datetime.fromisoformat(f"{now}+00:00")

    assert local(at, "Europe/Berlin", moment) == printed


def test_the_timeline_is_in_order_and_invents_no_time(a_job: Any) -> None:
    """Braket gives no time for a hybrid job's QUEUED. The entry stays in the order of statuses."""
    job = a_job(events=(JobEvent("STARTING_INSTANCE", NOON - timedelta(hours=3), "ml.m5.large"),))
    steps = (
        Step("QUEUED", None, "sweep"),
        Step("RUNNING", job.started_at, "event"),
        Step("COMPLETED", job.ended_at, "event"),
    )
    delivery = DeliveryRow("team-slack", "COMPLETED", "DELIVERED", job.ended_at + timedelta(seconds=1), 2, "", 4.0)

    entries = timeline(SnapshotRow(job, steps, dispatched=3), [delivery])

    assert [each.text for each in entries] == [
        "submitted",
        "QUEUED (seen by the sweep)",
        "Braket: STARTING_INSTANCE ml.m5.large",
        "RUNNING (by an event)",
        "COMPLETED (by an event)",
        "team-slack was notified of COMPLETED after 2 attempts",
    ]
    assert entries[1].at is None
