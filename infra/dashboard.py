"""What an operator asks, on one page in CloudWatch: what is open, is it alive, what was told, how late, what sticks."""

from collections.abc import Iterable, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.function import NAMESPACE

HALF, WHOLE = 12, 24
#: High enough for twenty transitions; what is longer is scrolled.
BOARD = 14


def dashboard(
    scope: Construct,
    name: str,
    channels: Iterable[str],
    alarms: Sequence[cloudwatch.Alarm],
    board: lambda_.IFunction,
) -> cloudwatch.Dashboard:
    """Every row answers one question; the first is whether anything rings, the second what is open."""
    waiting = [_queue(f"{name}-deliver-{channel}", channel) for channel in channels]
    rows: list[list[cloudwatch.IWidget]] = [
        [cloudwatch.AlarmStatusWidget(title="Does anything ring?", width=WHOLE, height=3, alarms=list(alarms))],
        [cloudwatch.CustomWidget(title="What is open", function_arn=board.function_arn, width=WHOLE, height=BOARD)],
        [
            _graph(
                "Is it alive? Seconds since the region was swept that has waited longest",
                [_ours("OldestSweepSeconds", "sweep", "Maximum")],
            ),
            _graph("What was found", [_ours("TransitionsDetected", "observe"), _ours("SweepFoundMissed", "sweep")]),
        ],
        [
            _graph(
                "What was told",
                [_ours("NotificationsDelivered", "deliver"), _ours("NotificationsAmbiguous", "deliver")],
            ),
            _graph(
                "How late? Seconds that the oldest has waited", [_ours("OldestPendingSeconds", "deliver", "Maximum")]
            ),
        ],
        [
            _graph("What waits for its channel", waiting),
            _graph(
                "What is stuck",
                [
                    _queue(f"{name}-undelivered", "undelivered"),
                    _queue(f"{name}-events", "events"),
                    _ours("UnreadRecords", "sweep", "Maximum"),
                ],
            ),
        ],
        [
            _graph("What went wrong", [_errors()]),
            _graph("What nobody understood: events, statuses, reasons", [_ours("UnknownWords", "observe")]),
        ],
    ]
    return cloudwatch.Dashboard(
        scope, "Dashboard", dashboard_name=name, default_interval=Duration.days(1), widgets=rows
    )


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title, width=HALF, height=6, left=list(metrics), left_y_axis=cloudwatch.YAxisProps(min=0)
    )


def _ours(metric: str, service: str, statistic: str = "Sum") -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=NAMESPACE, metric_name=metric, dimensions_map={"service": service}, statistic=statistic
    )


def _errors() -> cloudwatch.Metric:
    return cloudwatch.Metric(namespace=NAMESPACE, metric_name="Errors", statistic="Sum")


def _queue(name: str, label: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/SQS",
        metric_name="ApproximateNumberOfMessagesVisible",
        dimensions_map={"QueueName": name},
        statistic="Maximum",
        label=label,
    )
