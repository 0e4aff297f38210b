"""CloudWatch's metrics of printed lines, and their statistic in a period."""

import json
from typing import Any

import pytest

from local.cloud.metrics import Metric, Point, by_period, embedded, gathered, is_counted

AT = 1_795_000_000_000


def line(dimensions: list[list[str]], *metrics: dict[str, str], **said: Any) -> str:
    directive = {"Namespace": "Probe", "Dimensions": dimensions, "Metrics": list(metrics)}
    return json.dumps({"_aws": {"Timestamp": AT, "CloudWatchMetrics": [directive]}, **said})


COUNT, TIME = {"Name": "Found", "Unit": "Count"}, {"Name": "Waited"}
OF_SWEEP = frozenset({("service", "sweep")})

#: A printed line, and its measurements: name, dimensions, value, unit.
LINES = [
    (line([["service"]], COUNT, Found=3, service="sweep"), [("Found", OF_SWEEP, 3, "Count")]),
    (line([["service"]], TIME, Waited=0.5, service="sweep"), [("Waited", OF_SWEEP, 0.5, "None")]),
    # Powertools lists the values that one invocation added
    (line([[]], COUNT, Found=[0, 2]), [("Found", frozenset(), 0, "Count"), ("Found", frozenset(), 2, "Count")]),
    # a metric for each set of dimensions
    (
        line([[], ["service"]], COUNT, Found=1, service="sweep"),
        [("Found", frozenset(), 1, "Count"), ("Found", OF_SWEEP, 1, "Count")],
    ),
    ('{"level": "INFO", "message": "sweep finished"}', []),
    ("START RequestId: 5f2e Version: $LATEST", []),
    ('["a list"]', []),
]


@pytest.mark.parametrize(("printed", "wanted"), LINES)
def test_a_printed_line_measures_the_metrics_of_its_directive(printed: str, wanted: list[tuple[Any, ...]]) -> None:
    assert list(embedded(printed)) == [
        (Metric("Probe", name, dimensions), Point(AT / 1000, value, unit)) for name, dimensions, value, unit in wanted
    ]


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [('{"level": "ERROR"}', True), ("Task timed out after 120.00 seconds", True), ("Task timed in", False)],
)
def test_a_filter_counts_a_line_with_one_of_its_terms(printed: str, wanted: bool) -> None:
    assert is_counted(printed, '?ERROR ?"Task timed out"') is wanted


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ('{"level":"ERROR","message":"delivery failed"}', True),
        ('{"level":"INFO","message":"delivered in a digest: batch ERROR mitigation"}', False),
        ("[ERROR] no JSON", False),
        ('["ERROR"]', False),
    ],
)
def test_a_filter_by_a_member_counts_the_lines_that_have_it(printed: str, wanted: bool) -> None:
    assert is_counted(printed, '{ $.level = "ERROR" }') is wanted


@pytest.mark.parametrize(
    ("statistic", "wanted"),
    [("Sum", [3, None, 7]), ("Maximum", [2, None, 7]), ("Minimum", [1, None, 7]), ("Average", [1.5, None, 7])],
)
def test_a_period_without_a_measurement_shows_nothing_rather_than_nought(
    statistic: str, wanted: list[float | None]
) -> None:
    points = [Point(99.9, 50), Point(100, 1), Point(104.9, 2), Point(110, 7), Point(115, 50)]  # the ends lie outside

    assert by_period(points, 100, 3, 5, statistic) == wanted


def test_measurements_are_kept_apart_by_their_dimensions() -> None:
    of_all, of_sweep = Metric("Probe", "Found"), Metric("Probe", "Found", OF_SWEEP)

    points = gathered([(of_all, Point(1, 1)), (of_sweep, Point(2, 2)), (of_all, Point(3, 3))])

    assert points == {of_all: [Point(1, 1), Point(3, 3)], of_sweep: [Point(2, 2)]}
