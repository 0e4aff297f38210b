"""A row for each reason of grouping's decisions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy, Quiet
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.grouping.answers import (
    Close,
    Edit,
    Flush,
    Found,
    GroupKey,
    InThread,
    LeaveToJob,
    News,
    Nothing,
    Post,
    Reason,
    Reply,
    SendNow,
    Wait,
)
from braket_notifier.grouping.decide import group_key, on_arrival, on_closing, on_flush, still_open
from braket_notifier.grouping.digests import Counted
from braket_notifier.grouping.flood import on_flood
from braket_notifier.grouping.group import Group, GroupTiming, OpenCard, Pending
from braket_notifier.grouping.keys import AWAY, QUIET
from tests.conftest import NOON, job_arn

Build = Callable[..., Notification]
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
CARDS = GroupTiming(3, 10 * MINUTE, 30 * SECOND, edits=True, failures=3, closes=True)
MAILS = GroupTiming(1, 15 * MINUTE, 15 * MINUTE, edits=False, failures=3, closes=True)
LATE_NEWS = GroupTiming(3, 10 * MINUTE, 30 * SECOND, edits=False, failures=3, closes=False)
SENT = Group(single_times=(NOON - 3 * MINUTE, NOON - 2 * MINUTE, NOON - MINUTE), added_at=NOON - MINUTE)
CARD = OpenCard("C1/1", NOON - 5 * MINUTE)
SHOWN_AT = NOON - 5 * SECOND
#: A card of unrelated tasks, which is announced within twenty minutes.
UNRELATED = replace(CARDS, announces_every=20 * MINUTE)
OPEN = replace(SENT, card=CARD, shown_at=SHOWN_AT)
DUE = replace(SENT, pending=Pending(NOON - SECOND))
RETRYING = replace(SENT, pending=Pending(NOON + 20 * SECOND, retrying=True))
HELD_PENDING = Pending(NOON + MINUTE, held=True)
OWN = GroupKey("batch b", Reason.OWN)
THREAD = GroupKey(f"thread {job_arn()}", Reason.JOB_TASK)
HELD = GroupKey(QUIET, Reason.QUIET_HOURS, NOON + MINUTE)
#: Settings with quiet hours at noon.
MUTED: dict[str, Any] = {"quiet": {"team-slack": Quiet(NOON.time(), (NOON + MINUTE).time())}, "time_zone": "UTC"}
PASSING = MUTED | {"quiet": {"team-slack": Quiet(NOON.time(), (NOON + MINUTE).time(), passing=("FAILED",))}}


@pytest.fixture
def note(a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition]) -> Build:
    def build(status: str = "COMPLETED", *, silent: bool = False, **changes: Any) -> Notification:
        task = a_task(status, **{"ended_at": NOON, "tags": {"batch": "b"}, **changes})
        return Notification(a_transition(task), "team-slack", silent)

    return build


KEYS: list[tuple[dict[str, Any], dict[str, Any], Group, tuple[str, Reason]]] = [
    ({}, {}, Group(), ("batch b", Reason.OWN)),
    ({"ended_at": NOON - timedelta(hours=7)}, {}, Group(), (AWAY, Reason.LATE)),
    ({}, MUTED, Group(), (QUIET, Reason.QUIET_HOURS)),
    ({}, {}, DUE, (QUIET, Reason.QUIET_ENDED)),
    ({}, {}, replace(SENT, pending=Pending(NOON + SECOND)), ("batch b", Reason.OWN)),
    ({"ended_at": NOON - timedelta(hours=7)}, {}, DUE, (QUIET, Reason.QUIET_ENDED)),
    ({}, {}, replace(SENT, pending=HELD_PENDING), (QUIET, Reason.QUIET_ENDED)),  # a hold that ended early
    ({"status": "FAILED"}, PASSING, replace(SENT, pending=HELD_PENDING), ("batch b", Reason.OWN)),
    ({"status": "FAILED"}, PASSING, DUE, ("batch b", Reason.OWN)),
]


@pytest.mark.parametrize(("changes", "quiet", "held", "key"), KEYS)
def test_the_group_of_a_notification(
    note: Build,
    policy: Policy,
    changes: dict[str, Any],
    quiet: dict[str, Any],
    held: Group,
    key: tuple[str, Reason],
) -> None:
    found = group_key(note(**changes), replace(policy, **quiet), held, NOON)

    assert (found.name, found.reason) == key


def test_what_a_fallback_has_is_late_news_whatever_its_age_unless_the_channel_is_held(
    note: Build, policy: Policy
) -> None:
    found = [
        group_key(note(), replace(policy, **quiet), held, NOON, passed_on=True)
        for quiet, held in (({}, Group()), ({}, DUE), (MUTED, Group()))
    ]

    assert [(each.name, each.reason) for each in found] == [
        (AWAY, Reason.PASSED_ON),
        (AWAY, Reason.PASSED_ON),
        (QUIET, Reason.QUIET_HOURS),
    ]


def test_the_thread_of_a_job_s_own_task_is_held_too(note: Build, policy: Policy) -> None:
    found = group_key(note("FAILED", silent=True, job_arn=job_arn()), replace(policy, **MUTED), DUE, NOON)

    assert (found.name.startswith(THREAD.name), found.reason) == (True, Reason.JOB_TASK)
    assert found.until == NOON + MINUTE


Arrival = SendNow | Wait | Flush | InThread | LeaveToJob
SOON = Wait(NOON + 10 * SECOND, Reason.LAST_OF_GROUP)
ARRIVALS: list[tuple[Group, GroupTiming, dict[str, Any], Arrival]] = [
    (Group(), CARDS, {}, SendNow(Reason.FIRST)),
    (Group(), MAILS, {}, SendNow(Reason.FIRST)),
    (SENT, CARDS, {"silent": True}, SendNow(Reason.SILENT)),
    (OPEN, CARDS, {"status": "FAILED"}, SendNow(Reason.FIRST_FAILURE)),
    (SENT, CARDS, {}, Wait(NOON + 10 * SECOND, Reason.BURST)),
    (DUE, CARDS, {}, Flush(Reason.BURST)),
    (Group(), replace(MAILS, singles=0), {}, Wait(NOON + 10 * SECOND, Reason.BURST)),
    (SENT, CARDS, {"status": "FAILED"}, Flush(Reason.FAILURE_OPENS)),
    (Group(), CARDS, {"status": "FAILED", "failures": 3}, Flush(Reason.FAILURE_OPENS)),
    (OPEN, CARDS, {}, Wait(NOON + 25 * SECOND, Reason.NEXT_EDIT, if_last=SOON)),
    (OPEN, CARDS, {"status": "FAILED", "failures": 3}, Wait(NOON + 25 * SECOND, Reason.NEXT_EDIT, if_last=SOON)),
    (replace(OPEN, over=True), CARDS, {}, Wait(NOON + 25 * SECOND, Reason.NEXT_EDIT)),
    (replace(OPEN, shown_at=NOON - MINUTE), CARDS, {}, Flush(Reason.NEXT_EDIT)),
    (SENT, MAILS, {}, Wait(NOON + 14 * MINUTE, Reason.NEXT_DIGEST)),
    (SENT, MAILS, {"status": "FAILED"}, Wait(NOON + 14 * MINUTE, Reason.NEXT_DIGEST)),
    (RETRYING, CARDS, {"status": "FAILED"}, Wait(NOON + 20 * SECOND, Reason.RETRY)),
    (Group(), CARDS, {"key": HELD}, Wait(NOON + MINUTE, Reason.QUIET_HOURS)),
    (RETRYING, CARDS, {"key": HELD}, Wait(NOON + MINUTE, Reason.QUIET_HOURS)),
    (DUE, CARDS, {"key": GroupKey(QUIET, Reason.QUIET_ENDED)}, Flush(Reason.QUIET_ENDED)),
    (Group(), CARDS, {"key": GroupKey(AWAY, Reason.LATE)}, Wait(NOON + 2 * MINUTE, Reason.LATE)),
    (Group(), CARDS, {"key": GroupKey(AWAY, Reason.PASSED_ON)}, Wait(NOON + 2 * MINUTE, Reason.PASSED_ON)),
    # a second portion is a message of its own
    (OPEN, LATE_NEWS, {"key": GroupKey(AWAY, Reason.LATE)}, Wait(SHOWN_AT + 10 * MINUTE, Reason.LATE)),
    # the line about a job's last tasks, before the job's end
    (Group(), CARDS, {"looks": 1}, Wait(NOON + MINUTE, Reason.JOB_END_COMING)),
    (DUE, CARDS, {"looks": 1}, Flush(Reason.BURST)),  # one message may announce both
    (SENT, MAILS, {"looks": 20}, Wait(NOON + 14 * MINUTE, Reason.NEXT_DIGEST)),
    (SENT, MAILS, {"looks": 21}, Wait(NOON + 15 * MINUTE, Reason.JOB_END_COMING)),  # it keeps no group waiting
    (Group(), CARDS, {"key": THREAD}, Wait(NOON + MINUTE, Reason.JOB_CARD_COMING)),
    (Group(), CARDS, {"key": THREAD, "job_card": "C1/1"}, InThread("C1/1", Reason.JOB_TASK)),
    (
        Group(),
        CARDS,
        {"key": replace(THREAD, until=NOON + MINUTE), "job_card": "C1/1"},
        Wait(NOON + MINUTE, Reason.QUIET_HOURS),
    ),
    (SENT, CARDS, {"key": THREAD, "job_card": "C1/1"}, LeaveToJob(Reason.ENOUGH_ALIKE)),
    (Group(), CARDS, {"key": THREAD, "unrouted": True}, LeaveToJob(Reason.NO_LONGER_ROUTED)),
    (Group(), MAILS, {"key": THREAD}, LeaveToJob(Reason.NO_THREAD)),
    (Group(), CARDS, {"key": THREAD, "ended_at": NOON - 15 * MINUTE}, LeaveToJob(Reason.NO_THREAD)),
    # of a job whose running posts no card, the end posts one
    (
        Group(),
        CARDS,
        {"key": THREAD, "job_open": True, "ended_at": NOON - 4 * HOUR},
        Wait(NOON + 15 * MINUTE, Reason.JOB_CARD_COMING),
    ),
    (
        Group(),
        CARDS,
        {"key": replace(THREAD, until=NOON + HOUR), "ended_at": NOON - 119 * HOUR},
        Wait(NOON + 30 * MINUTE, Reason.JOB_CARD_COMING),
    ),
    (Group(), CARDS, {"key": THREAD, "job_open": True, "ended_at": NOON - 120 * HOUR}, LeaveToJob(Reason.NO_THREAD)),
]


@pytest.mark.parametrize(("group", "timing", "changes", "answer"), ARRIVALS)
def test_each_arrival_has_its_answer_and_reason(
    note: Build, group: Group, timing: GroupTiming, changes: dict[str, Any], answer: Arrival
) -> None:
    given = ("key", "failures", "job_card", "job_open", "unrouted", "looks")
    read = {"key": OWN} | {name: changes[name] for name in given if name in changes}
    news = News(note(**{name: value for name, value in changes.items() if name not in read}), **read)

    assert on_arrival(group, timing, news, NOON) == answer


def owing_for(span: timedelta) -> Group:
    """A group of whose last announcement so long has passed, and which owes one about an end."""
    return replace(OPEN, card=replace(CARD, opened_at=NOON - span, owing=("an id",)))


OWING = owing_for(20 * MINUTE)
CLOSINGS: list[tuple[Group, int, Nothing | Wait | Flush]] = [
    (OPEN, 0, Wait(NOON + 9 * MINUTE, Reason.STILL_GROWING)),
    (replace(OPEN, added_at=NOON - 10 * MINUTE), 0, Flush(Reason.WINDOW_ENDED)),
    (replace(OPEN, card=replace(CARD, opened_at=NOON - timedelta(hours=6))), 0, Flush(Reason.WINDOW_ENDED)),
    (replace(OPEN, episode=1), 0, Nothing(Reason.CLOSED_BEFORE)),
    (SENT, 0, Nothing(Reason.CLOSED_BEFORE)),
    (  # the channel asked to wait before it took the last edit
        replace(OPEN, added_at=NOON - 10 * MINUTE, pending=Pending(NOON + SECOND, retrying=True)),
        0,
        Wait(NOON + SECOND, Reason.STILL_GROWING),
    ),
    # a hold that ends early
    (replace(OPEN, added_at=NOON - 10 * MINUTE, pending=HELD_PENDING), 0, Flush(Reason.WINDOW_ENDED)),
    (OWING, 0, Flush(Reason.OWED)),
    (replace(OWING, pending=Pending(NOON + SECOND)), 0, Wait(NOON + SECOND, Reason.STILL_GROWING)),  # its next edit
    (owing_for(15 * MINUTE), 0, Wait(NOON + 5 * MINUTE, Reason.STILL_GROWING)),
    (replace(owing_for(15 * MINUTE), added_at=NOON - 9 * MINUTE), 0, Wait(NOON + MINUTE, Reason.STILL_GROWING)),
]


@pytest.mark.parametrize(("group", "episode", "answer"), CLOSINGS)
def test_each_closing_record_has_its_answer_and_reason(
    group: Group, episode: int, answer: Nothing | Wait | Flush
) -> None:
    assert on_closing(group, UNRELATED, episode, NOON) == answer


Flushed = Wait | Edit | Reply | Post | Close | Nothing
ENDED = {"counted": Counted(0)}
UNSWEPT = {"counted": Counted(None, awaits_sweep=True)}
WINDOW = {"why": Reason.WINDOW_ENDED}
FAILS = {"failing": True}
FLUSHES: list[tuple[Group, GroupTiming, dict[str, Any], Flushed]] = [
    (DUE, CARDS, {"why": Reason.BURST}, Post(Reason.BURST, ends=False, closes=False)),
    (DUE, MAILS, {"why": Reason.NEXT_DIGEST}, Post(Reason.NEXT_DIGEST, ends=False, closes=False)),
    (OPEN, CARDS, {}, Edit("C1/1", Reason.NEXT_EDIT, ends=False, closes=False)),
    (OPEN, LATE_NEWS, {"why": Reason.LATE}, Post(Reason.LATE, ends=False, closes=False)),
    (OPEN, CARDS, ENDED | {"waited": False}, Wait(NOON + 10 * SECOND, Reason.LAST_COMING)),
    (
        replace(OPEN, pending=Pending(NOON + 25 * SECOND)),  # an edit's interval after the last one
        CARDS,
        ENDED,
        Wait(NOON + 10 * SECOND, Reason.LAST_COMING),
    ),
    (OPEN, CARDS, ENDED, Reply("C1/1", Reason.LAST_OF_GROUP, ends=True, closes=False)),
    (OPEN, CARDS, ENDED | {"rest": True}, Edit("C1/1", Reason.NEXT_EDIT, ends=False, closes=False)),
    (replace(OPEN, over=True), CARDS, ENDED, Edit("C1/1", Reason.NEXT_EDIT, ends=False, closes=False)),
    (DUE, CARDS, ENDED, Post(Reason.LAST_OF_GROUP, ends=True, closes=False)),
    (SENT, CARDS, ENDED | {"waited": False}, Post(Reason.NEXT_EDIT, ends=False, closes=False)),
    (OPEN, CARDS, WINDOW, Reply("C1/1", Reason.WINDOW_ENDED, ends=True, closes=True)),
    (OPEN, CARDS, WINDOW | {"news": False}, Edit("C1/1", Reason.WINDOW_ENDED, ends=True, closes=True)),
    (
        replace(OPEN, card=replace(CARD, owing=("an id",))),
        CARDS,
        WINDOW | {"news": False},
        Reply("C1/1", Reason.WINDOW_ENDED, ends=True, closes=True),
    ),
    (OPEN, CARDS, WINDOW | {"rest": True}, Edit("C1/1", Reason.WINDOW_ENDED, ends=False, closes=False)),
    (OPEN, CARDS, WINDOW | {"rest": True, "news": False}, Nothing(Reason.CLAIMED_ELSEWHERE)),
    (OPEN, CARDS, WINDOW | {"news": False, "shown": False}, Close(Reason.NOTHING_SHOWN)),
    (OPEN, CARDS, {"news": False}, Nothing(Reason.SHOWN_BEFORE)),
    # a hold keeps everything, or all but a status that passes; a last message has no status
    (OPEN, CARDS, {"held_until": NOON + MINUTE, "news": False}, Wait(NOON + MINUTE, Reason.QUIET_HOURS)),
    (OPEN, CARDS, {"held_until": NOON + MINUTE}, Edit("C1/1", Reason.NEXT_EDIT, ends=False, closes=False)),
    (OPEN, CARDS, WINDOW | {"held_until": NOON + MINUTE}, Wait(NOON + MINUTE, Reason.QUIET_HOURS)),
    # the end of a group is known once a sweep has begun after its last end
    (OPEN, CARDS, UNSWEPT, Edit("C1/1", Reason.NEXT_EDIT, ends=False, closes=False)),
    (OPEN, CARDS, ENDED | {"news": False}, Edit("C1/1", Reason.LAST_OF_GROUP, ends=True, closes=False)),
    (
        replace(OPEN, card=replace(CARD, owing=("an id",))),
        CARDS,
        ENDED | {"news": False},
        Reply("C1/1", Reason.LAST_OF_GROUP, ends=True, closes=False),
    ),
    (DUE, MAILS, ENDED | {"news": False}, Nothing(Reason.SHOWN_BEFORE)),
    (DUE, MAILS, UNSWEPT, Wait(NOON + MINUTE, Reason.SWEEP_COMING)),
    (DUE, MAILS, UNSWEPT | {"claimed": True}, Post(Reason.NEXT_EDIT, ends=False, closes=False)),
    (DUE, replace(MAILS, group_interval=59 * SECOND), UNSWEPT, Post(Reason.NEXT_EDIT, ends=False, closes=False)),
    (replace(OPEN, card=replace(CARD, place="")), CARDS, {}, Post(Reason.CARD_GONE, ends=False, closes=False)),
    # edits are announced within twenty minutes where each end may be somebody else's, unless a hold forbids it
    (OWING, UNRELATED, {}, Reply("C1/1", Reason.NEXT_EDIT, ends=False, closes=False)),
    (OWING, UNRELATED, {"why": Reason.OWED, "news": False}, Reply("C1/1", Reason.OWED, ends=False, closes=False)),
    (OWING, UNRELATED, {"held_until": NOON + MINUTE}, Edit("C1/1", Reason.NEXT_EDIT, ends=False, closes=False)),
    (OWING, CARDS, {}, Edit("C1/1", Reason.NEXT_EDIT, ends=False, closes=False)),
    (owing_for(19 * MINUTE), UNRELATED, {}, Edit("C1/1", Reason.NEXT_EDIT, ends=False, closes=False)),
    # a batch that is failing is warned of once
    (OPEN, CARDS, FAILS, Reply("C1/1", Reason.NEXT_EDIT, ends=False, closes=False)),
    (OPEN, CARDS, FAILS | {"held_until": NOON + MINUTE}, Edit("C1/1", Reason.NEXT_EDIT, ends=False, closes=False)),
    (
        replace(OPEN, card=replace(CARD, warned=True)),
        CARDS,
        FAILS,
        Edit("C1/1", Reason.NEXT_EDIT, ends=False, closes=False),
    ),
]


@pytest.mark.parametrize(("group", "timing", "changes", "answer"), FLUSHES)
def test_each_due_group_has_its_answer_and_reason(
    note: Build, group: Group, timing: GroupTiming, changes: dict[str, Any], answer: Flushed
) -> None:
    given = {"shown": True, "news": True} | changes
    notes = {name: (note(),) if given[name] else () for name in ("shown", "news")}
    found = Found(**{"why": Reason.NEXT_EDIT, "waited": True, "counted": Counted(3), **changes, **notes})

    assert on_flush(group, timing, found, NOON) == answer


HOURLY = GroupTiming(0, 15 * MINUTE, 60 * MINUTE, edits=False, failures=3, closes=True)
FLOODS: list[tuple[Group, GroupTiming, Wait | Flush]] = [
    (SENT, CARDS, Wait(NOON + 10 * SECOND, Reason.FLOOD)),
    (OPEN, CARDS, Wait(NOON + 25 * SECOND, Reason.FLOOD)),
    (DUE, CARDS, Flush(Reason.FLOOD)),
    (RETRYING, CARDS, Wait(NOON + 20 * SECOND, Reason.FLOOD)),
    # an e-mail comes a quarter of an hour after the one before it, and waits for its hour only if much waits then
    (SENT, HOURLY, Wait(NOON + 14 * MINUTE, Reason.FLOOD)),
    (replace(SENT, shown_at=NOON - MINUTE), HOURLY, Wait(NOON + 14 * MINUTE, Reason.FLOOD)),
    (replace(SENT, shown_at=NOON - 61 * MINUTE), HOURLY, Wait(NOON + 14 * MINUTE, Reason.FLOOD)),
    (DUE, HOURLY, Flush(Reason.FLOOD)),
]


@pytest.mark.parametrize(("group", "timing", "answer"), FLOODS)
def test_each_end_that_joins_the_card_of_many_has_its_time(
    group: Group, timing: GroupTiming, answer: Wait | Flush
) -> None:
    assert on_flood(group, timing, NOON) == answer


@pytest.mark.parametrize(
    ("group", "waited", "rest", "known"),
    [(OPEN, True, False, 0), (OPEN, True, True, None), (SENT, False, False, None), (SENT, True, False, 0)],
)
def test_an_end_is_known_only_if_nothing_may_follow(
    group: Group, *, waited: bool, rest: bool, known: int | None
) -> None:
    assert still_open(group, Found(Reason.BURST, waited, Counted(0), rest=rest)) == known


def test_every_reason_has_a_row_and_stands_on_the_page_of_the_logs() -> None:
    answers = [row[-1] for rows in (ARRIVALS, CLOSINGS, FLUSHES, FLOODS) for row in rows]
    reasons = {each.reason for each in answers} | {row[-1][1] for row in KEYS}
    reasons |= {each.if_last.reason for each in answers if isinstance(each, Wait) and each.if_last}
    reasons |= {Reason.FLOOD_SILENT, Reason.NO_CARD}  # no answers of a decision: test_flood.py, test_owner_channels.py
    page = (Path(__file__).parents[3] / "docs" / "logs.md").read_text()

    assert reasons == set(Reason)
    assert [each for each in Reason if f"| `{each.name}` | {each.value} |" not in page] == [Reason.OWN]  # never logged
