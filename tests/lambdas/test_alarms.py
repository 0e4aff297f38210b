"""The functions' printed metrics and logs raise the alarms, read as CloudWatch reads them."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import boto3
import pytest

from braket_notifier.bootstrap import shared, tracking
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import BusyError, LateError
from braket_notifier.sending.wire import encode
from infra.alarms import AlarmSpec
from infra.function import TROUBLE
from local.cloud.alarm_rule import Rule
from local.cloud.metrics import STATISTICS, embedded, is_counted
from tests.conftest import NOON, task_arn
from tests.lambdas.conftest import Context
from tests.lambdas.night import ALARMS, as_metric


@pytest.fixture
def function(account: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:  # noqa: ARG001 - the environment
    """Import a function with the service name of its template."""

    def load(name: str) -> Any:
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", name)
        return import_module(name)

    return load


def is_raised(alarm: str, *printed: str) -> bool:
    """Whether the alarm is raised after periods with this output; a single output is that of every period."""
    it = ALARMS[alarm]
    periods = printed if len(printed) > 1 else printed * it.of_periods[1]
    return Rule(it.above, *it.of_periods, it.missing_data_alarms).fires([point(it, each) for each in periods])


def point(it: AlarmSpec, printed: str) -> float | None:
    """Read the alarm's metrics with exactly their dimensions from the embedded metrics."""
    watches = {as_metric(each) for each in it.metrics}
    values = [its.value for each in printed.splitlines() for metric, its in embedded(each) if metric in watches]
    return STATISTICS[it.statistic](values) if values else None


