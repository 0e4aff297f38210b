"""The deployed dashboard and alarms over the metrics in the functions' logs, because emulators make none."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.cloud.alarm_rule import Rule
from local.cloud.cloud import logged
from local.cloud.metrics import Metric, Point, Points, by_period, embedded, gathered, is_counted

VISIBLE = "ApproximateNumberOfMessages"
MINUTE_S = 60
OK, ALARM, NOT_MEASURED = "OK", "ALARM", "not measured"

Client = Callable[[str], Any]  # of a service, in the home region


@dataclass(frozen=True)
class WatchedAlarm:
    """An alarm's state by its own rule, and its metric's latest value."""

    name: str
    state: str
    metric: str
    latest: float | None
    rule: Rule
    period_s: int

    @property
    def is_above(self) -> bool:
        """Whether the alarm goes off if the metric stays as it is."""
        return self.latest is not None and self.rule.above(self.latest)

    def line(self) -> str:
        latest = "not measured" if self.latest is None else f"{self.latest:g}"
        lasts = f"in {self.rule.to_alarm} of {self.rule.of} periods of {self.period_s // MINUTE_S} min"
        return f"{self.name}: {self.metric} is {latest}; it alarms above {self.rule.threshold:g} {lasts}"


def points_of(client: Client) -> dict[Metric, list[Point]]:
    return gathered([*_from_logs(client("logs")), *_depths(client("sqs"))])


def alarms_of(client: Client, name: str, points: Points) -> list[WatchedAlarm]:
    """The deployed alarms of the notifier of this name."""
    alarms = client("cloudwatch").describe_alarms()["MetricAlarms"]
    return [_watched(each, name, points) for each in alarms]


def shown_on_dashboard(client: Client, name: str, ours: str) -> frozenset[Metric]:
    """The metrics of our namespace on the deployed dashboard."""
    body = json.loads(client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])
    return frozenset(_shown(body, ours))


def _from_logs(logs: Any) -> Iterator[tuple[Metric, Point]]:  # noqa: ANN401  a client of CloudWatch Logs
    """Embedded metrics, and the lines that the template's filters count."""
    filters = logs.describe_metric_filters()["metricFilters"]
    for group, at, line in logged(logs):
        yield from embedded(line)
        for each in filters:
            if each["logGroupName"] == group and is_counted(line, each["filterPattern"]):
                [its] = each["metricTransformations"]
                yield Metric(its["metricNamespace"], its["metricName"]), Point(at, float(its["metricValue"]))


def _depths(sqs: Any) -> Iterator[tuple[Metric, Point]]:  # noqa: ANN401  a client of SQS
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


def _watched(alarm: Mapping[str, Any], name: str, points: Points) -> WatchedAlarm:
    """The emulator lacks some of AWS's metrics."""
    dimensions = frozenset((each["Name"], each["Value"]) for each in alarm["Dimensions"])
    metric = Metric(alarm["Namespace"], alarm["MetricName"], dimensions)
    of, length = alarm["EvaluationPeriods"], alarm["Period"]
    rule = Rule(alarm["Threshold"], alarm["DatapointsToAlarm"], of, alarm["TreatMissingData"] == "breaching")
    start = time.time() - of * length
    found = points.get(metric, ())
    state = ALARM if rule.fires(by_period(found, start, of, length, alarm["Statistic"])) else OK
    if metric not in points and metric.namespace.startswith("AWS/"):
        state = NOT_MEASURED
    latest = max(found, key=lambda point: point.at).value if found else None
    return WatchedAlarm(alarm["AlarmName"].removeprefix(f"{name}-"), state, metric.name, latest, rule, length)
