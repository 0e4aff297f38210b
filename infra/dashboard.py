"""What an operator asks, on one page in CloudWatch: what is open, is it alive, what was told, how late, what sticks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.function import NAMESPACE

HALF, WHOLE = 12, 24
#: High enough for twenty transitions; what is longer is scrolled.
BOARD = 14

VISIBLE, HIDDEN = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"


@dataclass(frozen=True, slots=True)
class GraphLine:
    """One line of a graph: a metric, or the sum of several that have the same dimensions."""

    label: str
    metrics: tuple[str, ...]
    dimensions: Mapping[str, str] = field(default_factory=dict)
    namespace: str = NAMESPACE
    statistic: str = "Sum"


def graphs(name: str, channels: Iterable[str]) -> dict[str, tuple[GraphLine, ...]]:
    """The lines of every graph, by its title; two graphs stand side by side."""
    return {
        "Is it alive? Seconds since the region was swept that has waited longest": (
            _ours("since the last sweep", "OldestSweepSeconds", "sweep", "Maximum"),
        ),
        "What was found": (
            _ours("transitions, by an event", "TransitionsDetected", "observe"),
            _ours("missed by events, by the sweep", "SweepFoundMissed", "sweep"),
        ),
        "What was told": (
            _ours("notifications delivered", "NotificationsDelivered", "deliver"),
            _ours("acknowledgement lost", "NotificationsAmbiguous", "deliver"),
        ),
        "How late? Seconds that the oldest had to wait; empty if none had to": (
            _ours("refused or busy, and tried again", "OldestPendingSeconds", "deliver", "Maximum"),
        ),
        "What waits for its channel": tuple(_waiting(f"{name}-deliver-{channel}", channel) for channel in channels),
        "What is stuck": (
            GraphLine("undelivered", (VISIBLE,), {"QueueName": f"{name}-undelivered"}, "AWS/SQS", "Maximum"),
            _waiting(f"{name}-events", "events not yet observed"),
            _ours("unread when a sweep looked", "UnreadRecords", "sweep", "Maximum"),
        ),
        "What went wrong; empty if nothing did": (GraphLine("errors in the logs", ("Errors",)),),
        "What nobody understood; empty if all was": (_ours("events, statuses and reasons", "UnknownWords", "observe"),),
    }


def dashboard(
    scope: Construct,
    name: str,
    channels: Iterable[str],
    alarms: Sequence[cloudwatch.Alarm],
    board: lambda_.IFunction,
) -> cloudwatch.Dashboard:
    """First whether anything rings, second what is open; every graph answers one question."""
    drawn: list[cloudwatch.IWidget] = [_graph(title, lines) for title, lines in graphs(name, channels).items()]
    rows: list[list[cloudwatch.IWidget]] = [
        [cloudwatch.AlarmStatusWidget(title="Does anything ring?", width=WHOLE, height=3, alarms=list(alarms))],
        [cloudwatch.CustomWidget(title="What is open", function_arn=board.function_arn, width=WHOLE, height=BOARD)],
        *(list(pair) for pair in zip(drawn[::2], drawn[1::2], strict=True)),
    ]
    return cloudwatch.Dashboard(
        scope, "Dashboard", dashboard_name=name, default_interval=Duration.days(1), widgets=rows
    )


def _ours(label: str, metric: str, service: str, statistic: str = "Sum") -> GraphLine:
    return GraphLine(label, (metric,), {"service": service}, statistic=statistic)


def _waiting(queue: str, label: str) -> GraphLine:
    """What was put back waits unseen. Only of averages the sum is true: two peaks need not be at one time."""
    return GraphLine(label, (VISIBLE, HIDDEN), {"QueueName": queue}, "AWS/SQS", "Average")


def _graph(title: str, lines: Sequence[GraphLine]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title,
        width=HALF,
        height=6,
        left=[_line(number, line) for number, line in enumerate(lines)],
        left_y_axis=cloudwatch.YAxisProps(min=0),
    )


def _line(number: int, line: GraphLine) -> cloudwatch.IMetric:
    metrics = [
        cloudwatch.Metric(
            namespace=line.namespace,
            metric_name=metric,
            dimensions_map=line.dimensions,
            statistic=line.statistic,
            label=line.label,
        )
        for metric in line.metrics
    ]
    if len(metrics) == 1:
        return metrics[0]
    parts: dict[str, cloudwatch.IMetric] = {f"m{number}_{part}": metric for part, metric in enumerate(metrics)}
    return cloudwatch.MathExpression(expression=" + ".join(parts), using_metrics=parts, label=line.label)
