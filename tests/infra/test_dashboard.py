"""The dashboard shows what is there: metrics that some function emits, queues and alarms of the template."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.infra.template import Template
from tests.infra.test_alarms import METRIC

ROOT = Path(__file__).parents[2]
QUESTIONS = ("alive", "told", "late", "stuck", "ring", "found", "waits", "wrong")


@pytest.fixture(scope="module")
def widgets(template: Template) -> list[dict[str, Any]]:
    [dashboard] = template.of("CloudWatch::Dashboard").values()
    body = template.read(dashboard["DashboardBody"])
    return list(json.loads(body)["widgets"])


def metrics(widgets: list[dict[str, Any]]) -> list[list[Any]]:
    return [metric for widget in widgets for metric in widget["properties"].get("metrics", [])]


def test_it_answers_what_an_operator_asks(widgets: list[dict[str, Any]]) -> None:
    titles = " ".join(widget["properties"]["title"] for widget in widgets)

    assert all(question in titles for question in QUESTIONS)


def test_it_shows_every_alarm(template: Template, widgets: list[dict[str, Any]]) -> None:
    [shown] = [widget["properties"]["alarms"] for widget in widgets if widget["type"] == "alarm"]

    assert len(shown) == len(template.of("CloudWatch::Alarm"))


def test_every_metric_of_ours_is_emitted_by_the_function_it_names(widgets: list[dict[str, Any]]) -> None:
    for namespace, name, *rest in metrics(widgets):
        if namespace == "BraketNotifier" and name != "Errors":
            emitted = re.findall(METRIC, (ROOT / "lambdas" / f"{rest[1]}.py").read_text())
            assert name in emitted


def test_every_queue_is_shown(template: Template, widgets: list[dict[str, Any]]) -> None:
    shown = {rest[1] for namespace, _, *rest in metrics(widgets) if namespace == "AWS/SQS"}

    assert shown == {each["QueueName"] for each in template.of("SQS::Queue").values()}


def test_it_is_within_the_free_number_of_metrics(widgets: list[dict[str, Any]]) -> None:
    """Three dashboards of up to fifty metrics each cost nothing."""
    assert len(metrics(widgets)) <= 50
