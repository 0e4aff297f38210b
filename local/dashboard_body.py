"""A dashboard's body, read as CloudWatch reads it: CloudWatch API Reference, "Dashboard Body Structure and Syntax"."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from local.metrics import Metric, Points, by_period

STATISTIC = "Average"  # where neither the metric nor its graph names one


class Line(NamedTuple):
    """One line of a graph: the sum of its metrics, each by its own statistic."""

    label: str
    parts: tuple[tuple[Metric, str], ...]

    def values(self, points: Points, start: float, periods: int, length: float) -> list[float | None]:
        parts = [by_period(points.get(metric, ()), start, periods, length, of) for metric, of in self.parts]
        return [None if None in each else sum(filter(None, each)) for each in zip(*parts, strict=True)]


class Widget(NamedTuple):
    """One field of the dashboard, which is 24 columns wide, and what CloudWatch shows in it."""

    kind: str
    column: int
    width: int
    title: str
    lines: tuple[Line, ...]
    alarms: tuple[str, ...]


def widgets(body: str) -> list[Widget]:
    """In reading order."""
    placed = sorted(json.loads(body)["widgets"], key=lambda each: (each["y"], each["x"]))
    return [_widget(each, each["properties"]) for each in placed]


def _widget(placed: Mapping[str, Any], shown: Mapping[str, Any]) -> Widget:
    return Widget(
        placed["type"],
        placed["x"],
        placed["width"],
        shown["title"],
        tuple(_lines(shown.get("metrics", []), shown.get("stat", STATISTIC))),
        tuple(arn.rpartition(":")[2] for arn in shown.get("alarms", [])),
    )


def _lines(metrics: Sequence[Sequence[Any]], statistic: str) -> Iterator[Line]:
    """A metric is a list of namespace, name and dimensions, with what else there is to say at its end."""
    read = [(_metric(each), each[-1] if isinstance(each[-1], dict) else {}) for each in metrics]
    named = {more["id"]: (metric, more.get("stat", statistic)) for metric, more in read if metric and "id" in more}
    for metric, more in read:
        if metric and more.get("visible", True):
            yield Line(more.get("label", metric.name), ((metric, more.get("stat", statistic)),))
        elif not metric:
            yield Line(more["label"], tuple(named[id_] for id_ in more["expression"].split(" + ")))


def _metric(listed: Sequence[Any]) -> Metric | None:
    """None is an expression."""
    namespace, name, *dimensions = [each for each in listed if isinstance(each, str)] or ("", "")
    pairs = zip(dimensions[::2], dimensions[1::2], strict=True)
    return Metric(namespace, name, frozenset(pairs)) if namespace else None
