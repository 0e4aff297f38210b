"""A digest as a message, the same for a Slack card and an e-mail; pure."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from braket_notifier.braket.devices import device
from braket_notifier.domain.digest import MOST_COUNTED, Digest
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Arn
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.digest_tables import end_of, last_tasks, sections, table
from braket_notifier.rendering.job import mark_of_last
from braket_notifier.rendering.message import PUSH, Message
from braket_notifier.rendering.task import CAUSE, PROBABLY, counted, is_left_over, short_arn
from braket_notifier.rendering.words import links
from braket_notifier.rendering.words.money import sum_over
from braket_notifier.rendering.words.names import name
from braket_notifier.rendering.words.outcomes import outcome
from braket_notifier.rendering.words.recipients import shown_owner, why_received
from braket_notifier.routing.owners import Owner
from braket_notifier.text.wording import clean, clock_time, cut, duration, number, plural, zone_name

#: Longest time between ends that have one cause.
AT_ONCE = timedelta(minutes=1)
#: Characters of a title.
TITLE = 60
#: Characters of a batch tag that a user types; a longer one, or one with invisible characters, has no command.
TYPED = 100
#: Stands for a batch tag without a visible character.
UNNAMED = "without a name"
_MARKS = ("❌", "🟠", "❔", "✅", "⏹", "▶", "⏳")
#: Titles by occasion; transitions that were held for a channel belong to no group.
_HELD = {"many": "", "away": "While I was away", "quiet": "While I was quiet"}
_MEANWHILE = {"away": "These messages could not be sent in time", "quiet": "Quiet hours or a mute held these messages"}


def render_digest(digest: Digest, policy: Policy, channel: str = "") -> Message:
    """Render the counts, devices and outcomes of a digest, with failures first."""
    latest = tuple({each.arn: each for each in digest.transitions if not each.beside_card}.values())
    lines = tuple({each.id: each for each in digest.transitions if each.beside_card}.values())
    ended = tuple(each for each in latest if each.snapshot.terminal)
    if len(latest) > 1 and not lines and _ended_with_reservation(latest, policy):
        return _cancelled(digest, latest, policy, channel)
    marks = {outcome(each, policy).mark for each in latest}
    marks |= {mark_of_last(each.snapshot.children) for each in lines if each.snapshot.children}
    mark = "🟠" if digest.failing else next((each for each in _MARKS if each in marks), "▶")
    title = ": ".join(filter(None, (_HELD[digest.occasion], _title(digest))))
    jobs = plural(len({each.arn for each in lines}), "hybrid job")
    is_part = {each.arn for each in latest} < _in_finished(digest)
    ends = _counts(latest, more=is_part) if latest else f"the last tasks of {jobs} ended"
    headline = f"{mark} {title}{' is failing' if digest.failing else ''}: {ends}"
    listed, received = digest.announced or latest, why_received(latest, policy, channel)
    command = "" if digest.announced else _command(digest)
    spent = sum_over(each.snapshot for each in ended) if _may_sum(digest, latest, policy) else ""
    people = _owner(latest, policy, channel, failed=mark in _MARKS[:2])
    facts = (
        *_finished(digest, policy),
        _when(digest, latest, policy),
        spent,
        _left_over_line(latest, policy),
        received,
    )
    nothing_open = "Nothing of this batch is open." if digest.batch and digest.open == 0 else ""
    return Message(
        mark=mark,
        push=cut(headline, PUSH),
        headline=headline,
        lines=tuple(filter(None, facts)),
        owner=people if people and people.slack and digest.mentions else None,  # the first line already has the name
        table=table(ended) if ended else (),
        sections=(*sections(listed, policy, well=_names_well(digest)), *last_tasks(lines)),
        closing=f"{nothing_open} {_all(digest, latest, is_part=is_part)}".strip() if command else nothing_open,
        command=command,
        links=_consoles((*latest, *lines)),
    )


def _may_sum(digest: Digest, latest: Sequence[Transition], policy: Policy) -> bool:
    """Whether a sum is shown, because one of a single person's tasks needs `[costs] by_person`."""
    if digest.announced:
        return False
    of_a_job = all(each.snapshot.job_arn or each.arn.kind == "job" for each in latest)
    return bool(policy.costs_by_person or digest.batch or of_a_job or _owner(latest, policy) is None)


