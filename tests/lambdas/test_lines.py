"""What the functions log: one line of JSON for each decision, which says of what, for whom and why."""

import json
import logging
from collections.abc import Callable, Iterator
from importlib import import_module
from time import time
from typing import Any

import pytest

from notifier.model import Closing, Notification
from notifier.ports import RefusedError, TryLaterError, UnacknowledgedError
from notifier.wire import encode, encode_closing

#: CloudWatch takes more; a reader does not.
LONGEST_LINE = 4000


class Lines(logging.Handler):
    """Every line as it is printed: with the keys that stand while it is said."""

    def __init__(self) -> None:
        super().__init__()
        self.raw: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.raw.append(self.format(record))

    def taken(self) -> list[dict[str, Any]]:
        """What was said since they were last taken."""
        said, self.raw = [json.loads(each) for each in self.raw], []
        return said


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def function(account: Any, lines: Lines) -> Iterator[Callable[[str], Any]]:  # noqa: ARG001 - the environment first
    """A function's handler; what its logger prints is kept."""
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


#: What the channel answers, and the level, the message and a word of the reason of the one line that says so.
VERDICTS = [
    (None, "INFO", "delivered", "singly"),
    (TryLaterError("429 ratelimited", after_s=30), "INFO", "put back", "429 ratelimited; again in 31 s"),
    (UnacknowledgedError("timed out"), "WARNING", "put back", "no acknowledgement: timed out"),
    (RefusedError("200 channel_not_found"), "ERROR", "kept as undelivered", "200 channel_not_found"),
    (ValueError("a defect of ours"), "ERROR", "delivery failed; the record comes again", "a defect of ours"),
]


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda each: each[2])
def test_each_verdict_of_a_channel_is_one_line_that_says_of_what_and_why(
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
    assert why in line.get("reason", line.get("how", line.get("exception", "")))


def test_a_record_that_comes_again_says_how_its_notification_ended(
    function: Any,
    account: Any,
    context: Any,
    lines: Lines,
    a_notification: Callable[..., Notification],
) -> None:
    """A duplicate, and what a later status overtook."""
    deliver = function("deliver")
    for status in ("COMPLETED", "COMPLETED", "RUNNING"):
        deliver(account.batch("slack", encode(a_notification(status))), context)

    said = [(each["message"], each["how"], each["told"]) for each in lines.taken()]
    assert said == [
        ("delivered", "singly", 1),
        ("nothing to tell", "delivered before", 0),
        ("nothing to tell", "superseded before", 0),
    ]


def test_what_is_told_says_how_long_after_braket_s_change(
    function: Any, account: Any, context: Any, lines: Lines, a_notification: Callable[[], Notification]
) -> None:
    function("deliver")(account.batch("slack", encode(a_notification())), context)

    [line] = lines.taken()
    at = a_notification().transition.at
    assert at
    assert line["latency_s"] == pytest.approx(time() - at.timestamp(), abs=60)


def test_what_waits_to_be_told_with_others_says_so(
    function: Any,
    account: Any,
    context: Any,
    lines: Lines,
    a_notification: Callable[..., Notification],
) -> None:
    bodies = [encode(a_notification(number=number)) for number in range(4)]
    function("deliver")(account.batch("slack", *bodies), context)

    held = lines.taken()[-1]
    assert (held["level"], held["message"]) == ("INFO", "put back")
    assert held["reason"].startswith("told with others: ")
    assert held["correlation_id"]


def test_a_reminder_says_whose_card_it_closes(function: Any, account: Any, context: Any, lines: Lines) -> None:
    body = encode_closing(Closing("team-slack", "batch ghz-scan", 0))

    function("deliver")(account.batch("slack", body), context)

    [line] = lines.taken()
    assert (line["channel"], line["group"], line["how"]) == (
        "team-slack",
        "batch ghz-scan",
        "its card was closed before",
    )


@pytest.mark.parametrize("body", [json.dumps({"version": "x" * 100_000}), '"' + "x" * 100_000, "[" * 100_000, "\r\n{"])
def test_what_nobody_can_read_is_one_short_line(
    function: Any, account: Any, context: Any, lines: Lines, body: str
) -> None:
    function("deliver")(account.batch("slack", body), context)

    [raw], [line] = lines.raw, lines.taken()
    assert (line["level"], line["message"]) == ("ERROR", "kept as undelivered")
    assert line["reason"]
    assert len(raw) < LONGEST_LINE
