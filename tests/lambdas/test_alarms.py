"""What the functions really print, as CloudWatch reads it, makes the alarms ring and lets them be silent."""

import json
from collections.abc import Callable
from importlib import import_module
from time import time
from typing import Any

import boto3
import pytest

from infra.alarms import Watched, watched
from infra.function import TROUBLE
from notifier.model import Notification, Snapshot
from notifier.ports import BusyError, TryLaterError
from notifier.wire import encode
from tests.infra.ringing import Rule

ASnapshot = Callable[..., Snapshot]
ALARMS = watched("braket-notifier", 300)
NOW_MS = int(time() * 1000)


@pytest.fixture
def function(account: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:  # noqa: ARG001 - the environment
    """A function under its own service name, as the template gives it."""

    def load(name: str) -> Any:
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", name)
        return import_module(name)

    return load


def rings(alarm: str, printed: str) -> bool:
    """Whether the alarm rings if every period looks like this one."""
    it = ALARMS[alarm]
    threshold = it.above if it.below is None else it.below
    rule = Rule(threshold, it.below is not None, *it.of_periods, it.silence_rings)
    return rule.rings([point(it, printed)] * it.of_periods[1])


def point(it: Watched, printed: str) -> float | None:
    """What CloudWatch takes from embedded metrics: the values of this metric under exactly these dimensions."""
    values = [value for line in printed.splitlines() for value in _values(it, json.loads(line))]
    statistics = {"Sum": sum(values), "Maximum": max(values, default=None), "Minimum": min(values, default=None)}
    return statistics[it.statistic] if values else None


def _values(it: Watched, line: dict[str, Any]) -> list[float]:
    for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
        named = it.metric in {each["Name"] for each in directive["Metrics"]}
        dimensions = {key: line[key] for keys in directive["Dimensions"] for key in keys}
        if directive["Namespace"] == it.namespace and named and dimensions == it.dimensions:
            return list(line[it.metric])
    return []


@pytest.mark.parametrize(("braket", "wanted"), [("answers", False), ("is busy", True)])
def test_a_sweep_that_sweeps_nothing_rings(
    function: Any,
    account: Any,
    context: Any,
    a_task: ASnapshot,
    capsys: pytest.CaptureFixture[str],
    braket: str,
    wanted: bool,
) -> None:
    account.braket.listed = [a_task("RUNNING")]
    account.braket.knows[a_task().arn] = a_task("RUNNING") if braket == "answers" else BusyError("Throttling")

    function("sweep").lambda_handler({}, context)

    assert rings("silent-sweep", capsys.readouterr().out) is wanted


def test_a_sweep_that_never_ran_rings() -> None:
    assert rings("silent-sweep", "")


@pytest.mark.parametrize(("waited_s", "wanted"), [(60, False), (7200, True)])
def test_a_notification_that_waits_for_hours_rings(
    function: Any,
    account: Any,
    context: Any,
    a_notification: Callable[[], Notification],
    capsys: pytest.CaptureFixture[str],
    waited_s: int,
    wanted: bool,
) -> None:
    account.channel.raises = [TryLaterError("429 ratelimited", after_s=30)]
    batch = account.batch("slack", encode(a_notification()))
    batch["Records"][0]["attributes"]["SentTimestamp"] = str(NOW_MS - waited_s * 1000)

    function("deliver").lambda_handler(batch, context)

    assert rings("pending", capsys.readouterr().out) is wanted


def test_where_everything_is_delivered_nothing_is_pending(
    function: Any,
    account: Any,
    context: Any,
    a_notification: Callable[[], Notification],
    capsys: pytest.CaptureFixture[str],
) -> None:
    function("deliver").lambda_handler(account.batch("slack", encode(a_notification())), context)

    assert not rings("pending", capsys.readouterr().out)


@pytest.mark.parametrize(("wanted_mailboxes", "wanted"), [(1, False), (2, True)])
def test_a_mailbox_without_a_subscription_rings(
    function: Any,
    context: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wanted_mailboxes: int,
    wanted: bool,
) -> None:
    sns = boto3.client("sns")
    topic = sns.create_topic(Name="mail")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="lab@example.org")  # moto takes it as confirmed
    monkeypatch.setenv("MAIL_TOPICS", json.dumps([[topic, wanted_mailboxes]]))

    function("sweep").lambda_handler({}, context)

    assert rings("unconfirmed-mailbox", capsys.readouterr().out) is wanted


def test_mailboxes_that_cannot_be_counted_fail_no_sweep(
    function: Any,
    context: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("MAIL_TOPICS", json.dumps([["no topic's ARN", 1]]))

    function("sweep").lambda_handler({}, context)

    errors = [each.message for each in caplog.records if each.levelname == "ERROR"]
    assert errors == ["the mailboxes that are not confirmed could not be counted"]
    assert not rings("silent-sweep", capsys.readouterr().out)


def test_what_nobody_understands_is_in_the_queue_that_rings(function: Any, account: Any, context: Any) -> None:
    function("observe").lambda_handler(account.batch("events", "{not json"), context)

    kept = boto3.client("sqs").get_queue_attributes(
        QueueUrl=account.queues["undelivered"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert int(kept["Attributes"]["ApproximateNumberOfMessages"]) > ALARMS["undelivered"].above


def test_the_line_of_an_error_is_counted_and_no_other(
    function: Any,
    account: Any,
    context: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    an_event: Callable[..., dict[str, Any]],
) -> None:
    """The filter's terms, held against lines as Powertools formats them."""
    observe = function("observe")
    monkeypatch.setenv("SNAPSHOTS_TABLE", "no-such-table")

    observe.lambda_handler(account.batch("events", json.dumps(an_event("COMPLETED")), "{not json"), context)

    lines = [(each.levelname, observe.logger.registered_formatter.format(each)) for each in caplog.records]
    terms = [term.strip('?"') for term in TROUBLE.split(" ?")]
    counted = [level for level, line in lines if any(term in line for term in terms)]
    assert set(counted) == {"ERROR"}
    assert len(counted) < len(lines)
