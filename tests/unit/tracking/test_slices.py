"""The creation times from which a sweep lists, because Search may list a resource late."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from braket_notifier.braket.events import Watch
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.tracking.slices import listed_since
from tests.unit.tracking.tracking_world import started

NINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONG_AGO = NINE - 30 * DAY
#: The start of the last complete pass, of this one and of the region; from when this one lists.
RUNS = [
    (None, NINE, NINE - DAY, NINE - DAY - 15 * MINUTE),  # the first pass lists from the region's start
    (NINE + 5 * MINUTE, NINE + 10 * MINUTE, LONG_AGO, NINE - 10 * MINUTE),  # within an hour: the overlap
    (NINE - 3 * MINUTE, NINE + 2 * MINUTE, LONG_AGO, NINE - 123 * MINUTE),  # the first run of an hour: two hours more
    (NINE - 3 * MINUTE, NINE + 7 * MINUTE, LONG_AGO, NINE - 123 * MINUTE),  # the first one failed: the second does
    (NINE - 9 * HOUR, NINE, LONG_AGO, NINE - 11 * HOUR),  # nothing ran for hours: what the missed looks would list
    (NINE - 3 * MINUTE, NINE + 2 * MINUTE, NINE - HOUR, NINE - 75 * MINUTE),  # not before the region's start
    (NINE + 40 * MINUTE, NINE, LONG_AGO, NINE - 15 * MINUTE),  # the clock of the last run was ahead
]


@pytest.mark.parametrize(("watermark", "began", "start", "since"), RUNS)
def test_a_run_lists_from_its_overlap_and_once_an_hour_from_two_hours_before(
    watermark: datetime | None, began: datetime, start: datetime, since: datetime
) -> None:
    assert listed_since(watermark, began, start) == since


def test_a_task_that_search_lists_late_is_found_although_no_sweep_succeeds_for_hours_after_that(
    policy: Policy, watch: Watch, noon: datetime, a_task: Callable[..., Snapshot]
) -> None:
    """Braket is busy when the hourly look back would find it."""
    world, ended = started(policy, watch, noon), a_task("FAILED", created_at=noon, ended_at=noon + MINUTE)
    for minutes in (0, 20, 40, 58, 190):
        world.now = noon + minutes * MINUTE
        if minutes == 190:
            world.put_in_braket(ended)
        world.relay_and_sweep()

    assert world.enqueued == [("team-slack", "FAILED"), ("mail", "FAILED")]


def test_a_task_that_search_lists_an_hour_late_is_found_within_the_next_hour(
    policy: Policy, watch: Watch, noon: datetime, a_task: Callable[..., Snapshot]
) -> None:
    world, ended = started(policy, watch, noon), a_task("FAILED", created_at=noon, ended_at=noon + MINUTE)
    for minutes in range(0, 120, 5):
        world.now = noon + minutes * MINUTE
        if minutes == 60:
            world.put_in_braket(ended)
        world.relay_and_sweep()

    assert world.enqueued == [("team-slack", "FAILED"), ("mail", "FAILED")]
