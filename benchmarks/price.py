"""What it costs a month: requests as they are counted, times Amazon's public price list.

Each quantum task's end is told in one e-mail channel. What is not counted but assumed stands at the top, by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from benchmarks.counted import POLICY, Bill, deliveries, house, task
from benchmarks.fake_braket import REGION
from benchmarks.growth import measure, swept
from benchmarks.report import Goal, Report
from infra.function import MEMORY_MB
from notifier.adapters.dynamodb.deliveries import DynamoLedger
from notifier.adapters.dynamodb.groups import DynamoCards, DynamoGroups
from notifier.adapters.dynamodb.turns import DynamoTurns
from notifier.adapters.memory_readers import MemoryBoard
from notifier.adapters.sqs import SqsReminders
from notifier.delivery import deliver
from notifier.model import Notification, Transition
from notifier.pipeline import now
from notifier.sending import Readers, Sender
from notifier.turn import PACES, take_turn

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Dollars in us-east-1: aws.amazon.com/{lambda,dynamodb,sqs,sns,cloudwatch}/pricing.
GB_SECOND, INVOCATION = 0.0000133334, 0.20e-6
WRITE_UNIT, READ_UNIT = 0.625e-6, 0.125e-6
SQS_REQUEST, EMAIL, ALARM = 0.40e-6, 2.00e-5, 0.10
#: Each month free, always: CloudWatch's alarms, SQS' requests, Lambda's invocations and GB-s, SNS' e-mails.
FREE_ALARMS, FREE_SQS, FREE_INVOCATIONS, FREE_GB_S, FREE_EMAILS = 10, 1e6, 1e6, 400_000, 1_000
#: Assumed: seconds that a warm function takes for one event, one sweep and one message; each event comes by itself.
EVENT_S, SWEEP_S, DELIVER_S = 0.05, 0.6, 0.25
#: Assumed: events of each quantum task, and how many tasks are open at a time for each 10,000 a month.
EVENTS, OPEN_OF_10_000 = 4, 100
#: Lambda asks a queue by five long polls of 20 seconds at a time, two when it is idle: one of events, one of e-mail.
POLLS = 2 * 2 * 30 * 86_400 / 20
SWEEPS = 30 * 24 * 12
ALARMS = 8
MONTHS = {"idle": 0, "10,000 tasks": 10_000, "1,000,000 tasks": 1_000_000}


@dataclass(frozen=True, slots=True)
class Use:
    """What is used in a month."""

    invocations: float
    seconds: float
    writes: float
    reads: float
    sqs: float
    emails: float

    def dollars(self, *, free: bool) -> dict[str, float]:
        """By service; `free`: what is left of it beyond the always-free tier."""
        part = 1.0 if free else 0.0

        def paid(used: float, given: float, price: float) -> float:
            return max(0.0, used - part * given) * price

        gb_s = self.seconds * MEMORY_MB / 1024
        return {
            "Lambda": paid(self.invocations, FREE_INVOCATIONS, INVOCATION) + paid(gb_s, FREE_GB_S, GB_SECOND),
            "DynamoDB": self.writes * WRITE_UNIT + self.reads * READ_UNIT,
            "SQS": paid(self.sqs, FREE_SQS, SQS_REQUEST),
            "SNS": paid(self.emails, FREE_EMAILS, EMAIL),
            "alarms": paid(ALARMS, FREE_ALARMS, ALARM),
        }


def run() -> Report:
    event, told = measure(0).event, delivered()
    used = {name: use(tasks, event, told) for name, tasks in MONTHS.items()}
    listed = {name: each.dollars(free=False) for name, each in used.items()}
    beyond = {name: sum(each.dollars(free=True).values()) for name, each in used.items()}
    total = {name: sum(each.values()) for name, each in listed.items()}
    rows = [
        (name, *(f"{dollars:.2f}" for dollars in each.values()), f"{total[name]:.2f}", f"{beyond[name]:.2f}")
        for name, each in listed.items()
    ]
    return Report(
        "price",
        "Dollars a month in one region, without a KMS key of one's own, logs, storage and data transfer.",
        ("month", *listed["idle"], "list price", "beyond the free tier"),
        rows,
        (
            Goal("idle_beyond_free_tier", beyond["idle"], 1.0),
            Goal("idle_at_list_price", total["idle"], 3.0),
            Goal("ten_thousand_tasks_more", total["10,000 tasks"] - total["idle"], 1.5),
        ),
        lambda axes: _draw(axes, listed),
    )


def use(tasks: int, event: Bill, told: Bill) -> Use:
    with house(tasks // 10_000 * OPEN_OF_10_000, 0, 0) as at:
        sweep = swept(at)
    events = tasks * EVENTS
    return Use(
        invocations=SWEEPS + events + tasks,
        seconds=SWEEPS * SWEEP_S + events * EVENT_S + tasks * DELIVER_S,
        writes=SWEEPS * sweep.write_units + events * event.write_units + tasks * told.write_units,
        reads=SWEEPS * sweep.read_units + events * event.read_units + tasks * told.read_units,
        sqs=POLLS + 2 * events + tasks * (2 + told.requests["SendMessage"]),  # into each queue, and deleted from it
        emails=tasks,
    )


def delivered() -> Bill:
    """One notification in a channel that people read: its turn, its group, its claim and its mark."""
    with house(1, 0, 0) as at:
        table, sqs, board = deliveries(at.bill), boto3.client("sqs", REGION), MemoryBoard()
        sqs.meta.events.register("after-call", at.bill.add)
        reminders = SqsReminders(sqs, sqs.get_queue_url(QueueName="mail")["QueueUrl"])
        readers = Readers(board, None, DynamoGroups(table), DynamoCards(table), reminders, POLICY, at.desk.snapshots)
        turn = take_turn(DynamoTurns(table), "mail", PACES["email"], "one", now, lambda _: None)
        ended = Transition(task(0, now(), ended=True), "COMPLETED", "QUEUED", now(), None, 2, "event")
        deliver(
            Notification(ended, "mail"), Sender(board, DynamoLedger(table), now, lambda: 60.0, turn, readers), "one"
        )
        if turn:
            turn.end()
        return at.bill.copied()


def _draw(axes: "Axes", listed: Mapping[str, Mapping[str, float]]) -> None:
    below = dict.fromkeys(listed, 0.0)
    for service in listed["idle"]:
        costs = [each[service] for each in listed.values()]
        axes.bar(list(listed), costs, bottom=list(below.values()), label=service)
        below = {name: below[name] + each[service] for name, each in listed.items()}
    axes.set_yscale("symlog")
    axes.set_ylabel("dollars a month, list price")
    axes.legend()
