"""What a history owes: every end to every channel that wants it, in time, aloud, once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from braket_notifier.adapters.memory.ledger import MemoryLedgerRow
from braket_notifier.domain.destination import channel_of
from braket_notifier.domain.resource import FAILING, TASKS_ENDED
from tests.prove.months.fallback import announced_too_often, may_be_passed_on, passed_on_by
from tests.prove.months.month import End, Month
from tests.prove.months.rules import (
    AFTER_OUTAGE,
    AT_ONCE,
    DAY,
    DIRECT,
    FALLBACKS,
    HOUR,
    LAST_MESSAGE,
    MAIL,
    MANY_MAILS,
    MINUTE,
    NONE,
    PEOPLE,
    PROGRAMS,
    SLACK,
    Block,
    Settings,
    clear,
    due,
)

if TYPE_CHECKING:
    from tests.prove.world_channel import Post

#: An event is observed, and an end is seen by the sweep, after this time if nothing is in the way.
OBSERVED, SWEPT = 1.5 * MINUTE, 6 * MINUTE
#: Search may be so late that only the hourly, or only the daily, look back finds a resource.
OVERLAP, HOURLY = 14 * MINUTE, 51 * MINUTE
#: The sweep finds groups whose records were lost.
AFTER_PURGE = 12 * MINUTE

#: An event of a row that only the next version can read waits for a back-off of a quarter of an hour at most.
AFTER_ROLLBACK = {"observe": 17 * MINUTE, "sweep": SWEPT}

#: New messages of a channel, in any groups and with every repeat, and the range of time in which they are counted.
MOST_RINGS = {SLACK: (14, 10 * MINUTE), MAIL: (8, HOUR), DIRECT: (14, 10 * MINUTE)}
#: A restored group has forgotten what it held, whose records SQS may hide for twelve hours.
AFTER_RESTORE = {"snapshots": 20 * MINUTE, "ledger": 12.5 * HOUR, "both": 12.5 * HOUR}


#: Late news is sent as it comes back; what comes a little later waits for the end of the first portion's ten minutes.
LATE, SECOND_PORTION = 6 * HOUR, 10 * MINUTE


@dataclass
class Verdict:
    """The figures of a history, and its faults in words."""

    ends: int = 0
    owed: int = 0
    #: Notifications that a fallback had to get.
    passed: int = 0
    lost: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    avoidable: int = 0
    unavoidable: Counter[str] = field(default_factory=Counter)


def judge(month: Month) -> Verdict:
    found = Verdict(len(month.ends), wrong=[*month.wrong, *month.accepted.wrong])
    for end in month.ends:
        seen = seen_by(month, end)
        for channel in end.channels:
            _judge_one(month, end, channel, seen, found)
    found.wrong += [*_missing_lines(month), *announced_too_often(month)]
    _count_repeats(month, found)
    _count_rings(month, found)
    found.wrong += [
        f"{row.notification.transition.arn.short_id} is left as {row.state}: {row.reason}"
        for row in month.ledger.rows.values()
        if row.state not in {"DELIVERED", "SUPERSEDED"} and not _is_restored(month, row)
    ]
    for queue in month.all_queues:
        found.wrong += [f"SQS gave up on {body[:200]}" for body in queue.dead]
    return found


def seen_by(month: Month, end: End) -> datetime:
    """The moment by which the notifier has recorded the end: from an event, or by a sweep; a correction from events."""
    ways = [clear(at, OBSERVED, _blocks(month, "observe", end)) for at in end.arrivals]
    if end.corrects:
        return min(ways, default=end.at)
    listed = _listed_by(month, end)
    known = min(clear(end.known_at, OBSERVED, month.blocks["observe"]), listed) if end.known_at else listed
    ways.append(clear(max(end.at, known), SWEPT, _blocks(month, "sweep", end)))
    return min(ways)


def _blocks(month: Month, function: str, end: End) -> list[Block]:
    """What stops the function from recording an end; a row of the next version waits for that version."""
    waits = month.rollbacks if end.life.arn in month.of_next else ()
    return [*month.blocks[function], *(Block(back, again, AFTER_ROLLBACK[function]) for back, again in waits)]


def _listed_by(month: Month, end: End) -> datetime:
    """The moment by which a sweep has found the resource in Search's list."""
    created, listed = end.life.created_at or end.at, end.resource.listed_from
    need = SWEPT if listed - created < OVERLAP else HOUR + SWEPT if listed - created < HOURLY else DAY + 2 * HOUR
    return clear(listed, need, month.blocks["sweep"])


