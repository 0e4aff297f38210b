"""The failed executables of a program set, listed in the thread of its card; pure."""

from braket_notifier.domain.results import Failures, TaskResults
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.digest_tables import REASONS, quoted, some
from braket_notifier.rendering.message import LINK, PUSH, Message, Section, Words
from braket_notifier.rendering.task import KINDS, kind_of
from braket_notifier.rendering.words import links
from braket_notifier.rendering.words.names import name
from braket_notifier.rendering.words.outcomes import PARTLY_FAILED
from braket_notifier.text.wording import cut, number, plural


def render_executables(transition: Transition, results: TaskResults) -> Message:
    """List the failures by category and reason, each executable by its place in the file that lists them."""
    snapshot, mark, failures = transition.snapshot, PARTLY_FAILED.mark, results.failures
    lost = sum(each.count for each in failures)
    headline = (
        f"{mark} {name(snapshot)} — {number(lost)} of {plural(snapshot.executables or lost, 'executable')} failed"
    )
    return Message(
        mark=mark,
        push=cut(headline, PUSH),
        headline=headline,
        lines=(f"As [program][executable] of {results.file}, counted from 0.",),
        sections=tuple(Section(kind_of(each), _rows(each)) for each in failures[:KINDS]),
        links=((results.file, url),) if 0 < len(url := links.file(snapshot, results.file)) <= LINK else (),
        short_id=snapshot.arn.short_id,
    )


def _rows(failures: Failures) -> tuple[tuple[Words, Words], ...]:
    rows = [((quoted(reason),), some(places)) for reason, places in failures.reasons[:REASONS]]
    left = sum(len(places) for _, places in failures.reasons[REASONS:])
    return (*rows, *([((f"and {number(left)} more",), ("for other reasons",))] if left else []))
