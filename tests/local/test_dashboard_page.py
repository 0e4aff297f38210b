"""The dashboard as a page: a deployed body, over measurements, says what CloudWatch would."""

import json
import re
from typing import Any

import pytest

from local.dashboard_body import widgets
from local.dashboard_chart import ceiling, chart
from local.dashboard_page import Measured, dashboard, duration, state
from local.metrics import Metric, Point

NOW = 1_795_000_600.0
TOLD = Metric("BraketNotifier", "Told", frozenset({("service", "deliver")}))
ERRORS = Metric("BraketNotifier", "Errors")
VISIBLE, HIDDEN = (Metric("AWS/SQS", name, frozenset({("QueueName", "q")})) for name in ("Visible", "NotVisible"))


def widget(kind: str, y: int, title: str, **shown: Any) -> dict[str, Any]:
    return {"type": kind, "x": 0, "y": y, "width": 12, "height": 6, "properties": {"title": title, **shown}}


BODY = json.dumps(
    {
        "widgets": [
            widget("metric", 9, "Told?", metrics=[["BraketNotifier", "Told", "service", "deliver", {"stat": "Sum"}]]),
            widget(
                "metric", 20, "Wrong?", metrics=[["BraketNotifier", "Errors", {"stat": "Sum", "label": "<errors>"}]]
            ),
            widget("metric", 30, "Age?", metrics=[["AWS/SQS", "Age", "QueueName", "q"]]),
            widget(
                "metric",
                40,
                "Waits?",
                metrics=[
                    [{"label": "q", "expression": "a + b"}],
                    ["AWS/SQS", "Visible", "QueueName", "q", {"id": "a", "visible": False}],
                    ["AWS/SQS", "NotVisible", "QueueName", "q", {"id": "b", "visible": False}],
                ],
            ),
            widget("custom", 3, "Open?", endpoint="arn:aws:lambda:us-east-1:000000000000:function:n-board"),
            widget("alarm", 0, "Rings?", alarms=["arn:aws:cloudwatch:us-east-1:000000000000:alarm:n-errors"]),
        ]
    }
)
ALARM: dict[str, Any] = {
    "AlarmName": "n-errors",
    "Namespace": "BraketNotifier",
    "MetricName": "Errors",
    "Dimensions": [],
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 2,
    "DatapointsToAlarm": 2,
    "Threshold": 0,
    "TreatMissingData": "notBreaching",
}
EVERY_MINUTE = [Point(NOW - 90, 1), Point(NOW - 30, 1)]


def measured(seconds: float = 60, **alarm: Any) -> Measured:
    points = {
        TOLD: [Point(NOW - 30, 3), Point(NOW - 29.5, 4), Point(NOW - 10, 0)],
        VISIBLE: [Point(NOW - 5, 2)],
        HIDDEN: [Point(NOW - 5, 30)],
    }
    return Measured(points, [{**ALARM, **alarm}], NOW - seconds, NOW)


def fields(page: str) -> dict[str, str]:
    return dict(re.findall(r"<section[^>]*><h2>(.*?)</h2>(.*?)</section>", page))


def test_every_widget_is_there_in_the_order_in_which_it_is_read() -> None:
    page = dashboard("n", BODY, measured(), "<b>the board</b>", "dark")

    shown = fields(page)
    assert list(shown) == ["Rings?", "Open?", "Told?", "Wrong?", "Age?", "Waits?"]
    assert shown["Open?"] == "<b>the board</b>"
    assert "<b>errors</b>OK" in shown["Rings?"]
    assert 'class="cw cw-dark"' in page


def test_a_graph_without_data_says_so_and_one_that_nobody_measures_here_says_that() -> None:
    shown = fields(dashboard("n", BODY, measured(), "", ""))

    assert ("No data" in shown["Told?"], "not measured" in shown["Told?"]) == (False, False)
    assert ("No data" in shown["Wrong?"], "not measured" in shown["Wrong?"]) == (True, False)
    assert ("No data" in shown["Age?"], "not measured on this machine" in shown["Age?"]) == (True, True)
    assert "&lt;errors&gt;" in shown["Wrong?"]


def test_a_line_is_its_metric_s_statistic_or_the_sum_of_several() -> None:
    its = measured()
    lines = {each.title: each.lines for each in widgets(BODY)}

    [told], [wrong], [waits] = lines["Told?"], lines["Wrong?"], lines["Waits?"]
    assert (told.parts, wrong.parts) == (((TOLD, "Sum"),), ((ERRORS, "Sum"),))
    assert [value for value in its.values(told) if value is not None] == [7, 0]
    assert waits.parts == ((VISIBLE, "Average"), (HIDDEN, "Average"))
    assert [value for value in its.values(waits) if value is not None] == [32]


@pytest.mark.parametrize(("seconds", "period"), [(0.5, 1), (60, 1), (61, 2), (280, 5), (3600, 60), (10**6, 300)])
def test_a_point_stands_for_as_much_time_as_leaves_the_lines_legible(seconds: float, period: int) -> None:
    its = measured(seconds)
    [told] = next(each.lines for each in widgets(BODY) if each.title == "Told?")

    assert its.period == period
    assert len(its.values(told)) == seconds // period + 1
    assert sum(filter(None, its.values(told))) == (0 if seconds < 30 else 7)  # nothing falls out at the ends


@pytest.mark.parametrize(
    ("alarm", "points", "wanted"),
    [
        ({}, [], "OK"),
        ({}, EVERY_MINUTE, "In alarm"),
        ({}, EVERY_MINUTE[1:], "OK"),  # one of two
        ({"TreatMissingData": "breaching"}, EVERY_MINUTE[1:], "In alarm"),
        ({"Dimensions": [{"Name": "service", "Value": "sweep"}]}, EVERY_MINUTE, "OK"),  # another metric
        ({"Threshold": 1}, EVERY_MINUTE, "OK"),
        ({"Namespace": "AWS/Events"}, EVERY_MINUTE, "not measured on this machine"),
    ],
)
def test_an_alarm_is_in_the_state_that_its_own_rule_says(
    alarm: dict[str, Any], points: list[Point], wanted: str
) -> None:
    assert state({**ALARM, **alarm}, Measured({ERRORS: points}, [], NOW - 600, NOW)) == wanted


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (0.12, 0.2), (1, 1), (1.01, 2), (3, 4), (30, 40), (41, 50), (99, 100), (1000, 1000)]
)
def test_a_scale_ends_at_a_round_number_above_everything(value: float, top: float) -> None:
    assert ceiling(value) == pytest.approx(top)


def test_a_line_breaks_where_nothing_was_measured() -> None:
    drawn = chart([[1, 2, None, 4]], "a while ago", "graph")

    assert re.findall(r'<g class="cw-line cw-0"><path d="([^"]*)"', drawn) == ["M46.0 109.0L228.0 76.0M592.0 10.0"]
    assert drawn.count("<circle") == 3


@pytest.mark.parametrize(("seconds", "said"), [(0, "0 s"), (68.4, "1 min 8 s"), (3600, "1 h"), (7322, "2 h 2 min 2 s")])
def test_a_time_is_said_in_its_own_units(seconds: float, said: str) -> None:
    assert duration(seconds) == said
