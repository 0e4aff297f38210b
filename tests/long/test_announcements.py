"""A card that is only edited rings for nobody, so its ends are announced beside it in time, and seldom."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from tests.unit.grouping.channel_world import ChannelWorld

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
#: Where Amazon's SDK puts everybody's results, so that nothing tells whose a task is.
SDK_PLACE = ("amazon-braket-eu-north-1-012345678901", "tasks/834b21ed")
End = Callable[..., Notification]


@pytest.fixture
def world(policy: Policy, noon: datetime) -> ChannelWorld:
    return ChannelWorld(policy, noon)


@pytest.fixture
def end(a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition], noon: datetime) -> End:
    """The end of a quantum task of nobody known, so long after noon."""

    def build(number: int, after: timedelta, status: str = "COMPLETED", **changes: object) -> Notification:
        bucket, directory = SDK_PLACE
        task = {"ended_at": noon + after, "tags": {}, "bucket": bucket, "directory": directory, **changes}
        return Notification(a_transition(a_task(status, number, **task)), "team-slack")

    return build


def trickle(world: ChannelWorld, end: End, every: timedelta, over: timedelta, **changes: object) -> list[Notification]:
    ends = [end(number, number * every, **changes) for number in range(over // every)]
    for number, each in enumerate(ends):
        world.put(each, after=number * every)
    return ends


def most_in_an_hour(times: list[datetime]) -> int:
    return max((sum(at <= other < at + HOUR for other in times) for at in times), default=0)


@pytest.mark.parametrize("stranger_s", [61, 20 * 60 + 1, 2 * 3600 + 7, 4 * 3600 + 119])
def test_a_stranger_s_end_within_a_five_hour_series_rings_within_twenty_minutes(
    world: ChannelWorld, end: End, stranger_s: int
) -> None:
    """Seen: one person's end was a silent edit for four and a half hours behind another's series."""
    began, after = world.now, stranger_s * SECOND
    trickle(world, end, 2 * MINUTE, 5 * HOUR)
    stranger = end(999, after, tags={"Name": "hers"})
    world.put(stranger, after=after)

    world.runs(6 * HOUR)

    rang = min(at for at, ids in world.rings() if stranger.id in ids)
    assert rang - (began + after) <= 20 * MINUTE + SECOND
    assert most_in_an_hour([at for at, _ in world.rings() if at >= began + 10 * MINUTE]) <= 3
    assert sorted(world.shown()) == sorted(world.ledger.rows)


@pytest.mark.parametrize("every_s", [5, 45, 120, 400, 590])
def test_each_end_of_a_series_is_announced_within_twenty_minutes(world: ChannelWorld, end: End, every_s: int) -> None:
    began = world.now
    ends = trickle(world, end, every_s * SECOND, 90 * MINUTE)

    world.runs(3 * HOUR)

    for number, each in enumerate(ends[:-1]):  # a line names fifty ends, and counts the others
        after = began + number * every_s * SECOND
        waited = min(at for at, ids in world.rings() if at >= after and (each.id in ids or len(ids) >= 50)) - after
        assert waited <= 20 * MINUTE + 2 * SECOND
    if every_s * SECOND < 10 * MINUTE / 3:  # up to three ends in ten minutes are single messages
        assert (
            most_in_an_hour([at for at, _ in world.rings() if at >= began + 10 * MINUTE]) <= 4
        )  # the last one closes the card


@pytest.mark.parametrize("stops_after", [11, 13, 19])
def test_a_series_that_stops_before_its_announcement_rings_in_time_too(
    world: ChannelWorld, end: End, stops_after: int
) -> None:
    """The card closes ten minutes after its last end, which may be later than twenty minutes after the first one."""
    began = world.now
    ends = trickle(world, end, MINUTE, stops_after * MINUTE)

    world.runs(2 * HOUR)

    for number, each in enumerate(ends):
        after = began + number * MINUTE
        assert min(at for at, ids in world.rings() if each.id in ids) - after <= 20 * MINUTE + SECOND


def test_the_second_failure_of_a_device_s_card_rings_within_twenty_minutes(world: ChannelWorld, end: End) -> None:
    began = world.now
    trickle(world, end, 2 * MINUTE, 5 * HOUR)
    failures = [end(900 + number, (100 + 4 * number) * MINUTE, "FAILED") for number in range(2)]
    for number, each in enumerate(failures):
        world.put(each, after=(100 + 4 * number) * MINUTE)

    world.runs(6 * HOUR)

    first, second = (min(at for at, ids in world.rings() if each.id in ids) - began for each in failures)
    assert first <= 101 * MINUTE
    assert second <= 124 * MINUTE


def test_a_batch_is_announced_when_it_ends_and_not_in_between(world: ChannelWorld, end: End) -> None:
    trickle(world, end, 2 * MINUTE, 3 * HOUR, tags={"batch": "scan"})

    world.runs(5 * HOUR)

    assert len(world.rings()) == 5  # three single ones, the card, and its last message


def test_people_without_a_known_owner_have_a_card_for_each_folder_of_results(world: ChannelWorld, end: End) -> None:
    for number in range(12):
        folder = "anna/scan" if number % 2 else "ben/scan"
        world.put(end(number, timedelta(0), bucket="lab", directory=f"{folder}/{number}"))

    world.runs(MINUTE)

    titles = {digest.title: {each.snapshot.directory[:3] for each in digest.transitions} for digest in world.digests}
    assert titles == {"anna/scan on IQM Garnet": {"ann"}, "ben/scan on IQM Garnet": {"ben"}}


def test_a_batch_that_is_failing_is_warned_of_once(world: ChannelWorld, end: End) -> None:
    """Every third task fails; the first failure after the card opened rings singly, the warning follows."""
    for number in range(60):
        after = number * MINUTE
        status = "FAILED" if number >= 20 and number % 2 else "COMPLETED"
        world.put(end(number, after, status, tags={"batch": "scan"}, failure_reason="no"), after=after)

    world.runs(3 * HOUR)

    warnings = [digest for digest in world.digests if digest.failing]
    assert len(warnings) == 1
    failed = [each.status for each in warnings[0].transitions].count("FAILED")
    assert failed >= 0.2 * len(warnings[0].transitions)
    assert failed <= 0.3 * len(warnings[0].transitions)  # as soon as it was a fifth


def test_a_batch_of_which_everything_fails_needs_no_warning_beside_its_card(world: ChannelWorld, end: End) -> None:
    for number in range(30):
        world.put(end(number, number * SECOND, "FAILED", tags={"batch": "scan"}), after=number * SECOND)

    world.runs(2 * HOUR)

    assert [digest.failing for digest in world.digests] == [False, False]  # the card, and its last message


def test_a_card_that_is_owing_in_a_flood_is_left_to_the_card_of_many_at_once(world: ChannelWorld, end: End) -> None:
    """The card of many announces what it was given; the device's card is not edited again and again meanwhile."""
    trickle(world, end, 2 * MINUTE, 2 * HOUR)
    for number in range(30):
        after = 45 * MINUTE + number * SECOND
        world.put(end(500 + number, after, tags={"batch": f"scan-{number}"}), after=after)

    world.runs(4 * HOUR)

    edits = [each for each in world.board.sent if each.action == "edit"]
    assert len(edits) < 130  # one for each end, and those of the card of many
    assert sorted(world.shown()) == sorted(world.ledger.rows)
    rang = set().union(*(ids for _, ids in world.rings()))
    assert rang >= set(world.ledger.rows)