def _is_unsure(month: Month, end: End, seen: datetime) -> bool:
    """Whether nobody knows if the end is owed: its region was taken out before it was seen, or it corrects unseen."""
    created, margin = end.life.created_at or end.at, 3 * OBSERVED
    for region, since, until in month.out:
        back = _watched_again(month, until)
        if region == end.life.arn.region and since - margin < seen and created < back + margin:
            return True
    forgotten = any(began <= seen <= at for began, at, _ in month.restores)
    return end.corrects and (not end.arrivals or forgotten)


def _watched_again(month: Month, until: datetime) -> datetime:
    """When a sweep knows that the region is watched again; snapshots of before that, once restored, do not know it."""
    back = clear(until, SWEPT, month.blocks["sweep"])
    for began, at, which in month.restores:
        if which != "ledger" and began < back < at:
            back = clear(at, SWEPT, month.blocks["sweep"])
    return back


def _is_history(month: Month, end: End) -> bool:
    """Whether it ended while its region was not watched, as the sweep has seen."""
    for region, since, until in month.out:
        seen = clear(since, SWEPT, month.blocks["sweep"])
        if region == end.life.arn.region and seen < end.at < until and not month.restores:
            return True
    return False


def _judge_one(month: Month, end: End, channel: str, seen: datetime, found: Verdict) -> None:
    key, status = end.key(channel), end.life.status
    if _is_history(month, end) and key in month.shown:
        found.wrong.append(f"{_name(end, channel)} was announced, though its region was not watched")
    if _is_unsure(month, end, seen):
        return
    limit = _due(month, channel, status, seen, _need(month, end, channel), key, end.at)
    if end.corrected_at and limit + LAST_MESSAGE >= end.corrected_at:
        return  # its correction may supersede it
    until = month.shown.get(key, limit)
    in_force, warned = month.calendar.between(end.at, until), (key[0], "FAILING", key[2]) in month.shown
    wanted = [warned or each.want(channel, status, trial=end.trial) for each in in_force]
    if end.life.job_arn or not any(wanted):
        if key in month.heard and not (may_be_passed_on(month, end, channel) or _overtook_warning(month, key)):
            found.wrong.append(f"{_name(end, channel)} was announced, though nobody wants it")
        return
    if not all(wanted):
        return  # what waits follows the settings as they are when it is sent
    found.owed += 1
    _judge_fallback(month, end, channel, seen, in_force, found)
    if key not in month.shown:
        found.lost.append(f"{_name(end, channel)} was never shown; seen by {_at(seen)}")
        return
    if month.shown[key] > limit:
        found.late.append(f"{_name(end, channel)} was shown at {_at(month.shown[key])}, due {_at(limit)}")
    loud_limit = (
        limit if _is_lonely(month, end, channel) else _due(month, channel, NONE, limit, LAST_MESSAGE, key, end.at)
    )
    heard = month.heard.get(key, loud_limit + DAY)
    if heard > loud_limit and not _is_forgotten(month, key):
        how = f"shown at {_at(month.shown[key])}, aloud {_at(heard)}, due {_at(loud_limit)}"
        found.silent.append(f"{_name(end, channel)} was {how}")


def _overtook_warning(month: Month, key: tuple[str, str, str]) -> bool:
    """Whether the end came instead of a warning that the job is failing, which waited for the end of a hold."""
    return any(
        row.state == "SUPERSEDED"
        and (it := row.notification.transition).status == FAILING
        and (it.arn.text, channel_of(row.notification.channel)) == (key[0], key[2])
        for row in month.ledger.rows.values()
    )


def _judge_fallback(
    month: Month, end: End, channel: str, seen: datetime, in_force: Sequence[Settings], found: Verdict
) -> None:
    """The fallback shows in time what the channel could not send while it was down."""
    if channel not in FALLBACKS:
        return
    other = FALLBACKS[channel]
    key = end.key(other)
    for by in passed_on_by(month, end, channel, seen):
        limit = _due(month, other, end.life.status, by, _need(month, end, other), key, end.at)
        found.passed += not all(each.want(other, end.life.status, trial=end.trial) for each in in_force)
        if month.shown.get(key, limit + DAY) > limit:
            found.lost.append(f"{_name(end, channel)} did not reach {other} by {_at(limit)}")


def _missing_lines(month: Month) -> Iterator[str]:
    """One line says how the last tasks of a job ended that ended after it, to whoever received the job's end."""
    for end in month.ends:
        keys = [end.key(channel) for channel in end.channels]
        announced = min((month.shown[key] for key in keys if key in month.shown), default=None)
        if end.life.arn.kind != "job" or announced is None or end.corrected_at:
            continue
        later = [each for each in month.ends if each.life.job_arn == end.life.arn.text and each.at > announced]
        unsure = month.restores or any(region == end.life.arn.region for region, _, _ in month.out)
        for channel in () if unsure or not later else {*PEOPLE} & {*end.channels}:
            wanted = [
                each.want(channel, end.life.status, trial=False) for each in month.calendar.between(end.at, month.now)
            ]
            lines = [key for key in month.shown if key[::2] == end.key(channel)[::2] and TASKS_ENDED in key[1]]
            if all(wanted) and not lines:
                yield f"{_name(end, channel)}: nothing says how {len(later)} tasks ended after it"


