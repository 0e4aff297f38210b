"""The deployed dashboard and alarms over the metrics in the functions' logs, because emulators make none."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.function import namespace
from local.cloud.alarm_rule import Rule
from local.cloud.cloud import logged
from local.cloud.metrics import Metric, Point, Points, by_period, embedded, gathered, is_counted
from tests.e2e.leaks import clients

VISIBLE = "ApproximateNumberOfMessages"


@dataclass(frozen=True)
class Measured:
    """The points of each metric, our metrics on the dashboard, and the state of each alarm."""

    points: Points
    shown: frozenset[Metric]
    alarms: Mapping[str, str]


def measured(cloud: str, name: str) -> Measured:
    """Measure the notifier of this name in the home region."""
    with clients(cloud, "us-east-1") as client:
        points = gathered([*_from_logs(client("logs")), *_depths(client("sqs"))])
        cloudwatch = client("cloudwatch")
        body = json.loads(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])
        alarms = cloudwatch.describe_alarms()["MetricAlarms"]
        states = {each["AlarmName"].removeprefix(f"{name}-"): _state(each, points) for each in alarms}
        return Measured(points, frozenset(_shown(body, namespace(name))), states)


def _from_logs(logs: Any) -> Iterator[tuple[Metric, Point]]:
    """Embedded metrics, and the lines that the template's filters count."""
    filters = logs.describe_metric_filters()["metricFilters"]
    for group, at, line in logged(logs):
        yield from embedded(line)
        for each in filters:
            if each["logGroupName"] == group and is_counted(line, each["filterPattern"]):
                [its] = each["metricTransformations"]
                yield Metric(its["metricNamespace"], its["metricName"]), Point(at, float(its["metricValue"]))


def _depths(sqs: Any) -> Iterator[tuple[Metric, Point]]:
    """The present depths of the queues; `undelivered` keeps its records until an operator reads them."""
    for url in sqs.list_queues()["QueueUrls"]:
        depth = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[VISIBLE])["Attributes"][VISIBLE]
        queue = frozenset({("QueueName", url.rpartition("/")[2])})
        yield Metric("AWS/SQS", f"{VISIBLE}Visible", queue), Point(time.time(), int(depth))


def _shown(body: Mapping[str, Any], ours: str) -> Iterator[Metric]:
    """A metric is a list of namespace, name and dimensions, with its options at the end."""
    for widget in body["widgets"]:
        for listed in widget["properties"].get("metrics", []):
            where, name, *dimensions = [each for each in listed if isinstance(each, str)] or ["", ""]
            if where == ours:
                yield Metric(where, name, frozenset(zip(dimensions[::2], dimensions[1::2], strict=True)))


def _state(alarm: Mapping[str, Any], points: Points) -> str:
    """The alarm's state by its own statistic, periods and threshold; the emulator lacks some of AWS's metrics."""
    dimensions = frozenset((each["Name"], each["Value"]) for each in alarm["Dimensions"])
    metric = Metric(alarm["Namespace"], alarm["MetricName"], dimensions)
    if metric not in points and metric.namespace.startswith("AWS/"):
        return "not measured"
    of, length = alarm["EvaluationPeriods"], alarm["Period"]
    rule = Rule(alarm["Threshold"], alarm["DatapointsToAlarm"], of, alarm["TreatMissingData"] == "breaching")
    start = time.time() - of * length
    fires = rule.fires(by_period(points.get(metric, ()), start, of, length, alarm["Statistic"]))
    return "ALARM" if fires else "OK"
