"""The CloudWatch dashboard: alarms, the status board, and graphs of transitions, notifications, delays and queues."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.function import namespace

HALF, WHOLE = 12, 24
#: Grid units for twenty transitions; a longer status board scrolls.
BOARD_HEIGHT = 14

VISIBLE, HIDDEN = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"


@dataclass(frozen=True, slots=True)
class GraphLine:
    """A line of a graph: a metric, or the sum of several that have the same dimensions."""

    label: str
    namespace: str
    metrics: tuple[str, ...]
    dimensions: Mapping[str, str] = field(default_factory=dict)
    statistic: str = "Sum"


def graphs(name: str, channels: Iterable[str]) -> dict[str, tuple[GraphLine, ...]]:
    """The lines of every graph, by its title; two graphs stand side by side."""

    def ours(label: str, metric: str, service: str, statistic: str = "Sum") -> GraphLine:
        return GraphLine(label, namespace(name), (metric,), {"service": service}, statistic)

    return {
        "Is it alive? Seconds since the last sweep of the region that waits longest": (
            ours("since the last sweep", "OldestSweepSeconds", "sweep", "Maximum"),
        ),
        "Transitions found": (
            ours("transitions, by an event", "TransitionsDetected", "observe"),
            ours("missed by events, by the sweep", "SweepFoundMissed", "sweep"),
        ),
        "Notifications delivered": (
            ours("delivered", "NotificationsDelivered", "deliver"),
            ours("acknowledgement lost", "NotificationsAmbiguous", "deliver"),
        ),
        "Is a channel down? Channels that have accepted nothing since they refused a message": (
            ours("channels that refuse", "RefusingChannels", "sweep", "Maximum"),
        ),
        "Notifications waiting in channels' queues": tuple(
            _waiting(f"{name}-deliver-{channel}", channel) for channel in channels
        ),
        "Stuck records": (
            GraphLine("undelivered", "AWS/SQS", (VISIBLE,), {"QueueName": f"{name}-undelivered"}, "Maximum"),
            _waiting(f"{name}-events", "events not yet observed"),
            ours("unread at a sweep", "UnreadRecords", "sweep", "Maximum"),
        ),
        "Errors; empty if there were none": (GraphLine("errors in the logs", namespace(name), ("Errors",)),),
        "Unknown events, statuses and reasons; empty if there were none": (
            ours("events, statuses and reasons", "UnknownWords", "observe"),
        ),
    }


def dashboard(
    scope: Construct,
    name: str,
    channels: Iterable[str],
    alarms: Sequence[cloudwatch.Alarm],
    board: lambda_.IFunction,
) -> cloudwatch.Dashboard:
    """The dashboard: alarms first, then the status board, then one graph for each question."""
    graph_widgets: list[cloudwatch.IWidget] = [_graph(title, lines) for title, lines in graphs(name, channels).items()]
    rows: list[list[cloudwatch.IWidget]] = [
        [cloudwatch.AlarmStatusWidget(title="Alarms", width=WHOLE, height=3, alarms=list(alarms))],
        [
            cloudwatch.CustomWidget(
                title="Open quantum tasks and hybrid jobs",
                function_arn=board.function_arn,
                width=WHOLE,
                height=BOARD_HEIGHT,
            )
        ],
        *(list(pair) for pair in zip(graph_widgets[::2], graph_widgets[1::2], strict=True)),
    ]
    return cloudwatch.Dashboard(
        scope, "Dashboard", dashboard_name=name, default_interval=Duration.days(1), widgets=rows
    )


def _waiting(queue: str, label: str) -> GraphLine:
    """Visible and hidden records together; only averages may be added, because two peaks may differ in time."""
    return GraphLine(label, "AWS/SQS", (VISIBLE, HIDDEN), {"QueueName": queue}, "Average")


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
