"""The dashboard as a page: the deployed body over what was measured on this machine."""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.dashboard_body import Line, Widget, widgets
from local.dashboard_chart import COLOURS, chart
from local.dashboard_style import STYLE
from local.metrics import Metric, Points, by_period
from local.ringing import Rule

#: How long a period may be, in seconds; CloudWatch's own begin with five minutes.
PERIODS = (1, 2, 5, 15, 60, 300)
#: So many points are enough for a graph of half the page.
MOST_POINTS = 60
UNMEASURED = "not measured on this machine"


@dataclass(frozen=True)
class Measured:
    """All that was measured from a moment until now, and the alarms that watch it."""

    points: Points
    alarms: Sequence[Mapping[str, Any]]
    start: float
    now: float

    @property
    def period(self) -> int:
        return next((each for each in PERIODS if (self.now - self.start) / each <= MOST_POINTS), PERIODS[-1])

    @property
    def since(self) -> str:
        return duration(self.now - self.start)

    def values(self, line: Line) -> list[float | None]:
        periods = int((self.now - self.start) // self.period) + 1
        return line.values(self.points, self.now - periods * self.period, periods, self.period)

    def knows(self, metric: Metric) -> bool:
        """What functions print is known even while none of it is there; of AWS's own metrics, what was counted."""
        return metric in self.points or not metric.namespace.startswith("AWS/")


def dashboard(name: str, body: str, measured: Measured, board: str, theme: str) -> str:
    fields = "".join(_field(each, name, measured, board) for each in widgets(body))
    return (
        f'<style>{STYLE}</style><div class="cw cw-{theme or "auto"}"><h1>{html.escape(name)}</h1>'
        f"<p>What was deployed as a CloudWatch dashboard, drawn here over what was measured in {measured.since}: "
        f"a point for {duration(measured.period)}. CloudWatch draws the same graphs itself, a point for five minutes."
        f'</p><div class="cw-fields">{fields}</div></div>'
    )


def _field(widget: Widget, name: str, measured: Measured, board: str) -> str:
    shown = {"alarm": lambda: _alarms(widget, name, measured), "custom": lambda: board}
    content = shown.get(widget.kind, lambda: _graph(widget, measured))()
    place = f"grid-column:{widget.column + 1}/span {widget.width}"
    return f'<section style="{place}"><h2>{html.escape(widget.title)}</h2>{content}</section>'


def _graph(widget: Widget, measured: Measured) -> str:
    series = [measured.values(line) for line in widget.lines]
    legend = "".join(_label(number, line, measured) for number, line in enumerate(widget.lines))
    empty = all(value is None for values in series for value in values)
    nothing = '<p class="cw-empty">No data in this time</p>' if empty else ""
    drawn = chart(series, f"{measured.since} ago", html.escape(widget.title))
    return f'<div class="cw-legend">{legend}</div><div class="cw-plot">{drawn}{nothing}</div>'


def _label(number: int, line: Line, measured: Measured) -> str:
    known = all(measured.knows(metric) for metric, _ in line.parts)
    said = html.escape(line.label) + ("" if known else f" ({UNMEASURED})")
    return f'<span class="cw-{number % COLOURS}"><i></i>{said}</span>'


def _alarms(widget: Widget, name: str, measured: Measured) -> str:
    states = {each["AlarmName"]: state(each, measured) for each in measured.alarms}
    return f'<div class="cw-alarms">{"".join(_alarm(each, name, states[each]) for each in widget.alarms)}</div>'


def _alarm(alarm: str, name: str, its: str) -> str:
    mark = {"OK": "ok", "In alarm": "rings"}.get(its, "unknown")
    return f'<div class="cw-{mark}"><b>{html.escape(alarm.removeprefix(f"{name}-"))}</b>{its}</div>'


def state(alarm: Mapping[str, Any], measured: Measured) -> str:
    """What CloudWatch would say of it now, by its own statistic, periods and threshold."""
    dimensions = frozenset((each["Name"], each["Value"]) for each in alarm["Dimensions"])
    metric = Metric(alarm["Namespace"], alarm["MetricName"], dimensions)
    if not measured.knows(metric):
        return UNMEASURED
    of, length = alarm["EvaluationPeriods"], alarm["Period"]
    rule = Rule(alarm["Threshold"], alarm["DatapointsToAlarm"], of, alarm["TreatMissingData"] == "breaching")
    points = measured.points.get(metric, ())
    rings = rule.rings(by_period(points, measured.now - of * length, of, length, alarm["Statistic"]))
    return "In alarm" if rings else "OK"


def duration(seconds: float) -> str:
    return " ".join(_units(round(seconds))) or "0 s"


def _units(seconds: int) -> Iterator[str]:
    for unit, length in (("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, length)
        if count:
            yield f"{count} {unit}"
