"""Each function logs one line of JSON for each decision, with its resource, channel and reason."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from time import time
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from braket_notifier import __version__
from braket_notifier.bootstrap import deliver as senders
from braket_notifier.domain.notification import Closing, Notification
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.transition import transition_id
from braket_notifier.errors import BusyError, NotKnownError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.sending.wire import encode, encode_closing

ASnapshot = Callable[..., Snapshot]
AnEvent = Callable[..., dict[str, Any]]

#: Characters of a log line that a reader can still read; CloudWatch allows more.
LONGEST_LINE = 4000


class Lines(logging.Handler):
    """Collects every line as it is printed, with the keys of its invocation."""

    def __init__(self) -> None:
        super().__init__()
        self.raw: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.raw.append(self.format(record))

    def taken(self) -> list[dict[str, Any]]:
        """Return the lines since the last call."""
        lines, self.raw = [json.loads(each) for each in self.raw], []
        return lines


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def function(account: Any, lines: Lines) -> Iterator[Callable[[str], Any]]:  # noqa: ARG001 - the environment first
    """Import a function, and collect its log lines."""
    loggers = []

    def load(name: str) -> Any:
        module = import_module(name)
        lines.setFormatter(module.logger.registered_formatter)
        loggers.append(logging.getLogger("test"))
        loggers[-1].addHandler(lines)
        return module.lambda_handler

    yield load
    for each in loggers:
        each.removeHandler(lines)


def about(notification: Notification) -> dict[str, str]:
    transition = notification.transition
    return {
        "correlation_id": transition.id,
        "notification_id": notification.id,
        "arn": transition.arn.text,
        "status": transition.status,
        "source": transition.source,
        "channel": notification.channel,
    }


#: The channel's answer, and the level, message and reason of the line about it.
VERDICTS = [
    (None, "INFO", "delivered", "singly"),
    (TryLaterError("429 ratelimited", after_s=30), "INFO", "notification deferred", "429 ratelimited; again in 31 s"),
    (UnacknowledgedError("timed out"), "WARNING", "notification deferred", "no acknowledgement: timed out"),
    (RefusedError("200 channel_not_found"), "ERROR", "notification kept as undelivered", "200 channel_not_found"),
    (ValueError("a defect of ours"), "ERROR", "delivery failed, SQS redelivers the record", "a defect of ours"),
]


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("name", ["observe", "sweep", "deliver", "board"])
def test_every_line_of_a_function_names_the_version(name: str, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of the composition root too: it takes the logger of the same service."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"version-of-{name}")
    monkeypatch.delitem(sys.modules, name, raising=False)
    module = import_module(name)
    monkeypatch.delitem(sys.modules, name)
    lines.setFormatter(module.logger.registered_formatter)
    logging.getLogger(f"version-of-{name}").addHandler(lines)

    Logger().info("left out: it cannot be read")

    assert [each["version"] for each in lines.taken()] == [__version__]


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda each: each[2])
def test_each_result_of_a_send_is_one_line_with_notification_and_reason(
    function: Any,
    account: Any,
    context: Any,
    lines: Lines,
    a_notification: Callable[[], Notification],
    verdict: tuple[Exception | None, str, str, str],
) -> None:
    answer, level, message, why = verdict
    account.channel.raises = [answer]

    function("deliver")(account.batch("slack", encode(a_notification())), context)

    [line] = lines.taken()
    assert (line["level"], line["message"]) == (level, message)
    assert about(a_notification()).items() <= line.items()
    assert why in "".join(line.get(key, "") for key in ("outcome", "reason", "exception"))


def test_a_repeated_record_is_logged_with_its_notification_s_outcome(
    function: Any,
    account: Any,
    context: Any,
    lines: Lines,
    a_notification: Callable[..., Notification],
) -> None:
    """A duplicate, and a status after a later one."""
    deliver = function("deliver")
    for status in ("COMPLETED", "COMPLETED", "RUNNING"):
        deliver(account.batch("slack", encode(a_notification(status))), context)

    logged = [(each["message"], each["outcome"], each["notifications"]) for each in lines.taken()]
    assert logged == [
        ("delivered", "singly", 1),
        ("already delivered", "delivered before", 0),
        ("already delivered", "superseded before", 0),
    ]


def test_a_delivery_is_logged_with_its_latency(
    function: Any, account: Any, context: Any, lines: Lines, a_notification: Callable[[], Notification]
) -> None:
    function("deliver")(account.batch("slack", encode(a_notification())), context)

    [line] = lines.taken()
    at = a_notification().transition.at
    assert at
    assert line["latency_s"] == pytest.approx(time() - at.timestamp(), abs=60)


def test_a_notification_that_waits_for_a_digest_logs_the_group_and_the_named_reason(
    function: Any,
    account: Any,
    context: Any,
    lines: Lines,
    a_notification: Callable[..., Notification],
) -> None:
    bodies = [encode(a_notification(number=number)) for number in range(4)]
    function("deliver")(account.batch("slack", *bodies), context)

    *sent, held = lines.taken()
    assert [each["reason"] for each in sent] == ["FIRST"] * 3
    assert (held["level"], held["message"]) == ("INFO", "notification deferred")
    assert held["reason"] == "NEXT_DIGEST"
    assert held["outcome"].startswith("waits for a message about ")
    assert held["correlation_id"]


def test_a_reminder_is_logged_with_its_group(function: Any, account: Any, context: Any, lines: Lines) -> None:
    body = encode_closing(Closing("team-slack", "batch ghz-scan", 0))

    function("deliver")(account.batch("slack", body), context)

    [line] = lines.taken()
    assert (line["channel"], line["group"]) == ("team-slack", "batch ghz-scan")
    assert (line["outcome"], line["reason"]) == ("its card was closed before", "CLOSED_BEFORE")


@pytest.mark.parametrize("body", [json.dumps({"version": "x" * 100_000}), '"' + "x" * 100_000, "[" * 100_000, "\r\n{"])
def test_an_unreadable_record_is_one_short_line(
    function: Any, account: Any, context: Any, lines: Lines, body: str
) -> None:
    function("deliver")(account.batch("slack", body), context)

    [raw], [line] = lines.raw, lines.taken()
    assert (line["level"], line["message"]) == ("ERROR", "notification kept as undelivered")
    assert line["reason"]
    assert len(raw) < LONGEST_LINE


def of_event(event: dict[str, Any]) -> dict[str, str]:
    arn, status = event["resources"][0], event["detail"]["status"]
    return {
        "correlation_id": transition_id(parse_arn(arn), status),
        "arn": arn,
        "status": status,
        "source": "event",
        "event_id": event["id"],
    }


def test_every_line_from_the_event_to_the_channel_has_one_correlation_id(
    function: Any, account: Any, context: Any, lines: Lines, a_task: ASnapshot, an_event: AnEvent
) -> None:
    account.braket.knows[a_task().arn] = a_task("COMPLETED")
    event = an_event("COMPLETED")
    batch = account.batch("events", json.dumps(event), json.dumps(event))

    function("observe")(batch, context)
    function("deliver")(account.batch("slack", *(each["Body"] for each in account.waiting("slack"))), context)

    routed, duplicate, delivered = lines.taken()
    assert (routed["message"], routed["to"]) == ("transition routed", ["team-slack"])
    assert (duplicate["message"], duplicate["recorded_status"]) == ("duplicate or late event", "COMPLETED")
    assert delivered["message"] == "delivered"
    assert of_event(event).items() <= routed.items()
    assert of_event(event).items() <= duplicate.items()
    assert delivered["correlation_id"] == routed["correlation_id"]


#: Braket's answer, the number of receives, and the level, message and reason of the line about the event.
OBSERVED = [
    (BusyError("ThrottlingException"), 1, "INFO", "event deferred", "Braket is busy: ThrottlingException"),
    (NotKnownError("ResourceNotFoundException"), 1, "INFO", "event deferred", "Braket does not answer; again in 2 s"),
    (NotKnownError("ResourceNotFoundException"), 4, "INFO", "transition routed", ""),
    (ValueError("a defect of ours"), 1, "ERROR", "observation failed, SQS redelivers the record", "a defect of ours"),
]


@pytest.mark.parametrize("case", OBSERVED, ids=[f"{each[3]} {each[1]}" for each in OBSERVED])
def test_each_outcome_of_an_event_is_one_line_with_its_id(
    function: Any,
    account: Any,
    context: Any,
    lines: Lines,
    a_task: ASnapshot,
    an_event: AnEvent,
    case: tuple[Exception, int, str, str, str],
) -> None:
    answer, receives, level, message, why = case
    account.braket.knows[a_task().arn] = answer
    event = an_event("COMPLETED")

    function("observe")(account.batch("events", json.dumps(event), receives=receives), context)

    [line] = lines.taken()
    assert (line["level"], line["message"]) == (level, message)
    assert of_event(event).items() <= line.items()
    assert why in line.get("reason", line.get("exception", ""))


@pytest.mark.parametrize("what", ["source", "account", "detail-type", "time", "resources"])
def test_an_unreadable_event_is_one_short_line(
    function: Any, account: Any, context: Any, lines: Lines, an_event: AnEvent, what: str
) -> None:
    event = {**an_event("COMPLETED"), what: '"}\r\n{"level":"INFO' * 10_000}
    event["detail"] = {} if what == "resources" else event["detail"]

    function("observe")(account.batch("events", json.dumps(event)), context)

    [raw], [line] = lines.raw, lines.taken()
    assert (line["level"], line["message"]) == ("WARNING", "event kept as undelivered")
    assert line["reason"]
    assert "\n" not in raw
    assert len(raw) < LONGEST_LINE


def test_an_end_without_announcement_is_logged(
    function: Any, account: Any, context: Any, lines: Lines, a_task: ASnapshot, an_event: AnEvent
) -> None:
    longer_ago = datetime(2026, 10, 1, tzinfo=UTC)
    account.braket.knows[a_task().arn] = a_task("COMPLETED", ended_at=longer_ago)

    function("observe")(account.batch("events", json.dumps(an_event("COMPLETED"))), context)

    [line] = lines.taken()
    assert (line["message"], line["to"]) == ("status recorded without notification", [])


def test_each_change_that_the_sweep_finds_is_one_line(
    function: Any, account: Any, context: Any, lines: Lines, a_task: ASnapshot
) -> None:
    sweep = function("sweep")
    account.braket.knows[a_task().arn] = a_task("RUNNING")
    sweep({}, context)
    baseline = lines.taken()
    account.braket.knows[a_task().arn] = a_task("COMPLETED", ended_at=None)

    sweep({}, context)

    found, run, *_ = lines.taken()
    assert [each["message"] for each in baseline][0::2] == ["status recorded without notification", "sweep finished"]
    assert (found["message"], found["source"], found["to"]) == ("transition routed", "sweep", ["team-slack"])
    assert found["correlation_id"] == transition_id(a_task().arn, "COMPLETED")
    assert (run["message"], run["found"]) == ("sweep finished", {"eu-north-1": 1})


def test_a_resource_that_fails_in_the_sweep_is_named(
    function: Any, account: Any, context: Any, lines: Lines, a_task: ASnapshot
) -> None:
    account.braket.listed = [a_task("RUNNING")]
    account.braket.knows[a_task().arn] = ValueError("a defect of ours")

    function("sweep")({}, context)

    [early] = [each for each in lines.taken() if each["level"] == "ERROR"]
    assert (early["message"], early["region"]) == ("sweep of a region ended early", "eu-north-1")
    assert a_task().arn.text in early["exception"]


def test_metrics_are_printed_even_if_the_function_fails(
    function: Any,
    account: Any,
    context: Any,
    a_notification: Callable[[], Notification],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("the table of leases is gone")

    monkeypatch.setattr(senders, "sender", break_down)
    batch = account.batch("slack", encode(a_notification()))

    function("deliver")(batch, context)

    [metrics] = [json.loads(each) for each in capsys.readouterr().out.splitlines() if "_aws" in each]
    assert metrics["NotificationsDelivered"] == [0.0]
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
