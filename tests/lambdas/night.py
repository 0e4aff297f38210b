"""Some hours on a virtual clock: the functions' printed metrics, and CloudWatch's own view of queues and rules."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.memory.queues import MemoryQueue, MemoryQueueRecord
from braket_notifier.bootstrap import shared
from infra.alarms import AlarmSpec, WatchedMetric, watched
from infra.function import TROUBLE, namespace
from local.cloud.alarm_rule import Rule
from local.cloud.metrics import Metric, Point, by_period, embedded, is_counted
from tests.conftest import NOON
from tests.event_record import event_record
from tests.lambdas.conftest import Context

NAME, SWEEP_EVERY = "braket-notifier", timedelta(minutes=5)
EVENTS, CHANNEL = "events", "deliver-team-slack"
ALARMS = watched(NAME, int(SWEEP_EVERY.total_seconds()))
MINUTE = timedelta(minutes=1)
#: Receives after which SQS moves a record to the back of its queue, so that the record's age counts no more.
COUNTED_RECEIVES = 3
#: The time for which a received record is hidden: six timeouts of its function, and its window.
HIDDEN = {EVENTS: timedelta(seconds=361), CHANNEL: timedelta(seconds=722)}
FUNCTION = {EVENTS: "observe", CHANNEL: "deliver"}
VARIABLE = {"EVENTS_QUEUE_URL": EVENTS, "QUEUE_URL": CHANNEL}

Queue = MemoryQueue[str]


@dataclass
class Night:
    """The functions of one installation, the points that CloudWatch has of them, and the queues that they read."""

    account: Any
    load: Callable[[str], Any]
    capsys: pytest.CaptureFixture[str]
    now: datetime = NOON
    points: dict[Metric, list[Point]] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=lambda: {name: Queue(hides) for name, hides in HIDDEN.items()})
    sent: dict[tuple[str, int], datetime] = field(default_factory=dict)
    first_received: dict[tuple[str, int], datetime] = field(default_factory=dict)
    #: Queues whose event source mapping is disabled.
    unread: set[str] = field(default_factory=set)
    #: Queues whose policy refuses what EventBridge sends.
    closed: set[str] = field(default_factory=set)

    def put(self, queue: str, *bodies: str) -> None:
        for body in bodies:
            self.queues[queue].put(body, self.now)
            self.sent[queue, self.queues[queue].count] = self.now

    def event(self, body: str) -> None:
        """An event arrives, as EventBridge delivers it to its target or to the target's dead-letter queue."""
        if EVENTS not in self.closed:
            self.put(EVENTS, body)
        elif "undelivered" not in self.closed:
            url = self.account.queues["undelivered"]
            boto3.client("sqs").send_message(QueueUrl=url, MessageBody=body)
            self._point("AWS/Events", "InvocationsSentToDlq", 1, RuleName=f"{NAME}-changes")
        else:
            self._point("AWS/Events", "InvocationsFailedToBeSentToDlq", 1, RuleName=f"{NAME}-changes")

    def passes(self, minutes: int, each_minute: Callable[[], object] = lambda: None) -> None:
        """Let the minutes pass: each starts with what happens, then come the functions and CloudWatch."""
        for _ in range(minutes):
            each_minute()
            for queue in self.queues.keys() - self.unread:
                self._read(queue)
            if (self.now - NOON) % SWEEP_EVERY == timedelta(0):
                self._call("sweep", {})
            self._measure_queues()
            self.now += MINUTE

    def raised(self) -> set[str]:
        """The alarms that were on at any time, wherever their periods begin."""
        return {name for name, it in ALARMS.items() if any(self._is_on(it, begin) for begin in (0.0, 0.4))}

    def always_raised(self) -> set[str]:
        """The alarms that were on at some time, however their periods begin."""
        return {name for name, it in ALARMS.items() if all(self._is_on(it, begin) for begin in (0.0, 0.4))}

    def _is_on(self, it: AlarmSpec, begin: float) -> bool:
        start = NOON.timestamp() + begin * it.period_s
        periods = int((self.now.timestamp() - start) // it.period_s)
        each = [
            by_period(self.points.get(as_metric(metric), ()), start, periods, it.period_s, it.statistic)
            for metric in it.metrics
        ]
        values = each[0] if len(each) == 1 else [max(value or 0 for value in both) for both in zip(*each, strict=True)]
        rule, of = Rule(it.above, *it.of_periods, it.missing_data_alarms), it.of_periods[1]
        return any(rule.fires(values[:end]) for end in range(of, periods + 1))

    def _read(self, queue: str) -> None:
        """Call the queue's function with what is visible, and keep what its answer names."""
        while batch := self.queues[queue].receive(self.now):
            for each in batch:
                self.first_received.setdefault((queue, each.number), self.now)
            answer = self._call(FUNCTION[queue], {"Records": [self._record(queue, each) for each in batch]})
            failed = {int(each["itemIdentifier"]) for each in answer["batchItemFailures"]}
            self.queues[queue].delete({each.number for each in batch} - failed)

    def _record(self, queue: str, record: MemoryQueueRecord[str]) -> dict[str, Any]:
        sent, first = (at[queue, record.number] for at in (self.sent, self.first_received))
        number, body = str(record.number), record.content
        return event_record(number, body, receives=record.receives, first_received=first, sent=sent)

    def _call(self, function: str, event: Mapping[str, Any]) -> Any:
        module = self.load(function)
        self.capsys.readouterr()
        with lines_of(module) as lines:
            answer = module.lambda_handler(event, Context())
        for line in self.capsys.readouterr().out.splitlines():
            for metric, its in embedded(line):
                self.points.setdefault(metric, []).append(replace_time(its, self.now))
        self._carry()
        errors = [line for line in lines if any(is_counted(line, each) for each in TROUBLE.values())]
        for _ in errors:
            self._point(namespace(NAME), "Errors", 1)
        return answer

    def _carry(self) -> None:
        """Carry what a function enqueued to the channel's queue, unless nobody reads that."""
        client, url = boto3.client("sqs"), self.account.queues["slack"]
        while CHANNEL not in self.unread and (
            taken := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages")
        ):
            self.put(CHANNEL, *(each["Body"] for each in taken))
            for each in taken:
                client.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])

    def _measure_queues(self) -> None:
        """SQS's own metrics: ages without what was received three times, and the depth of `undelivered`."""
        events = self.queues[EVENTS].records.values()
        ages = [self.now - self.sent[EVENTS, each.number] for each in events if each.receives < COUNTED_RECEIVES]
        oldest = max(ages, default=timedelta(0)).total_seconds()
        self._point("AWS/SQS", "ApproximateAgeOfOldestMessage", oldest, QueueName=f"{NAME}-events")
        depth = shared.undelivered().waiting()
        self._point("AWS/SQS", "ApproximateNumberOfMessagesVisible", depth, QueueName=f"{NAME}-undelivered")

    def _point(self, of: str, metric: str, value: float, **dimensions: str) -> None:
        key = Metric(of, metric, frozenset(dimensions.items()))
        self.points.setdefault(key, []).append(Point(self.now.timestamp(), value))


def as_metric(watched_metric: WatchedMetric) -> Metric:
    return Metric(watched_metric.namespace, watched_metric.name, frozenset(watched_metric.dimensions.items()))


def replace_time(point: Point, now: datetime) -> Point:
    """Powertools takes the time of a point from the machine's clock."""
    return point._replace(at=now.timestamp())


@contextmanager
def lines_of(module: Any) -> Iterator[list[str]]:
    """Collect the function's log lines as they are printed."""
    lines: list[str] = []
    handler = logging.Handler()
    formatter = module.logger.registered_formatter
    handler.emit = lambda record: lines.append(formatter.format(record))  # type: ignore[method-assign]
    its = logging.getLogger(module.logger.service)
    its.addHandler(handler)
    try:
        yield lines
    finally:
        its.removeHandler(handler)


def waits(night: Night) -> Callable[[str], SimpleNamespace]:
    """The port that defers a record, over the night's queues."""

    def visibility(variable: str) -> SimpleNamespace:
        queue = night.queues[VARIABLE[variable]]
        return SimpleNamespace(
            defer=lambda receipt, seconds: queue.defer(int(receipt), night.now + timedelta(seconds=seconds))
        )

    return visibility