def _names_well(digest: Digest) -> bool:
    """Whether a line beside a card names what ended well; it does for unrelated tasks, which somebody may await."""
    return bool(digest.announced) and not (digest.batch or any(each.snapshot.job_arn for each in digest.announced))


def _consoles(latest: Sequence[Transition]) -> tuple[tuple[str, str], ...]:
    """Link to the console's list of tasks, or of jobs, in each region."""
    regions = sorted(Counter(each.arn.region for each in latest).items(), key=lambda each: (-each[1], each[0]))
    pages = [(region, next(each.arn for each in latest if each.arn.region == region)) for region, _ in regions]
    return tuple((f"Console {region}" if len(pages) > 1 else "Console", links.listed(arn)) for region, arn in pages)


def _counts(latest: Sequence[Transition], *, more: bool = False) -> str:
    """`120 ended, 1 corrected — 114 ok, 2 partial, 4 FAILED`, or `30 more ended` than an earlier message counted."""
    counts = Counter(map(end_of, latest))
    words = {"ok": "ok", "partial": "partial", "failed": "FAILED", "cancelled": "cancelled", "other": "other"}
    ends = ", ".join(f"{number(counts[end])} {word}" for end, word in words.items() if counts[end])  # type: ignore[index]  # one of End
    ended = counts.total() - counts["open"]
    corrected = sum(each.correction for each in latest)
    again = f", {number(corrected)} corrected" if corrected else ""
    if not ended:
        return f"{number(counts['open'])} going on"
    return f"{number(ended)}{' more' if more else ''} ended{again} — {ends}"


def _title(digest: Digest) -> str:
    if digest.occasion != "many":
        return ""
    return cut(clean(digest.batch or digest.title), TITLE) or f"batch {UNNAMED}"


def _when(digest: Digest, latest: Sequence[Transition], policy: Policy) -> str:
    """Return a line like "Anna's batch ghz-scan is finished (09:02-11:47 CET, 2 h 45 min)"."""
    if digest.occasion != "many":
        return f"{_MEANWHILE[digest.occasion]}{_span(_moved(latest), policy, digest.as_of)}."
    finished = _in_finished(digest)
    if finished and {each.arn for each in latest} <= finished:
        return ""
    group = _batch(digest.batch, latest, policy) if digest.batch else f"{_title(digest)}:"
    span = _lived(latest, policy, digest.as_of)
    if digest.open == 0:
        return f"{group} {'is finished' if digest.batch else 'all ended'}{span}."
    more = " or more" if digest.open == MOST_COUNTED else ""
    return f"{group} so far{span}" + (f", {number(digest.open)}{more} still open." if digest.open else ".")


def _in_finished(digest: Digest) -> set[Arn]:
    return {each.arn for batch in digest.finished for each in batch}


def _finished(digest: Digest, policy: Policy) -> Iterator[str]:
    """Yield lines like "Anna's batch ghz is finished (09:02-11:47 CET, 2 h 45 min); sent here: 2 ended — 2 ok"."""
    for batch in digest.finished:
        latest = tuple({each.arn: each for each in batch}.values())
        named = _batch(latest[0].snapshot.tags["batch"], latest, policy)
        yield f"{named} is finished{_lived(latest, policy, digest.as_of)}; sent here: {_counts(latest)}."


def _batch(batch: str, latest: Sequence[Transition], policy: Policy) -> str:
    people = _owner(latest, policy)
    whose = f"{people.name}'s batch" if people else "Batch"
    return f"{whose} {cut(clean(batch), TITLE) or UNNAMED}"


