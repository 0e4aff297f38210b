"""The dashboard shows metrics of the functions, and the queues and alarms of the template."""

import json
from collections.abc import Callable
from itertools import chain
from typing import Any
from unittest.mock import ANY

import pytest

from infra.dashboard import graphs
from tests.infra.template import Template

OfVariant = Callable[[str], Template]
SUBJECTS = ("Open", "alive", "delivered", "down", "Stuck", "Alarms", "found", "waiting", "Errors", "Unknown")


@pytest.fixture(scope="module")
def with_dashboard(of_variant: OfVariant) -> Template:
    """The template of settings with a dashboard."""
    return of_variant("alarms")


@pytest.fixture(scope="module")
def widgets(with_dashboard: Template) -> list[dict[str, Any]]:
    [dashboard] = with_dashboard.of("CloudWatch::Dashboard").values()
    body = with_dashboard.read(dashboard["DashboardBody"])
    return list(json.loads(body)["widgets"])


def metrics(widgets: list[dict[str, Any]]) -> list[list[Any]]:
    """Every metric of every graph, also the terms of a sum."""
    listed = [metric for widget in widgets for metric in widget["properties"].get("metrics", [])]
    return [metric for metric in listed if len(metric) > 1]


def test_the_dashboard_has_a_widget_for_each_subject(widgets: list[dict[str, Any]]) -> None:
    titles = " ".join(widget["properties"]["title"] for widget in widgets)

    assert all(subject in titles for subject in SUBJECTS)


def test_the_dashboard_exists_only_if_the_settings_ask_for_it(template: Template) -> None:
    """The fourth dashboard of an account costs more than the rest of the notifier."""
    assert not template.of("CloudWatch::Dashboard")
    assert "BoardFunction" not in template.of("Lambda::Function")


def test_the_status_board_is_rendered_again_on_refresh_resize_and_time_range(widgets: list[dict[str, Any]]) -> None:
    [board] = [widget["properties"] for widget in widgets if widget["type"] == "custom"]

    assert board["endpoint"] == "BoardFunction.Arn"
    assert board["updateOn"] == {"refresh": True, "resize": True, "timeRange": True}


def test_the_dashboard_shows_every_alarm(with_dashboard: Template, widgets: list[dict[str, Any]]) -> None:
    [shown] = [widget["properties"]["alarms"] for widget in widgets if widget["type"] == "alarm"]

    assert len(shown) == len(with_dashboard.of("CloudWatch::Alarm"))


def test_the_graphs_are_those_of_the_tested_metrics(with_dashboard: Template, widgets: list[dict[str, Any]]) -> None:
    """The functions' own tests compare their metrics with the same lines."""
    channels = json.loads(with_dashboard.environment("Observe")["CHANNEL_QUEUES"])
    wanted = graphs("braket-notifier", channels)
    shown = {each["properties"]["title"]: each["properties"] for each in widgets if each["type"] == "metric"}

    assert list(shown) == list(wanted)
    for title, lines in wanted.items():
        assert metrics([{"properties": shown[title]}]) == [
            [line.namespace, metric, *chain(*line.dimensions.items()), ANY] for line in lines for metric in line.metrics
        ]


def test_each_graph_has_the_statistics_labels_and_sums_of_its_lines(widgets: list[dict[str, Any]]) -> None:
    waiting = next(
        each["properties"] for each in widgets if each["properties"]["title"].startswith("Notifications waiting")
    )
    found = next(each["properties"] for each in widgets if each["properties"]["title"].startswith("Transitions found"))

    total, visible, hidden = [each[-1] for each in waiting["metrics"]][:3]
    assert total == {"label": "team-slack", "expression": f"{visible['id']} + {hidden['id']}"}
    assert all(
        each["visible"] is False and "stat" not in each for each in (visible, hidden)
    )  # Average, if none is named
    assert [each[-1] for each in found["metrics"]] == [
        {"label": "transitions, by an event", "stat": "Sum"},
        {"label": "missed by events, by the sweep", "stat": "Sum"},
    ]


def test_the_error_graph_has_the_name_and_dimensions_of_the_filters(
    with_dashboard: Template, widgets: list[dict[str, Any]]
) -> None:
    [shown] = [metric[:-1] for metric in metrics(widgets) if metric[1] == "Errors"]

    for each in with_dashboard.of("Logs::MetricFilter").values():
        [counted] = each["MetricTransformations"]
        dimensions = chain(*counted.get("Dimensions", []))
        assert [counted["MetricNamespace"], counted["MetricName"], *dimensions] == shown


def test_the_dashboard_shows_every_queue(with_dashboard: Template, widgets: list[dict[str, Any]]) -> None:
    shown = {rest[1] for namespace, _, *rest in metrics(widgets) if namespace == "AWS/SQS"}

    assert shown == {each["QueueName"] for each in with_dashboard.of("SQS::Queue").values()}


def test_the_dashboard_has_at_most_the_free_number_of_metrics(widgets: list[dict[str, Any]]) -> None:
    """Three dashboards of up to fifty metrics each are free."""
    assert len(metrics(widgets)) <= 50
