"""The status board as HTML for a CloudWatch dashboard: pure, every word escaped, no script.

CloudWatch User Guide, "Security and JavaScript for custom CloudWatch widgets": scripts, `iframe` and `use` are taken
out; styles and SVG stay. One empty element of the class `cwdb-no-default-styles` turns the console's own styles off.
"""

from collections.abc import Iterator

from braket_notifier.braket.devices import device
from braket_notifier.domain.policy import Policy
from braket_notifier.rendering.words.names import name
from braket_notifier.rendering.words.outcomes import outcome
from braket_notifier.status_board.html_parts import escaped, link, row, small
from braket_notifier.status_board.open_rows import devices, jobs
from braket_notifier.status_board.report import Move, StatusReport
from braket_notifier.status_board.style import STYLE
from braket_notifier.status_board.widget import View
from braket_notifier.text.wording import clock_time, duration, number, plural, zone_name

#: Narrower than this, in pixels, one thing stands below the other.
NARROW = 820


def board(survey: StatusReport, view: View, policy: Policy) -> str:
    """One element with its style, for the theme and the width of whoever looks."""
    narrow = " bn-narrow" if view.width is not None and view.width < NARROW else ""
    return (
        f'<div class="cwdb-no-default-styles"></div><style>{STYLE}</style>'
        f'<div class="bn-board bn-{view.theme or "auto"}{narrow}">{_head(survey)}<div class="bn-columns">'
        f"<div>{devices(survey)}{jobs(survey)}</div><div>{_moves(survey, policy)}</div></div></div>"
    )


def _head(survey: StatusReport) -> str:
    count = survey.tasks + survey.jobs
    at_least = "at least " if survey.at_least else ""
    what = f"{at_least}<b>{number(count)}</b> open" if count else "<b>Nothing is open</b>"
    parts = [plural(survey.tasks, "quantum task")] * bool(survey.tasks)
    parts += [plural(survey.jobs, "hybrid job")] * bool(survey.jobs)
    facts = "".join(f'<span class="bn-fact{mark}">{fact}</span>' for fact, mark in _facts(survey))
    return (
        f'<div class="bn-head"><div class="bn-count">{what}{small(", ".join(parts))}</div>'
        f'<div class="bn-facts">{facts}</div></div>'
    )


def _facts(survey: StatusReport) -> Iterator[tuple[str, str]]:
    """What is said, and how loudly."""
    if survey.oldest:
        yield f"oldest {duration(survey.at - survey.oldest)}", ""
    if survey.swept_at:
        yield f"swept {duration(survey.at - survey.swept_at)} ago", ""
    else:
        yield "not every region has been swept yet", " bn-warn"
    if survey.stuck:
        yield f"{number(survey.stuck)} not passed on", " bn-bad"
    if survey.undelivered:
        yield f"{number(survey.undelivered)} undelivered", " bn-bad"
    if not survey.stuck and not survey.undelivered:
        yield "nothing is stuck", " bn-good"


def _moves(survey: StatusReport, policy: Policy) -> str:
    zone = zone_name(survey.at, policy.time_zone)
    lines = "".join(_move(each, survey, policy) for each in survey.moves)
    nothing = '<p class="bn-empty">Nothing has moved in this time range.</p>'
    return f'<h3>Last transitions<span class="bn-legend">{escaped(zone)}</span></h3>{lines or nothing}'


def _move(move: Move, survey: StatusReport, policy: Policy) -> str:
    transition, snapshot = move.transition, move.transition.snapshot
    ends = outcome(transition, policy)
    took = snapshot.ended_at - snapshot.created_at if snapshot.ended_at and snapshot.created_at else None
    beside = (escaped(device(snapshot.device).full), f"took {duration(took)}" if took else "")
    said = f"{link(transition.arn, name(snapshot))} {escaped(ends.push)}"
    return row(
        ("time", clock_time(move.at, policy.time_zone, survey.at)),
        ("mark", escaped(ends.mark)),
        ("said", said + small(" · ".join(filter(None, beside)))),
    )