def _lived(latest: Sequence[Transition], policy: Policy, as_of: datetime | None) -> str:
    began = [at for each in latest if (at := each.snapshot.created_at or each.at)]
    return _span([*began, *_moved(latest)], policy, as_of)


def _moved(latest: Sequence[Transition]) -> list[datetime]:
    return [at for each in latest if (at := each.snapshot.ended_at or each.at)]


def _span(moments: Sequence[datetime], policy: Policy, as_of: datetime | None) -> str:
    """Return a text like "(09:02-11:47 CET, 2 h 45 min)", with the day or the two days if it is not the message's."""
    if not moments:
        return ""
    first, last, zone = min(moments), max(moments), policy.time_zone
    begin, end = clock_time(first, zone, as_of or last, named=last), clock_time(last, zone, beside=first)
    if first == last:
        return f" ({begin} {zone_name(last, zone)})"
    return f" ({begin}-{end} {zone_name(last, zone)}, {duration(last - first)})"


def _all(digest: Digest, latest: Sequence[Transition], *, is_part: bool = False) -> str:
    """Return what stands before the command, which lists the whole batch although the message may be about a part."""
    return f"All {number(len(latest))}:" if digest.open == 0 and not is_part else "The whole batch:"


def _command(digest: Digest) -> str:
    """Return the command that lists the batch; it knows no other group."""
    typed = bool(digest.batch) and clean(digest.batch) == digest.batch and len(digest.batch) <= TYPED
    return f"braket-notifier list --batch {shlex.quote(digest.batch)} --links" if typed else ""


def _owner(latest: Sequence[Transition], policy: Policy, channel: str = "", *, failed: bool = False) -> Owner | None:
    """Return the owner of every transition, mentioned for any of them; None if there are several owners."""
    owners = {shown_owner(each, policy, channel, failed=failed) for each in latest}
    names = {each.name if each else "" for each in owners}
    return max(owners, key=lambda each: each.slack if each else "") if len(names) == 1 else None


def _left_over_line(latest: Sequence[Transition], policy: Policy) -> str:
    count = sum(is_left_over(each, policy) for each in latest)
    return f"{plural(count, 'cancelled task')} of a reservation. {CAUSE}" if count else ""


def _ended_with_reservation(latest: Sequence[Transition], policy: Policy) -> bool:
    ended = _moved(latest)
    together = not ended or max(ended) - min(ended) <= AT_ONCE
    one_reservation = len({each.snapshot.reservation for each in latest}) == 1
    return together and one_reservation and all(is_left_over(each, policy) and not each.correction for each in latest)


def _cancelled(digest: Digest, latest: Sequence[Transition], policy: Policy, channel: str) -> Message:
    """Render the cancellations at the end of a reservation as a single event."""
    first = latest[0].snapshot
    ended = _moved(latest)
    within = f" within {duration(max(ended) - min(ended))}" if ended else ""
    booked = f"reservation {short_arn(first.reservation)} (the tasks carry its ARN)"
    where = (device(first.device).full, latest[0].arn.region, booked)
    lines = (
        *_finished(digest, policy),
        " · ".join(filter(None, where)),
        counted(digest.reservation),
        CAUSE,
        "To run them: resubmit on demand or book another window.",
        why_received(latest, policy, channel),
    )
    figures = (f"⏹ {plural(len(latest), 'task')} cancelled", device(first.device).pushed, PROBABLY)
    return Message(
        mark="⏹",
        push=cut(" · ".join(filter(None, figures)), PUSH),
        headline=f"⏹ {name(first)} and {number(len(latest) - 1)} more — CANCELLED{within}",
        lines=tuple(filter(None, lines)),
        owner=_owner(latest, policy, channel),
        command=_command(digest),
        closing=_all(digest, latest) if _command(digest) else "",
        links=_consoles(latest),
    )
