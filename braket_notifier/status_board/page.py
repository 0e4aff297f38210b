"""The status board as HTML for a CloudWatch dashboard, escaped and without scripts; pure.

CloudWatch removes scripts, `iframe` and `use`, and keeps styles and SVG (CloudWatch User Guide, "Security and
JavaScript for custom CloudWatch widgets"). An empty element of the class `cwdb-no-default-styles` turns the
console's own styles off.
"""

from collections.abc import Iterator

from braket_notifier.braket.devices import device
from braket_notifier.domain.policy import Policy
from braket_notifier.rendering.words.money import amount, sum_over
from braket_notifier.rendering.words.names import name
from braket_notifier.rendering.words.outcomes import outcome
from braket_notifier.status_board.html_parts import escaped, link, row, small
from braket_notifier.status_board.open_rows import devices, jobs
from braket_notifier.status_board.report import Move, StatusReport
from braket_notifier.status_board.style import STYLE
from braket_notifier.status_board.widget import View
from braket_notifier.text.wording import clock_time, duration, number, plural, zone_name

#: Width in pixels below which the two columns stand one below the other.
NARROW = 820


def board(report: StatusReport, view: View, policy: Policy) -> str:
    """Return an element with its style, for the theme and width of the dashboard."""
    narrow = " bn-narrow" if view.width is not None and view.width < NARROW else ""
    return (
        f'<div class="cwdb-no-default-styles"></div><style>{STYLE}</style>'
        f'<div class="bn-board bn-{view.theme or "auto"}{narrow}">{_head(report)}<div class="bn-columns">'
        f"<div>{devices(report, policy.time_zone)}{jobs(report, policy.time_zone)}</div>"
        f"<div>{_moves(report, policy)}</div></div></div>"
    )


def _head(report: StatusReport) -> str:
    count = report.tasks + report.jobs
    at_least = "at least " if report.at_least else ""
    total = f"{at_least}<b>{number(count)}</b> open" if count else "<b>Nothing is open</b>"
    parts = [plural(report.tasks, "quantum task")] * bool(report.tasks)
    parts += [plural(report.jobs, "hybrid job")] * bool(report.jobs)
    facts = "".join(f'<span class="bn-fact{mark}">{fact}</span>' for fact, mark in _facts(report))
    return (
        f'<div class="bn-head"><div class="bn-count">{total}{small(", ".join(parts))}</div>'
        f'<div class="bn-facts">{facts}</div></div>'
    )


def _facts(report: StatusReport) -> Iterator[tuple[str, str]]:
    """Yield facts, each with the style class of its urgency."""
    if report.oldest:
        yield f"oldest {duration(report.at - report.oldest)}", ""
    if report.swept_at:
        yield f"swept {duration(report.at - report.swept_at)} ago", ""
    else:
        yield "not every region has been swept yet", " bn-warn"
    if report.stuck:
        yield f"{number(report.stuck)} not passed on", " bn-bad"
    if report.undelivered:
        yield f"{number(report.undelivered)} undelivered", " bn-bad"
    if not report.stuck and not report.undelivered:
        yield "nothing is stuck", " bn-good"


def _moves(report: StatusReport, policy: Policy) -> str:
    zone = zone_name(report.at, policy.time_zone)
    lines = "".join(_move(each, report, policy) for each in report.moves)
    spent = sum_over(each.transition.snapshot for each in report.moves) if policy.money else ""
    lines += f'<p class="bn-empty">{escaped(spent)}</p>' if spent else ""
    nothing = '<p class="bn-empty">Nothing has moved in this time range.</p>'
    return f'<h3>Last transitions<span class="bn-legend">{escaped(zone)}</span></h3>{lines or nothing}'


def _move(move: Move, report: StatusReport, policy: Policy) -> str:
    transition, snapshot = move.transition, move.transition.snapshot
    ends = outcome(transition, policy)
    spent = escaped(amount(snapshot)) if policy.money else ""
    took = snapshot.ended_at - snapshot.created_at if snapshot.ended_at and snapshot.created_at else None
    beside = (escaped(device(snapshot.device).full), f"took {duration(took)}" if took else "", spent)
    text = f"{link(transition.arn, name(snapshot))} {escaped(ends.push)}"
    return row(
        ("time", clock_time(move.at, policy.time_zone, report.at)),
        ("mark", escaped(ends.mark)),
        ("said", text + small(" · ".join(filter(None, beside)))),
    )
