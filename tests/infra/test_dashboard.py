"""The dashboard shows what is there: metrics that some function emits, queues and alarms of the template."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.infra.template import Template
from tests.infra.test_alarms import METRIC

OfVariant = Callable[[str], Template]
ROOT = Path(__file__).parents[2]
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
    return [metric for widget in widgets for metric in widget["properties"].get("metrics", [])]


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


def test_every_metric_of_ours_is_emitted_by_the_function_it_names(widgets: list[dict[str, Any]]) -> None:
    for namespace, name, *rest in metrics(widgets):
        if namespace == "BraketNotifier" and name != "Errors":
            emitted = re.findall(METRIC, (ROOT / "lambdas" / f"{rest[1]}.py").read_text())
            assert name in emitted


def test_every_queue_is_shown(asked: Template, widgets: list[dict[str, Any]]) -> None:
    shown = {rest[1] for namespace, _, *rest in metrics(widgets) if namespace == "AWS/SQS"}

    assert shown == {each["QueueName"] for each in asked.of("SQS::Queue").values()}


def test_it_is_within_the_free_number_of_metrics(widgets: list[dict[str, Any]]) -> None:
    """Three dashboards of up to fifty metrics each cost nothing."""
    assert len(metrics(widgets)) <= 50
