"""Every metric of the notifier on the dashboard has data in the functions' output."""

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from braket_notifier.domain.notification import Notification
from braket_notifier.errors import TryLaterError, UnacknowledgedError
from braket_notifier.sending.wire import encode
from infra.dashboard import graphs
from infra.function import namespace
from local.cloud.metrics import Metric, Point, embedded, gathered

NAME = "braket-notifier"
GRAPHS = graphs(NAME, ["team-slack", "mail"])
#: The sweep prints it of the lease rows.
OF_LEASES = "RefusingChannels"
OF_SWEEP = {"SweepFoundMissed", "OldestSweepSeconds", "UnconfirmedSubscriptions", "UnreadRecords", OF_LEASES}
#: Metrics that functions print; a filter of the template counts the errors.
OURS = [
    (title, Metric(line.namespace, metric, frozenset(line.dimensions.items())))
    for title, lines in GRAPHS.items()
    for line in lines
    for metric in line.metrics
    if line.namespace == namespace(NAME) and line.dimensions and metric != OF_LEASES
]

Run = Callable[[str, dict[str, Any]], None]
Measured = dict[Metric, list[Point]]


@pytest.fixture
def run(account: Any, context: Any, monkeypatch: pytest.MonkeyPatch) -> Run:  # noqa: ARG001 - the environment first
    """Call a function with the service name of its template."""

    def run(name: str, event: dict[str, Any]) -> None:
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", name)
        import_module(name).lambda_handler(event, context)

    return run


@pytest.fixture
def measured(
    run: Run,
    account: Any,
    a_notification: Callable[[], Notification],
    capsys: pytest.CaptureFixture[str],
) -> Measured:
    """Collect the metrics of a success, a busy channel and a lost acknowledgement."""
    run("observe", account.batch("events", "{not json"))
    run("sweep", {})  # the region's start
    run("sweep", {})
    for trouble in (UnacknowledgedError("timed out"), TryLaterError("429", after_s=1)):
        account.channel.raises = [trouble]
        run("deliver", account.batch("slack", encode(a_notification())))
    return printed(capsys)


def printed(capsys: pytest.CaptureFixture[str]) -> Measured:
    return gathered(each for line in capsys.readouterr().out.splitlines() for each in embedded(line))


def test_every_metric_of_ours_has_data_under_its_name_and_exactly_its_dimensions(
    measured: Measured,
) -> None:
    assert {metric for _, metric in OURS} - set(measured) == set()


def test_a_graph_titled_in_seconds_is_measured_in_seconds(measured: Measured) -> None:
    units = {title: {point.unit for point in measured[metric]} for title, metric in OURS}

    assert units == {title: {"Seconds" if "Seconds" in title else "Count"} for title, _ in OURS}


def test_at_most_ten_metrics_are_sent_while_nothing_is_wrong(
    run: Run,
    account: Any,
    an_event: Callable[..., dict[str, Any]],
    a_notification: Callable[[], Notification],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each name with each set of dimensions costs $0.30 a month; only a fault sends more of them."""
    account.braket.knows[a_notification().transition.arn] = a_notification().transition.snapshot
    run("observe", account.batch("events", json.dumps(an_event())))
    run("deliver", account.batch("slack", encode(a_notification())))

    assert names(capsys) | OF_SWEEP == {"TransitionsDetected", "NotificationsDelivered", *OF_SWEEP}


def test_five_metrics_are_sent_while_nothing_happens(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        run("sweep", {})

    assert names(capsys) | {OF_LEASES} == OF_SWEEP


def names(capsys: pytest.CaptureFixture[str]) -> set[str]:
    return {metric.name for metric in printed(capsys)}