@pytest.fixture
def two_regions(account: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - its policy, widened
    both = replace(shared.policy(), regions=("us-east-1", "eu-north-1"))
    monkeypatch.setattr(shared, "policy", lambda: both)


#: The result of each run in one of two regions, five minutes apart, and whether the alarm is raised at the end.
RUNS = [
    (("swept", "swept", "swept"), False),
    (("swept", "busy", "swept"), False),
    (("swept", "busy", "busy", "swept"), False),
    (("swept", "busy", "busy", "busy"), True),
    (("busy", "busy", "busy", "busy"), True),  # never swept
    (("swept", "held", "held", "held"), True),  # by crashed runs
    (("swept", "cut", "cut", "cut"), True),  # before the first slice was complete
    (("swept", "failed", "failed", "failed"), True),
]


@pytest.mark.usefixtures("two_regions")
@pytest.mark.parametrize(("runs", "wanted"), RUNS)
def test_one_unswept_region_raises_the_alarm_beside_a_swept_one(
    function: Any,
    account: Any,
    noon: datetime,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    runs: Sequence[str],
    wanted: bool,
) -> None:
    troubles = {"busy": BusyError("Throttling"), "cut": LateError("the time is up"), "failed": ValueError("a defect")}
    created, printed = account.braket.created, []
    for number, run in enumerate(runs):
        now = noon + number * timedelta(minutes=5)
        monkeypatch.setattr(shared, "now", lambda now=now: now)
        if run == "held":
            until = now + timedelta(minutes=1)
            tracking.tracking_ports().snapshots.take_cursor("us-east-1", owner=f"died {number}", now=now, until=until)

        def listed(region: str, *arguments: Any, run: str = run) -> Any:
            if region == "us-east-1" and run in troubles:
                raise troubles[run]
            return created(region, *arguments)

        account.braket.created = listed
        function("sweep").lambda_handler({}, Context())
        printed.append(capsys.readouterr().out)

    assert is_raised("silent-sweep", *printed) is wanted


def test_a_missing_sweep_raises_the_alarm() -> None:
    assert is_raised("silent-sweep", "")


def test_a_sweep_that_cannot_read_its_rows_raises_the_alarm(
    function: Any, context: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    boto3.client("dynamodb").delete_table(TableName="snapshots")

    function("sweep").lambda_handler({}, context)

    assert is_raised("silent-sweep", capsys.readouterr().out)


@pytest.mark.parametrize("minutes", [14, 16])
@pytest.mark.parametrize("answer", [BusyError("ThrottlingException"), ValueError("a defect")])
def test_an_event_that_comes_again_for_a_quarter_of_an_hour_raises_the_alarm(
    function: Any,
    account: Any,
    context: Any,
    an_event: Callable[..., dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    minutes: int,
    answer: Exception,
) -> None:
    account.braket.knows[parse_arn(task_arn())] = answer
    first = NOON - timedelta(minutes=minutes)

    function("observe").lambda_handler(account.batch("events", json.dumps(an_event()), first_received=first), context)

    assert is_raised("waiting-events", capsys.readouterr().out) is (minutes > 15)


@pytest.mark.parametrize(("wanted_mailboxes", "wanted"), [(1, False), (2, True)])
def test_an_address_without_a_subscription_raises_the_alarm(
    function: Any,
    context: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wanted_mailboxes: int,
    wanted: bool,
) -> None:
    sns = boto3.client("sns")
    topic = sns.create_topic(Name="mail")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="lab@example.org")  # moto confirms it at once
    monkeypatch.setenv("MAIL_TOPICS", json.dumps([[topic, wanted_mailboxes]]))

    function("sweep").lambda_handler({}, context)

    assert is_raised("unconfirmed-mailbox", capsys.readouterr().out) is wanted


def test_uncountable_subscriptions_do_not_fail_the_sweep(
    function: Any,
    context: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("MAIL_TOPICS", json.dumps([["no topic's ARN", 1]]))

    function("sweep").lambda_handler({}, context)

    [error] = [each for each in caplog.records if each.levelname == "ERROR"]
    assert (error.message, vars(error)["metric"]) == ("metric could not be measured", "UnconfirmedSubscriptions")
    assert not is_raised("silent-sweep", capsys.readouterr().out)


@pytest.fixture
def waits(account: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a record into a queue, and perhaps another one in work."""
    there: Any = boto3.client("sqs", "us-east-1")
    forwarding = there.create_queue(QueueName="undelivered")["QueueUrl"]
    nowhere = forwarding.replace("undelivered", "not-deployed")
    monkeypatch.setenv("FORWARDING_QUEUES", json.dumps({"us-east-1": forwarding, "us-west-1": nowhere}))

    def put(where: str) -> None:
        home: Any = boto3.client("sqs")
        client, url = (there, forwarding) if where == "not forwarded" else (home, account.queues["slack"])
        client.send_message(QueueUrl=url, MessageBody="x")
        if where == "taken":
            client.send_message(QueueUrl=url, MessageBody="y")
            client.receive_message(QueueUrl=url, MaxNumberOfMessages=1)

    return put


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ("nowhere", False),
        ("taken", False),  # one record waits while the function works on another
        ("untaken", True),
        ("not forwarded", True),
    ],
)
def test_records_in_a_stalled_queue_raise_the_alarm(
    function: Any,
    context: Any,
    waits: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    where: str,
    wanted: bool,
) -> None:
    if where != "nowhere":
        waits(where)

    function("sweep").lambda_handler({}, context)

    named = [vars(each)["queue"] for each in caplog.records if "without a reader" in each.message]
    assert is_raised("unread-queue", capsys.readouterr().out) is wanted
    assert len(named) == int(wanted)


def test_unparseable_events_reach_the_undelivered_alarm(function: Any, account: Any, context: Any) -> None:
    function("observe").lambda_handler(account.batch("events", "{not json"), context)

    kept = boto3.client("sqs").get_queue_attributes(
        QueueUrl=account.queues["undelivered"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert int(kept["Attributes"]["ApproximateNumberOfMessages"]) > ALARMS["undelivered"].above


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (
            "[ERROR] Runtime.ImportModuleError: Unable to import module 'deliver': No module named 'braket_notifier'",
            True,
        ),
        ("[ERROR] ValueError: a defect\nTraceback (most recent call last):", True),
        ("2026-11-21T12:00:00.000Z 5f2e Task timed out after 120.00 seconds", True),
        ("RequestId: 5f2e Error: Runtime exited with error: signal: killed Runtime.ExitError", True),
        ("REPORT RequestId: 5f2e Max Memory Used: 1024 MB Status: error Error Type: Runtime.OutOfMemory", True),
        ("START RequestId: 5f2e Version: $LATEST", False),
        ("REPORT RequestId: 5f2e Duration: 12.34 ms Billed Duration: 13 ms Memory Size: 1024 MB", False),
    ],
)
def test_a_function_that_fails_before_it_logs_is_counted(line: str, wanted: bool) -> None:
    """Lambda itself writes such lines."""
    assert counts(line) is wanted


def counts(line: str) -> bool:
    return any(is_counted(line, each) for each in TROUBLE.values())


def test_a_line_that_only_mentions_an_error_is_not_counted(
    function: Any,
    account: Any,
    context: Any,
    a_task: Callable[..., Snapshot],
    a_transition: Callable[..., Transition],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A held notification's line contains its batch's name, which may contain the word ERROR."""
    deliver = function("deliver")
    logged: list[str] = []
    handler = logging.Handler()
    formatter = deliver.logger.registered_formatter
    monkeypatch.setattr(handler, "emit", lambda record: logged.append(formatter.format(record)))
    tagged = (a_task("COMPLETED", number, tags={"batch": "ERROR mitigation"}) for number in range(5))
    ends = [Notification(a_transition(each), "team-slack") for each in tagged]
    logging.getLogger("deliver").addHandler(handler)

    deliver.lambda_handler(account.batch("slack", *map(encode, ends)), context)

    logging.getLogger("deliver").removeHandler(handler)
    assert any("ERROR mitigation" in line for line in logged)
    assert not any(counts(line) for line in [*logged, *capsys.readouterr().out.splitlines()])


def test_the_line_of_an_error_is_counted_and_no_other(
    function: Any,
    account: Any,
    context: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    an_event: Callable[..., dict[str, Any]],
) -> None:
    """The filter's terms match the lines as Powertools formats them."""
    observe = function("observe")
    monkeypatch.setenv("SNAPSHOTS_TABLE", "no-such-table")

    observe.lambda_handler(account.batch("events", json.dumps(an_event("COMPLETED")), "{not json"), context)

    lines = [(each.levelname, observe.logger.registered_formatter.format(each)) for each in caplog.records]
    counted = [level for level, line in lines if counts(line)]
    assert set(counted) == {"ERROR"}
    assert len(counted) < len(lines)
