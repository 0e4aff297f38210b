"""Reminders over sweeps on a virtual clock: what is due, to whom, once, and never after its cause has ended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any

import pytest

from braket_notifier.braket.availability import Window
from braket_notifier.braket.events import Watch
from braket_notifier.domain.policy import ChannelType, Person, Policy, Reservation, Route
from braket_notifier.domain.reminder import OWNERS, owned_by
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.domain.transition import SnapshotRow
from braket_notifier.errors import BusyError, NotKnownError, UnreadableError
from braket_notifier.rendering.compose import message_of
from tests.conftest import GARNET
from tests.unit.tracking.tracking_world import REGION
from tests.unit.watching.reminding_world import (
    ANNA,
    DAY,
    HOUR,
    MINUTE,
    PEOPLE,
    TICK,
    ASnapshot,
    World,
    reminding,
    to_owners_and,
    waiting,
)

NIGHTS = (Window("Everyday", time(20), time(4)),)
#: Begins the ARN of a reservation.
BOOKED = "arn:aws:braket:eu-north-1:012345678901:reservation/"


@pytest.fixture
def policy(policy: Policy) -> Policy:
    return replace(policy, people=PEOPLE)


@pytest.fixture
def world(policy: Policy, watch: Watch, noon: datetime) -> World:
    return reminding(policy, watch, noon)


def test_an_outage_is_enqueued_once_for_a_channel_while_another_one_is_held(
    world: World, a_task: ASnapshot, policy: Policy
) -> None:
    """The end of the hold is awaited by each sweep, which reads every row meanwhile."""
    muted = {"mail": world.tracking.now + DAY}
    world.tracking.policy = replace(policy, muted_until=muted)
    waiting(world, a_task, 3, tags=ANNA)
    world.device("OFFLINE")
    world.pass_time(10 * HOUR)

    assert [each.channel for each in world.all_reminders] == ["team-slack"]


def test_five_changes_in_ten_minutes_are_no_message(world: World, a_task: ASnapshot) -> None:
    waiting(world, a_task, 3)
    for status in ("OFFLINE", "ONLINE", "OFFLINE", "ONLINE", "OFFLINE", "ONLINE"):
        world.device(status)
        world.pass_time(2 * MINUTE, 2 * MINUTE)
    world.pass_time(DAY, HOUR)

    assert world.reminded == []


def test_who_missed_the_end_of_an_outage_hears_of_no_later_short_one(
    world: World, a_task: ASnapshot, policy: Policy
) -> None:
    world.tracking.policy = to_owners_and(policy)
    waiting(world, a_task, 1, tags={"owner": "ben"})
    waiting(world, a_task, 1, first=2, tags=ANNA)
    world.device("OFFLINE")
    world.pass_time(4 * HOUR)
    world.has(a_task("CANCELLED", 2, tags=ANNA))  # before the device is back
    world.pass_time(TICK)
    world.device("ONLINE")
    world.pass_time(2 * DAY, HOUR)
    waiting(world, a_task, 1, first=3, tags=ANNA)
    world.device("OFFLINE")
    world.pass_time(10 * MINUTE)
    world.device("ONLINE")
    world.pass_time(HOUR)

    assert world.reminded == [("direct#Anna", "OFFLINE"), ("direct#Ben", "OFFLINE"), ("direct#Ben", "BACK")]


def test_who_has_no_open_task_on_a_device_does_not_hear_of_it(world: World, a_task: ASnapshot) -> None:
    waiting(world, a_task, 2, tags=ANNA)
    world.device("OFFLINE")
    world.pass_time(HOUR)
    world.has(*(a_task("CANCELLED", number, ended_at=world.tracking.now, tags=ANNA) for number in (1, 2)))
    world.pass_time(6 * HOUR)

    assert world.reminded == []
    assert world.rows.rows[REGION].devices == {}


def test_a_retired_device_is_announced_once(world: World, a_task: ASnapshot) -> None:
    waiting(world, a_task, 2)
    world.pass_time(TICK)
    world.device("RETIRED")
    world.pass_time(3 * DAY, HOUR)

    assert world.reminded == [("team-slack", "RETIRED")]


@pytest.mark.parametrize("off", [-10, 10])
def test_a_clock_that_is_ten_minutes_off_moves_a_reminder_by_ten_minutes_at_most(
    world: World, a_task: ASnapshot, off: int
) -> None:
    waiting(world, a_task, 3, "CREATED", created_at=world.tracking.now + off * MINUTE)
    world.pass_time(45 * MINUTE)
    assert world.reminded == []

    world.pass_time(35 * MINUTE)
    assert world.reminded == [("team-slack", "STUCK")]


def test_the_hours_in_which_its_device_runs_nothing_make_no_task_stuck(world: World, a_task: ASnapshot) -> None:
    world.device("ONLINE", NIGHTS)
    waiting(world, a_task, 3, "CREATED")
    world.pass_time(8 * HOUR + 55 * MINUTE)  # until 20:55 in UTC
    assert world.reminded == []

    world.pass_time(10 * MINUTE)
    assert world.reminded == [("team-slack", "STUCK")]


def test_the_time_of_an_outage_makes_no_task_stuck(world: World, a_task: ASnapshot) -> None:
    waiting(world, a_task, 3, "CREATED")
    world.device("OFFLINE")
    world.pass_time(2 * HOUR)
    world.device("ONLINE")
    world.pass_time(55 * MINUTE)
    assert world.reminded == []

    world.pass_time(10 * MINUTE)
    assert world.reminded == [("team-slack", "STUCK")]


def test_a_task_that_is_being_cancelled_is_stuck_an_hour_after_that(world: World, a_task: ASnapshot) -> None:
    waiting(world, a_task, 1)
    world.pass_time(DAY, HOUR)
    waiting(world, a_task, 1, "CANCELLING", created_at=world.tracking.now - DAY)
    world.pass_time(55 * MINUTE)
    assert world.reminded == []

    world.pass_time(15 * MINUTE)
    assert world.reminded == [("team-slack", "STUCK")]


def test_each_task_is_routed_by_its_own_tags(world: World, a_task: ASnapshot, policy: Policy) -> None:
    """The oldest one asks for nobody, and one of the others for a second channel."""
    world.tracking.policy = replace(policy, channels={**policy.channels, "lab": "slack"})
    waiting(world, a_task, 1, "CREATED", tags={**ANNA, "notify": "none"}, created_at=world.tracking.now - 2 * MINUTE)
    waiting(world, a_task, 3, "CREATED", first=2, tags=ANNA)
    waiting(world, a_task, 1, "CREATED", first=5, tags={**ANNA, "notify": "lab"})
    world.pass_time(2 * HOUR)

    assert sorted(world.reminded) == [("lab", "STUCK"), ("team-slack", "STUCK")]
    assert sorted(each.partition(" tasks")[0].partition(" task ")[0] for each in world.lines()) == ["⏳ 1", "⏳ 4"]


@pytest.mark.parametrize(
    "changes",
    [
        {"reservation": "arn:aws:braket:eu-north-1:012345678901:reservation/1"},  # it waits for its window
        {"job_arn": "arn:aws:braket:eu-north-1:012345678901:job/1"},  # its job stands for it
        {"device": "local:none/none"},
        {"tags": {"notify": "none"}},
    ],
)
def test_what_waits_on_purpose_or_for_nobody_is_no_reminder(
    world: World, a_task: ASnapshot, changes: dict[str, Any]
) -> None:
    waiting(world, a_task, 3, "CREATED", **changes)
    world.pass_time(DAY, 15 * MINUTE)

    assert world.reminded == []


def test_queued_tasks_are_reminded_of_only_where_the_settings_say_so(
    world: World, a_task: ASnapshot, noon: datetime, policy: Policy
) -> None:
    waiting(world, a_task, 14, queue_position="30")
    world.pass_time(2 * DAY - 2 * HOUR, HOUR)
    world.pass_time(3 * TICK)
    world.has(a_task("QUEUED", created_at=noon - MINUTE, queue_position="3"))
    world.pass_time(2 * HOUR - 3 * TICK)
    assert world.reminded == []

    world.tracking.policy = replace(policy, waiting_over_s=86400)
    world.pass_time(HOUR, HOUR)
    [line] = world.lines()
    assert line.startswith("⏳ 14 tasks have been QUEUED on IQM Garnet for up to 2 d 1 min · ")
    assert line.endswith(" · the first one has 3 tasks ahead (30 two hours ago)")


def test_a_job_near_its_limit_is_announced_once_within_a_sweep_of_the_moment(world: World, a_job: ASnapshot) -> None:
    world.has(a_job("RUNNING", created_at=world.tracking.now, started_at=world.tracking.now))
    world.pass_time(4 * HOUR)  # of five
    assert world.reminded == []

    world.pass_time(TICK)
    assert world.reminded == [("team-slack", "NEAR_LIMIT")]
    assert world.lines() == ["⏱ vqe-h2-17 stops at 18:00 (ran 4 h of max 5 h)"]
    world.pass_time(HOUR)
    assert len(world.all_reminders) == 1


def test_a_sweep_asks_about_the_device_of_many_resources_once_and_about_no_local_device(
    world: World, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    waiting(world, a_task, 3)
    world.has(a_job("RUNNING", device="local:pennylane/lightning.qubit", created_at=world.tracking.now))
    world.pass_time(2 * TICK)

    assert world.tracking.braket.asked == [GARNET]  # the first sweep finds them


@pytest.mark.parametrize(
    "changes",
    [
        {"max_runtime_s": None},
        {"max_runtime_s": 0},
        {"started_at": None},
        {"started_at": datetime.fromisoformat("2026-12-24T12:00:00+00:00")},  # a clock that is ahead
    ],
)
def test_a_job_without_times_is_near_no_limit(world: World, a_job: ASnapshot, changes: dict[str, Any]) -> None:
    world.has(a_job("RUNNING", created_at=world.tracking.now, **changes))
    world.pass_time(6 * HOUR, 15 * MINUTE)

    assert world.reminded == []


def test_braket_is_asked_once_more_before_a_reminder_of_a_status(world: World, a_task: ASnapshot) -> None:
    """Search may list a status for longer than it lasts."""
    waiting(world, a_task, 3, "CREATED")
    world.pass_time(HOUR)
    listed = list(world.tracking.braket.knows.values())
    world.has(*(a_task("QUEUED", number) for number in (1, 2, 3)))
    world.tracking.braket.listed = [each for each in listed if isinstance(each, Snapshot)]

    world.pass_time(HOUR)

    assert world.reminded == []


@pytest.mark.parametrize(
    "error", [BusyError("ThrottlingException"), NotKnownError("no"), UnreadableError("AccessDenied")]
)
def test_a_device_that_cannot_be_read_reminds_nobody_and_delays_nothing(
    world: World, a_task: ASnapshot, error: Exception
) -> None:
    world.tracking.braket.devices[GARNET] = error
    waiting(world, a_task, 3, "CREATED")
    world.pass_time(4 * HOUR)
    world.has(a_task("FAILED", 1, ended_at=world.tracking.now))
    world.sweep()

    assert world.reminded == []
    assert ("team-slack", "FAILED") in world.tracking.enqueued


def test_a_crash_before_the_row_is_saved_repeats_the_same_ids(world: World, a_task: ASnapshot) -> None:
    waiting(world, a_task, 3, "CREATED")
    world.device("OFFLINE")
    world.pass_time(3 * HOUR + TICK)
    before = world.rows.rows[REGION]
    world.sweep()
    world.rows.rows[REGION] = before
    world.tracking.now += TICK

    world.sweep()

    assert len(world.all_reminders) == 2
    assert world.reminded == [("team-slack", "OFFLINE")]


def test_nothing_is_written_while_nothing_changes(world: World, a_task: ASnapshot) -> None:
    waiting(world, a_task, 3)
    world.pass_time(2 * TICK)  # the first sweep records the tasks
    before = world.rows.rows[REGION]
    world.pass_time(2 * HOUR)

    assert world.rows.rows[REGION] is before
    assert world.tracking.braket.asked == [GARNET] * (1 + 24)


def test_machines_and_lists_get_a_reminder_only_where_a_route_names_it(
    world: World, a_task: ASnapshot, policy: Policy
) -> None:
    channels = {
        "team-slack": "slack",
        "mail": "email",
        "topic": "topic",
        "mine": "handler",
        "named": "email",
        "bus": "topic",
    }
    ends, names = ("COMPLETED", "FAILED"), ("named", "bus")
    routes = (
        Route(("team-slack", "mail", "topic", "mine"), status=ends),
        Route(("mail", "mine")),
        Route(names, status=("STUCK",)),
    )
    world.tracking.policy = replace(policy, channels=channels, routes=routes)  # type: ignore[arg-type]
    waiting(world, a_task, 3, "CREATED", tags={"notify": "topic mail"})
    world.pass_time(2 * HOUR)

    assert world.reminded == [(each, "STUCK") for each in ("team-slack", *names)]


def test_once_an_outage_is_announced_only_later_tasks_are_read_and_their_owners_hear_of_it(
    world: World, a_task: ASnapshot, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.tracking.policy = to_owners_and(policy)
    read = list[int]()
    rows_of = world.tracking.snapshots.rows_of

    def counted(arns: Sequence[Arn]) -> Mapping[Arn, SnapshotRow]:
        read.append(len(arns))
        return rows_of(arns)

    monkeypatch.setattr(world.tracking.snapshots, "rows_of", counted)
    waiting(world, a_task, 50, tags=ANNA)
    world.device("OFFLINE")
    world.pass_time(4 * HOUR)
    assert world.reminded == [("direct#Anna", "OFFLINE")]
    assert read.count(50) == 1

    waiting(world, a_task, 1, first=1000, tags={"owner": "ben"})
    world.pass_time(10 * MINUTE)
    assert world.reminded == [("direct#Anna", "OFFLINE"), ("direct#Ben", "OFFLINE")]
    assert max(read[-2:]) <= 1

    world.device("ONLINE")
    world.pass_time(DAY, HOUR)
    assert world.reminded[2:] == [("direct#Anna", "BACK"), ("direct#Ben", "BACK")]
    assert read.count(51) == 1


def test_what_a_reservation_has_not_run_is_announced_once_to_each_owner_before_its_end(
    world: World, a_task: ASnapshot, a_job: ASnapshot, noon: datetime, policy: Policy
) -> None:
    booked, other = (Reservation(noon, noon + hours * HOUR, f"{BOOKED}{hours}") for hours in (1, 5))
    world.tracking.policy = replace(policy, reservations=(booked,), reserved=(other, booked))
    waiting(world, a_task, 6, tags=ANNA, reservation=booked.arn)
    waiting(world, a_task, 1, "CREATED", first=10, tags={"owner": "ben"}, reservation=booked.arn)
    waiting(world, a_task, 9, "RUNNING", first=20, tags=ANNA, reservation=booked.arn)
    waiting(world, a_task, 9, first=30, tags=ANNA, reservation=other.arn)
    waiting(world, a_task, 9, first=40, tags=ANNA)
    world.has(a_job("QUEUED", created_at=noon, tags=ANNA, device=GARNET, reservation=booked.arn))
    world.pass_time(40 * MINUTE)
    assert world.reminded == []

    world.pass_time(2 * HOUR)

    assert world.reminded == [("team-slack", "RESERVATION_ENDING")] * 2
    assert sorted(world.lines()) == [
        "⏱ 1 task is still queued · the reservation of IQM Garnet ends at 14:00",
        "⏱ 6 tasks and 1 hybrid job are still queued · the reservation of IQM Garnet ends at 14:00",
    ]
    assert [each.transition.at for each in world.all_reminders] == [noon + 45 * MINUTE] * 2
    assert {each.transition.snapshot.ended_at for each in world.distinct} == {booked.ends}  # then it is no news
    of_anna = next(each for each in world.distinct if each.transition.snapshot.tags["owner"] == "anna")
    hers = message_of(replace(of_anna, as_of=noon), world.tracking.policy, "team-slack#Anna")
    assert hers.headline.startswith("⏱ 6 of your tasks and 1 of your hybrid jobs are still queued · ")


@pytest.mark.parametrize("every", [5, 15, 20, 60, 240])
@pytest.mark.parametrize("begins", [0, 1, 7, 14])
def test_a_reservation_is_announced_before_its_end_however_seldom_the_sweep_runs(
    world: World, a_task: ASnapshot, noon: datetime, policy: Policy, every: int, begins: int
) -> None:
    booked = Reservation(noon, noon + 6 * HOUR + begins * MINUTE, f"{BOOKED}1")
    world.tracking.policy = replace(policy, reservations=(booked,))
    waiting(world, a_task, 3, reservation=booked.arn)
    world.pass_time(8 * HOUR, every * MINUTE)

    assert world.reminded == [("team-slack", "RESERVATION_ENDING")]
    announced_at = world.distinct[0].transition.at
    assert announced_at
    assert timedelta(0) < booked.ends - announced_at <= max(15, every + 5) * MINUTE


def test_a_reservation_is_known_by_its_device_too_and_each_one_has_a_message(
    world: World, a_task: ASnapshot, noon: datetime, policy: Policy
) -> None:
    """Two windows on a day, of which the settings know the device alone; the first one is extended."""
    windows = ((noon, 1), (noon, 2), (noon + 5 * HOUR, 1))
    booked = tuple(Reservation(begins, begins + hours * HOUR, device=GARNET) for begins, hours in windows)
    waiting(world, a_task, 3, reservation=f"{BOOKED}unknown")
    waiting(world, a_task, 3, first=10)
    for before, each in zip((noon + HOUR - TICK, noon + 2 * HOUR, noon + 7 * HOUR), booked, strict=True):
        world.tracking.policy = replace(policy, reservations=(each,))
        world.pass_time(before - world.tracking.now)

    assert [each.transition.at for each in world.distinct] == [each.ends - 15 * MINUTE for each in booked]
    assert world.lines()[0] == "⏱ 3 tasks are still queued · the reservation of IQM Garnet ends at 14:00"


@pytest.mark.parametrize(
    "changes",
    [
        {"reservation": f"{BOOKED}9"},  # another one
        {"reservation": ""},
        {"reservation": f"{BOOKED}1", "status": "RUNNING"},
        {"reservation": f"{BOOKED}1", "job_arn": "arn:aws:braket:eu-north-1:012345678901:job/1"},  # its job is queued
        {"reservation": f"{BOOKED}1", "tags": {"notify": "none"}},
    ],
)
def test_nothing_else_is_announced_before_the_end_of_a_reservation(
    world: World, a_task: ASnapshot, noon: datetime, policy: Policy, changes: dict[str, Any]
) -> None:
    world.tracking.policy = replace(policy, reservations=(Reservation(noon, noon + HOUR, f"{BOOKED}1"),))
    waiting(world, a_task, 3, **({"status": "QUEUED"} | changes))
    world.pass_time(2 * HOUR)

    assert world.reminded == []


def test_a_reservation_is_announced_although_its_device_cannot_be_read(
    world: World, a_task: ASnapshot, noon: datetime, policy: Policy
) -> None:
    world.tracking.braket.devices[GARNET] = UnreadableError("AccessDenied")
    world.tracking.policy = replace(policy, reserved=(Reservation(noon, noon + HOUR, f"{BOOKED}1"),))
    waiting(world, a_task, 3, reservation=f"{BOOKED}1")
    world.pass_time(HOUR)

    assert world.reminded == [("team-slack", "RESERVATION_ENDING")]


def test_a_reminder_names_a_batch_only_if_all_of_it_are_of_that_batch(world: World, a_task: ASnapshot) -> None:
    waiting(world, a_task, 2, "CREATED", tags={**ANNA, "batch": "scan-7"})
    waiting(world, a_task, 1, "CREATED", first=10, tags={"owner": "ben", "batch": "scan-7"})
    waiting(world, a_task, 1, "CREATED", first=11, tags={"owner": "ben"})
    world.pass_time(2 * HOUR)

    assert sorted(each.partition(" have")[0] for each in world.lines()) == ["⏳ 2 tasks", "⏳ 2 tasks of scan-7"]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({""}, None),  # nobody is known
        ({"Anna"}, None),  # the message names a single owner by itself
        ({"Anna", ""}, "Anna and others"),
        ({"Ben", "Anna"}, "Anna and Ben"),
        ({"Ben", "Anna", "Cleo"}, "Anna, Ben and Cleo"),
        ({"Ben", "Anna", "Cleo", ""}, "Anna, Ben, Cleo and others"),
        ({"Ben", "Anna", "Cleo", "Dan"}, "Anna, Ben, Cleo and 1 other"),
    ],
)
def test_three_of_several_owners_are_named(names: set[str], shown: str | None) -> None:
    assert owned_by(names).get(OWNERS) == shown


@pytest.mark.parametrize("later", [0, 1])
def test_an_outage_of_which_an_older_version_notified_each_owner_is_not_announced_again_and_its_end_is(
    world: World, a_task: ASnapshot, later: int
) -> None:
    waiting(world, a_task, 3, tags=ANNA)
    waiting(world, a_task, 3, first=10, tags={"owner": "ben"})
    world.device("OFFLINE")
    world.pass_time(4 * HOUR)
    before = world.rows.rows[REGION]
    keys = [sha256(f"OFFLINE {GARNET} {name} team-slack".encode()).hexdigest()[:16] for name in ("Anna", "Ben")]
    world.rows.rows[REGION] = replace(before, reminded=dict.fromkeys(keys, world.tracking.now - HOUR))
    waiting(world, a_task, later, first=20, tags=ANNA)
    world.pass_time(HOUR)
    assert world.reminded == [("team-slack", "OFFLINE")]

    world.device("ONLINE")
    world.pass_time(DAY, HOUR)
    assert world.reminded == [("team-slack", "OFFLINE"), ("team-slack", "BACK")]
    assert len(world.all_reminders) == 2


def test_a_program_gets_the_outage_of_each_owner_with_the_tags_and_a_person_one_for_all_others(
    world: World, a_task: ASnapshot, policy: Policy
) -> None:
    people = (*policy.people, Person("Cleo", "U03CDEFGH", ()))
    routes = (Route(("program",), status=("OFFLINE",)), Route(("direct",)))
    channels: dict[str, ChannelType] = {"program": "topic", "direct": "slack"}
    world.tracking.policy = replace(policy, people=people, channels=channels, to_owner=("direct",), routes=routes)
    for first, name in enumerate(("anna", "ben")):
        waiting(world, a_task, 3, first=10 * first, tags={"owner": name, "notify": "Cleo"})
    world.device("OFFLINE")
    world.pass_time(4 * HOUR)

    found = [(each.channel, each.transition.snapshot.tags.get("owner", "")) for each in world.distinct]
    direct = [("direct#Anna", "anna"), ("direct#Ben", "ben"), ("direct#Cleo", "")]
    assert sorted(found) == [*direct, ("program", "anna"), ("program", "ben")]
