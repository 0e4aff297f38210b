"""The dashboard of the local cloud: what was deployed, over what the functions printed and how much waited when."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Self

from local.cloud import Cloud
from local.dashboard_page import Measured, dashboard
from local.metrics import Metric, Point, embedded, gathered, is_counted

#: SQS measures once a minute; a story takes about as long.
EVERY_S = 1
#: An hour of six queues and both depths, for whoever stays up longer.
MOST_DEPTHS = 3600 * 6 * 2
#: What SQS measures, by what a queue answers.
DEPTHS = {
    "ApproximateNumberOfMessages": "ApproximateNumberOfMessagesVisible",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
}
Measurement = tuple[Metric, Point]


class Dashboard:
    """Measures the queues' depths between `with` and its end, because the emulator does not, and draws the page."""

    def __init__(self, cloud: Cloud, name: str, board: Callable[[str], str]) -> None:
        self._cloud, self._name, self._board = cloud, name, board
        self._depths: deque[Measurement] = deque(maxlen=MOST_DEPTHS)
        self._start = time.time()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._measure, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def draw(self, theme: str) -> str:
        """As it stands; nothing in it is sample data."""
        cloudwatch = self._cloud.client("cloudwatch")
        body = cloudwatch.get_dashboard(DashboardName=self._name)["DashboardBody"]
        alarms = cloudwatch.describe_alarms()["MetricAlarms"]
        measured = Measured(gathered([*self._depths, *from_logs(self._cloud)]), alarms, self._start, time.time())
        return dashboard(self._name, body, measured, self._board(theme), theme)

    def _measure(self) -> None:
        sqs = self._cloud.client("sqs")
        queues = sqs.list_queues()["QueueUrls"]
        while not self._ending.wait(EVERY_S):
            for url in queues:
                its = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(DEPTHS))["Attributes"]
                self._depths += depths(url, its, time.time())


def depths(url: str, answer: dict[str, Any], at: float) -> Iterator[Measurement]:
    queue = frozenset({("QueueName", url.rpartition("/")[2])})
    for attribute, name in DEPTHS.items():
        yield Metric("AWS/SQS", name, queue), Point(at, int(answer[attribute]), "Count")


def from_logs(cloud: Cloud) -> Iterator[Measurement]:
    """What CloudWatch would make of the functions' logs: embedded metrics, and the lines that filters count."""
    filters = cloud.client("logs").describe_metric_filters()["metricFilters"]
    for group, at, line in cloud.logged():
        yield from embedded(line)
        for each in filters:
            if each["logGroupName"] == group and is_counted(line, each["filterPattern"]):
                [its] = each["metricTransformations"]
                yield Metric(its["metricNamespace"], its["metricName"]), Point(at, float(its["metricValue"]))
