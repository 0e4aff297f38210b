"""The dashboard shows what is there: metrics that some function emits, queues and alarms of the template."""

import json
from collections.abc import Callable
from itertools import chain
from typing import Any
from unittest.mock import ANY

import pytest

from infra.dashboard import graphs
from tests.infra.template import Template

OfVariant = Callable[[str], Template]
QUESTIONS = ("open", "alive", "told", "late", "stuck", "ring", "found", "waits", "wrong")


@pytest.fixture(scope="module")
def asked(of_variant: OfVariant) -> Template:
    """The template of settings that ask for a dashboard."""
    return of_variant("alarms")


@pytest.fixture(scope="module")
def widgets(asked: Template) -> list[dict[str, Any]]:
    [dashboard] = asked.of("CloudWatch::Dashboard").values()
    body = asked.read(dashboard["DashboardBody"])
    return list(json.loads(body)["widgets"])


def metrics(widgets: list[dict[str, Any]]) -> list[list[Any]]:
    """Every metric of every graph; a sum names those that it is made of."""
    listed = [metric for widget in widgets for metric in widget["properties"].get("metrics", [])]
    return [metric for metric in listed if len(metric) > 1]


def test_it_answers_what_an_operator_asks(widgets: list[dict[str, Any]]) -> None:
    titles = " ".join(widget["properties"]["title"] for widget in widgets)

    assert all(question in titles for question in QUESTIONS)


def test_it_is_there_only_if_it_is_asked_for(template: Template) -> None:
    """In an account that has three others it costs more than all the rest."""
    assert not template.of("CloudWatch::Dashboard")
    assert "BoardFunction" not in template.of("Lambda::Function")


def test_the_board_is_drawn_anew_for_each_look_time_range_and_width(widgets: list[dict[str, Any]]) -> None:
    [board] = [widget["properties"] for widget in widgets if widget["type"] == "custom"]

    assert board["endpoint"] == "BoardFunction.Arn"
    assert board["updateOn"] == {"refresh": True, "resize": True, "timeRange": True}


def test_it_shows_every_alarm(asked: Template, widgets: list[dict[str, Any]]) -> None:
    [shown] = [widget["properties"]["alarms"] for widget in widgets if widget["type"] == "alarm"]

    assert len(shown) == len(asked.of("CloudWatch::Alarm"))


def test_the_graphs_are_those_whose_metrics_are_known_to_have_data(
    asked: Template, widgets: list[dict[str, Any]]
) -> None:
    """What the functions really measure is held against the same lines, beside the functions' own tests."""
    channels = json.loads(asked.environment("Observe")["CHANNEL_QUEUES"])
    wanted = graphs("braket-notifier", channels)
    shown = {each["properties"]["title"]: each["properties"] for each in widgets if each["type"] == "metric"}

    assert list(shown) == list(wanted)
    for title, lines in wanted.items():
        assert metrics([{"properties": shown[title]}]) == [
            [line.namespace, metric, *chain(*line.dimensions.items()), ANY] for line in lines for metric in line.metrics
        ]


def test_statistics_labels_and_sums_are_those_of_the_lines(widgets: list[dict[str, Any]]) -> None:
    waiting = next(each["properties"] for each in widgets if each["properties"]["title"].startswith("What waits"))
    found = next(each["properties"] for each in widgets if each["properties"]["title"].startswith("What was found"))

    total, visible, hidden = [each[-1] for each in waiting["metrics"]][:3]
    assert total == {"label": "team-slack", "expression": f"{visible['id']} + {hidden['id']}"}
    assert all(
        each["visible"] is False and "stat" not in each for each in (visible, hidden)
    )  # Average, if none is named
    assert [each[-1] for each in found["metrics"]] == [
        {"label": "transitions, by an event", "stat": "Sum"},
        {"label": "missed by events, by the sweep", "stat": "Sum"},
    ]


def test_errors_are_counted_under_the_name_and_the_dimensions_that_are_shown(
    asked: Template, widgets: list[dict[str, Any]]
) -> None:
    [shown] = [metric[:-1] for metric in metrics(widgets) if metric[1] == "Errors"]

    for each in asked.of("Logs::MetricFilter").values():
        [counted] = each["MetricTransformations"]
        dimensions = chain(*counted.get("Dimensions", []))
        assert [counted["MetricNamespace"], counted["MetricName"], *dimensions] == shown


def test_every_queue_is_shown(asked: Template, widgets: list[dict[str, Any]]) -> None:
    shown = {rest[1] for namespace, _, *rest in metrics(widgets) if namespace == "AWS/SQS"}

    assert shown == {each["QueueName"] for each in asked.of("SQS::Queue").values()}


def test_it_is_within_the_free_number_of_metrics(widgets: list[dict[str, Any]]) -> None:
    """Three dashboards of up to fifty metrics each cost nothing."""
    assert len(metrics(widgets)) <= 50