def _is_forgotten(month: Month, key: tuple[str, str, str]) -> bool:
    """Whether a restored ledger forgot that a card, which only an edit had changed, still owed an announcement."""
    return any(which == "ledger" and began <= month.shown[key] <= at for began, at, which in month.restores)


def _is_restored(month: Month, row: MemoryLedgerRow) -> bool:
    """Whether a restored ledger has the claim, but not the later mark, of what was shown; no record is left of it."""
    transition, claimed = row.notification.transition, row.first_claim
    shown = month.shown.get((transition.arn.text, transition.status, row.notification.channel))
    if row.state != "CLAIMED" or shown is None or claimed is None:
        return False
    return any(which != "snapshots" and claimed <= began and shown <= at for began, at, which in month.restores)


def _due(
    month: Month,
    channel: str,
    status: str,
    since: datetime,
    need: timedelta,
    key: tuple[str, str, str],
    ended: datetime,
) -> datetime:
    blocks = list(month.blocks[channel])
    if channel == PROGRAMS:  # whose messages wait for no group: only a record of the next version waits for it
        blocks += [Block(back, again, AFTER_OUTAGE[channel]) for back, again in month.rollbacks if ended < back]
    if key in month.purged:
        need += AFTER_PURGE
    blocks += [Block(at, at, need + AFTER_PURGE) for at in month.purges]
    blocks += [Block(began, at, need + AFTER_RESTORE[which]) for began, at, which in month.restores]
    limit = due(since, need, blocks, month.calendar, channel, status)
    return limit + SECOND_PORTION if channel in (SLACK, DIRECT) and limit - ended > LATE else limit


def _need(month: Month, end: End, channel: str) -> timedelta:
    """How long a message may take; e-mails are rare while there is much to say."""
    if channel != MAIL:
        return AT_ONCE[channel]
    near = (each for each in month.ends if each is not end and -100 * MINUTE < each.at - end.at < 20 * MINUTE)
    return MANY_MAILS if next(near, None) else AT_ONCE[MAIL]


def _is_lonely(month: Month, end: End, channel: str) -> bool:
    """Whether it is the first failure for hours, in a channel that nothing held or broke."""
    if end.life.status != "FAILED" or channel != SLACK:
        return False
    since = end.at - LAST_MESSAGE - HOUR
    others = [each for each in month.ends if each is not end and each.life.status == "FAILED" and since < each.at]
    near = [each for each in others if each.at < end.at + 2 * HOUR]
    blocks = [each for each in month.blocks[channel] if each.until + DAY > since and each.since < end.at + HOUR]
    held = month.calendar.held_within(channel, NONE, since, end.at + HOUR)
    return not (near or blocks or held or month.purges or month.restores)


def _count_rings(month: Month, found: Verdict) -> None:
    """Whatever happens, a destination rings so often at most in a range of time, and once for each deleted card."""
    for to in [each for each in month.rang if channel_of(each) in PEOPLE]:
        rang, (most, range_) = month.rang[to], MOST_RINGS[channel_of(to)]
        for number, first in enumerate(rang):
            replaced = sum(first <= at < first + range_ for at in month.deleted[to])
            if sum(at < first + range_ for at in rang[number : number + most + replaced + 1]) > most + replaced:
                found.wrong.append(f"{to} rang more than {most} times within {range_} from {_at(first)} on")
                break


def _count_repeats(month: Month, found: Verdict) -> None:
    """Each doubt about an earlier post excuses one repeat; a restored ledger forgot its posts."""
    for posts in month.accepted.posts.values():
        by_id: dict[str, list[Post]] = {}
        for post in posts:
            by_id.setdefault(post.id, []).extend([] if post.edit else [post])
        for each in by_id.values():
            doubts: list[str] = []
            for number, post in enumerate(each):
                if number and doubts:
                    found.unavoidable[doubts.pop()] += 1
                elif number:
                    found.avoidable += 1
                    found.wrong.append(f"{post.id} {post.status} was repeated avoidably")
                doubts += [post.cause] if post.cause else []


def _at(moment: datetime) -> str:
    return f"{moment:%d %b %H:%M:%S}"


def _name(end: End, channel: str) -> str:
    life = end.life
    return f"{life.arn.kind} {life.arn.text[-4:]} {life.status} of {_at(end.at)} in {channel}"


def faults(verdict: Verdict) -> Iterator[str]:
    for kind in ("lost", "late", "silent", "wrong"):
        yield from (f"{kind}: {each}" for each in getattr(verdict, kind))
