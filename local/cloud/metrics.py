"""CloudWatch's metrics of the functions' output, and their statistic for each period."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import mean
from typing import Any, NamedTuple


class Metric(NamedTuple):
    """A metric is its name with exactly these dimensions."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()


class Point(NamedTuple):
    """A measurement: its time in seconds, its value and its unit."""

    at: float
    value: float
    unit: str = "None"


Points = Mapping[Metric, Sequence[Point]]
STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Average": mean,
    "Maximum": max,
    "Minimum": min,
    "Sum": sum,
}


def embedded(line: str) -> Iterator[tuple[Metric, Point]]:
    """The measurements in a printed line, by CloudWatch's "Specification: Embedded metric format"."""
    said = _read(line)
    about = said.get("_aws", {})
    for directive in about.get("CloudWatchMetrics", []):
        for keys in directive["Dimensions"]:
            dimensions = frozenset((key, said[key]) for key in keys)
            for each in directive["Metrics"]:
                metric = Metric(directive["Namespace"], each["Name"], dimensions)
                values = said[each["Name"]]
                for value in values if isinstance(values, list) else [values]:
                    yield metric, Point(about["Timestamp"] / 1000, value, each.get("Unit", "None"))


def is_counted(line: str, pattern: str) -> bool:
    """Whether a metric filter matches: `{ $.level = "ERROR" }` by its JSON, `?ERROR ?"timed out"` by any term."""
    if member := re.fullmatch(r'\{ \$\.(\w+) = "(\w+)" \}', pattern):
        return bool(_read(line).get(member[1]) == member[2])
    return any(term.strip('?"') in line for term in pattern.split(" ?"))


def gathered(measured: Iterable[tuple[Metric, Point]]) -> dict[Metric, list[Point]]:
    points: dict[Metric, list[Point]] = {}
    for metric, point in measured:
        points.setdefault(metric, []).append(point)
    return points


def by_period(points: Iterable[Point], start: float, periods: int, length: float, statistic: str) -> list[float | None]:
    """The statistic of each period from the start on; None for a period without a measurement."""
    values: list[list[float]] = [[] for _ in range(periods)]
    for point in points:
        number = int((point.at - start) // length)
        if 0 <= number < periods:
            values[number].append(point.value)
    return [STATISTICS[statistic](each) if each else None for each in values]


def _read(line: str) -> dict[str, Any]:
    """None for a line that is no JSON object, because functions print other lines too."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
