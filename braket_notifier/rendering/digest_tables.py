"""The tables of a digest: outcomes by device, and reasons; pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from braket_notifier.braket.devices import device
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import is_incomplete
from braket_notifier.domain.transition import Transition, has_results
from braket_notifier.rendering import job
from braket_notifier.rendering.message import Link, Section, Words
from braket_notifier.rendering.words import links
from braket_notifier.rendering.words.names import name
from braket_notifier.rendering.words.outcomes import outcome
from braket_notifier.sending.fallback import is_bare
from braket_notifier.text.wording import clean, cut, plural

End = Literal["ok", "partial", "failed", "cancelled", "other", "open"]
ENDS: tuple[End, ...] = ("ok", "partial", "failed", "cancelled")
#: Devices, reasons and names that a Slack card shows; the command lists the rest.
DEVICES, REASONS, NAMES = 8, 5, 8
#: Names of a digest that are links; failures and partial results come first.
LINKS = 15
#: Characters of a failure reason.
REASON = 80
#: Stands for the reason of a person's failure where the team gets its name and status alone.
WITHHELD = "reason withheld, for the owner alone"


def end_of(transition: Transition) -> End:
    """Classify a transition; a missing shot, or a usable result of a failure, makes it partial."""
    if not transition.snapshot.terminal:
        return "open"
    if has_results(transition) or (transition.status == "COMPLETED" and is_incomplete(transition.snapshot)):
        return "partial"
    known: dict[str, End] = {"COMPLETED": "ok", "FAILED": "failed", "CANCELLED": "cancelled"}
    return known.get(transition.status, "other")


def table(ended: Sequence[Transition]) -> tuple[tuple[str, ...], ...]:
    """Return a row for each device, the busiest first."""
    counts: defaultdict[str, Counter[End]] = defaultdict(Counter)
    for each in ended:
        counts[device(each.snapshot.device).model][end_of(each)] += 1
    rows = sorted(counts.items(), key=lambda row: -row[1].total())
    shown, rest = rows[:DEVICES], rows[DEVICES:]
    if rest:
        shown.append((f"{len(rest)} more", sum((each for _, each in rest), Counter())))
    columns = (*ENDS, *(["other"] if any(each["other"] for each in counts.values()) else []))
    figures = (tuple(str(each[column] or "-") for column in columns) for _, each in shown)  # type: ignore[index]  # one of End
    named = zip(shown, figures, strict=True)
    return (("device", "ended", *columns), *((called or "-", str(each.total()), *row) for (called, each), row in named))


def sections(transitions: Sequence[Transition], policy: Policy, *, well: bool = False) -> tuple[Section, ...]:
    """Return the failures grouped by reason, the partial, cancelled and corrected resources, and all others.

    `well`: those that ended well are named too.
    """
    by_end: defaultdict[End, list[Transition]] = defaultdict(list)
    for each in transitions:
        by_end[end_of(each)].append(each)
    named = well and by_end["ok"]
    again, rest = [each for each in transitions if each.correction], [*by_end["other"], *by_end["open"]]
    lists = (
        Section(f"FAILED ({len(by_end['failed'])})", _reasons(by_end["failed"])),
        _flowing("PARTIAL", by_end["partial"], [_shots(each) for each in by_end["partial"]]),
        _flowing("CANCELLED", by_end["cancelled"], ["" for _ in by_end["cancelled"]]),
        _flowing("CORRECTED", again, [f"now {clean(each.status)}, was {clean(each.was or '')}" for each in again]),
        _flowing("ALSO", rest, [outcome(each, policy).push for each in rest]),
        Section(f"OK ({len(by_end['ok'])})", ((some([*map(_named, by_end["ok"])], LINKS), ()),) if named else ()),
    )
    return tuple(_with_few_links([each for each in lists if each.rows]))


def _with_few_links(lists: Sequence[Section]) -> Iterator[Section]:
    """Leave the first names as links; the others stay names."""
    left = iter(range(LINKS))

    def kept(words: Words) -> Words:
        return tuple(each.text if isinstance(each, Link) and next(left, None) is None else each for each in words)

    for each in lists:
        yield replace(each, rows=tuple((kept(first), kept(second)) for first, second in each.rows))


def last_tasks(lines: Sequence[Transition]) -> tuple[Section, ...]:
    """Return the lines about quantum tasks that ended after their hybrid jobs."""
    rows: list[tuple[Words, Words]] = [
        ((name(each.snapshot),), (job.last_tasks(each.snapshot.children),)) for each in lines if each.snapshot.children
    ]
    return (_limited("LAST TASKS OF JOBS", rows),) if rows else ()


def _reasons(failed: Iterable[Transition]) -> tuple[tuple[Words, Words], ...]:
    """Return a row for each distinct reason: `3 x "its words"` and the names."""
    names: defaultdict[tuple[str, bool], list[Link]] = defaultdict(list)
    for each in failed:
        names[clean(each.snapshot.failure_reason), is_bare(each.snapshot)].append(_named(each))
    rows = sorted(names.items(), key=lambda row: -len(row[1]))
    words = ((WITHHELD if withheld else quoted(reason), called) for (reason, withheld), called in rows[:REASONS])
    shown = [((f"{len(called)} x {reason}",), some(called)) for reason, called in words]
    left = sum(len(called) for _, called in rows[REASONS:])
    others = f"for {plural(len(rows) - REASONS, 'other reason')}"
    return (*shown, *([((f"and {left} more",), (others,))] if left else []))


def _named(transition: Transition) -> Link:
    return Link(name(transition.snapshot), links.resource(transition.arn))


def quoted(reason: str) -> str:
    reason = clean(reason)
    return f'"{cut(reason, REASON)}"' if reason else "without a reason"


def some(called: Sequence[str | Link], most: int = NAMES) -> Words:
    """Return the first names with commas, and the number of the others."""
    listed = [part for each in called[:most] for part in (", ", each)][1:]
    return (*listed, *([f" and {len(called) - most} more"] if len(called) > most else []))


def _flowing(title: str, listed: Sequence[Transition], details: Sequence[str]) -> Section:
    rows: list[tuple[Words, Words]] = [
        ((_named(each),), (detail,) if detail else ()) for each, detail in zip(listed, details, strict=True)
    ]
    return replace(_limited(title, rows), flowing=True)


def _limited(title: str, rows: Sequence[tuple[Words, Words]]) -> Section:
    """Return a list of the first rows, with the number of all in its title and that of the others in its last row."""
    more: list[tuple[Words, Words]] = [(("and",), (f"{len(rows) - NAMES} more",))] if len(rows) > NAMES else []
    return Section(f"{title} ({len(rows)})", (*rows[:NAMES], *more))


def _shots(transition: Transition) -> str:
    snapshot = transition.snapshot
    failed = ", FAILED by Braket" if transition.status == "FAILED" else ""
    return f"{_figure(snapshot.successful_shots)} of {_figure(snapshot.shots)} shots{failed}"


def _figure(value: int | None) -> str:
    """Separate thousands only beyond four digits, which are legible without."""
    return "?" if value is None else f"{value:,}" if value > 9999 else str(value)  # noqa: PLR2004 - four digits
