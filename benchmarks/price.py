"""The price of a month: counted requests times Amazon's public price list.

Each quantum task's end is sent to one e-mail channel. Assumptions stand at the top, by name.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from benchmarks.bill import Bill
from benchmarks.counted_tables import POLICY, deliveries, installation, task
from benchmarks.fake_braket import REGION
from benchmarks.growth import measure, swept
from benchmarks.logged import logged
from benchmarks.prices import SQS_REQUEST, Use
from benchmarks.report import Goal, Report
from braket_notifier.adapters.aws.sqs import SqsCloseTimer
from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.groups import DynamoCards, DynamoGroups
from braket_notifier.adapters.memory.channels import MemoryEditableChannel
from braket_notifier.bootstrap.shared import now
from braket_notifier.braket.rate_limit import QUOTAS
from braket_notifier.deliver import deliver
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.transition import Transition
from braket_notifier.grouping.ports import GroupingPorts, HumanSender
from braket_notifier.sending.channel_lease import SEND_INTERVAL, take_lease
from braket_notifier.settings.notifier_toml import read_settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Assumed: seconds of a warm function for one event, one sweep and one message; each event comes alone.
EVENT_S, SWEEP_S, DELIVER_S = 0.05, 0.6, 0.25
#: Assumed: seconds of a poll that finds no task.
POLL_S = 0.2
#: Assumed: events of each quantum task, and open tasks at a time for each 10,000 a month.
EVENTS, OPEN_OF_10_000 = 4, 100
MONTH_S = 30 * 86_400
#: Long polls of 20 seconds at a time in each queue: Lambda keeps two to five, as AWS documents it.
POLLERS, POLL_EVERY_S = (2, 5), 20
#: The queues of the shipped settings that functions poll, and those whose attributes each sweep reads.
SHIPPED = read_settings(Path(__file__).parents[1] / "notifier.toml")
POLLED_QUEUES = 1 + len(SHIPPED.channels)
COUNTED_QUEUES = len(SHIPPED.channels) + len(SHIPPED.regions) - 1 + 1
#: Part of the traces that X-Ray records beyond the first of each second.
SAMPLED = 0.05
#: Metrics that the eight alarms watch.
SWEEP_EVERY_S, ALARMS = 300, 9
#: Read units of each sweep beside the region's own: the watched regions, and the time of the region's last sweep.
WATCHED = 1.5
#: GetQuantumTask requests of each task: one at first sight, one at its end.
GETS = 2
OURS, IDLE, TEN_THOUSAND = "ours", "idle", "10,000 tasks"
MONTHS = {IDLE: 0, TEN_THOUSAND: 10_000, "1,000,000 tasks": 1_000_000}


def run() -> Report:
    event, sent, lines = measure(0).event, delivered(), logged()
    used = {
        (design, month): each for month in MONTHS for design, each in designs(MONTHS[month], event, sent, lines).items()
    }
    listed = {at: [each.dollars(free=False) for each in both] for at, both in used.items()}
    beyond = {at: [sum(each.dollars(free=True).values()) for each in both] for at, both in used.items()}
    total = {at: [sum(each.values()) for each in both] for at, both in listed.items()}
    rows = [
        (
            *at,
            *(_range(each[service] for each in both) for service in both[0]),
            _range(total[at]),
            _range(beyond[at]),
            f"{used[at][0].gets / MONTH_S / QUOTAS['GetQuantumTask'].rate:.1%}",
        )
        for at, both in listed.items()
    ]
    channel = [_queue(pollers) for pollers in POLLERS]
    measured = (
        "Dollars a month in one region with the shipped settings' queues, without a KMS key of one's own, storage and "
        f"data transfer; each end is one e-mail. Lambda polls each queue with {POLLERS[0]} to {POLLERS[1]} long polls "
        f"at a time, so a price is a range. One more channel costs {_range(channel)} while nothing happens. Logs are "
        f"the bytes of the real lines ({', '.join(f'{name} {size:,}' for name, size in lines.items())} an invocation); "
        "X-Ray records one trace a second and 5 % of the others. The rivals have one function without traces, no "
        "queues, no alarms and no second attempt; they poll as fast as Braket's quota of GetQuantumTask allows, and "
        "above 100 % of it not at all."
    )
    columns = ("design", "month", *listed[OURS, IDLE][0], "list price", "beyond the free tier", "of Braket's quota")
    goals = (
        Goal("idle_beyond_free_tier", max(beyond[OURS, IDLE]), 1.0),
        Goal("idle_at_list_price", max(total[OURS, IDLE]), 3.0),
        Goal("ten_thousand_tasks_more", total[OURS, TEN_THOUSAND][0] - total[OURS, IDLE][0], 1.5),
        Goal("one_more_channel", max(channel), 0.3),
    )
    return Report("price", measured, columns, rows, goals, lambda axes: _plot(axes, total))


def designs(tasks: int, event: Bill, sent: Bill, lines: Mapping[str, int]) -> Mapping[str, Sequence[Use]]:
    """The least and most use of ours, and that of events alone and of polling each open quantum task."""
    with installation(tasks // 10_000 * OPEN_OF_10_000, 0, 0) as at:
        sweep = swept(at)
    open_tasks = tasks // 10_000 * OPEN_OF_10_000
    return {
        OURS: [ours(tasks, sweep, event, sent, lines, pollers) for pollers in POLLERS],
        "events alone": [events_alone(tasks)],
        "poll every 5 minutes": [polled(tasks, open_tasks, sweep, 300)],
        "poll every minute": [polled(tasks, open_tasks, sweep, 60)],
    }


def ours(tasks: int, sweep: Bill, event: Bill, sent: Bill, lines: Mapping[str, int], pollers: int) -> Use:
    events, sweeps = tasks * EVENTS, MONTH_S / SWEEP_EVERY_S
    invocations = sweeps + events + tasks
    return Use(
        invocations=invocations,
        seconds=sweeps * SWEEP_S + events * EVENT_S + tasks * DELIVER_S,
        writes=sweeps * sweep.write_units + events * event.write_units + tasks * sent.write_units,
        reads=sweeps * (sweep.read_units + WATCHED) + events * event.read_units + tasks * sent.read_units,
        # Each record is enqueued and deleted.
        sqs=POLLED_QUEUES * _polls(pollers)
        + COUNTED_QUEUES * sweeps
        + 2 * events
        + tasks * (2 + sent.requests["SendMessage"]),
        emails=tasks,
        ticks=sweeps,
        alarms=ALARMS,
        gets=tasks * GETS,
        log_bytes=sweeps * lines["sweep"] + events * lines["observe"] + tasks * lines["deliver"],
        traces=min(invocations, MONTH_S) + SAMPLED * max(0, invocations - MONTH_S),
    )


def _polls(pollers: int) -> float:
    return pollers * MONTH_S / POLL_EVERY_S


def _queue(pollers: int) -> float:
    """The price of one more channel's queue: its polls, and the read of its attributes in each sweep."""
    return (_polls(pollers) + MONTH_S / SWEEP_EVERY_S) * SQS_REQUEST


def _range(dollars: Iterable[float]) -> str:
    return " to ".join(dict.fromkeys(f"{each:.2f}" for each in dollars))


def events_alone(tasks: int) -> Use:
    """A rule, a function and one conditional write for each event; lost and late events stay lost."""
    events = tasks * EVENTS
    return Use(events, events * EVENT_S, events, 0, 0, tasks, 0, 0, 0)


def polled(tasks: int, open_tasks: int, sweep: Bill, every_s: int) -> Use:
    """A schedule, a function, one read of the open rows, GetQuantumTask for each, one write for each change."""
    polls = MONTH_S / every_s
    seconds = polls * (POLL_S + open_tasks / QUOTAS["GetQuantumTask"].rate)
    gets = polls * open_tasks
    return Use(polls, seconds, tasks * EVENTS, polls * sweep.read_units, 0, tasks, polls, 0, gets)


def delivered() -> Bill:
    """A notification in a channel for people: its lease, its group, its claim and its mark."""
    with installation(1, 0, 0) as at:
        table, sqs, board = deliveries(at.bill), boto3.client("sqs", REGION), MemoryEditableChannel()
        sqs.meta.events.register("after-call", at.bill.add)
        reminders = SqsCloseTimer(sqs, sqs.get_queue_url(QueueName="mail")["QueueUrl"])
        ports = GroupingPorts(
            board, None, DynamoGroups(table), DynamoCards(table), reminders, POLICY, at.ports.snapshots
        )
        turn = take_lease(DynamoChannelLeases(table), "mail", SEND_INTERVAL["email"], "one", now, lambda _: None)
        ended = Transition(task(0, now(), ended=True), "COMPLETED", "QUEUED", now(), None, 2, "event")
        deliver(
            Notification(ended, "mail"),
            HumanSender(board, DynamoLedger(table), now, lambda: 60.0, turn, ports=ports),
            "one",
        )
        if turn:
            turn.end()
        return at.bill.copied()


def _plot(axes: "Axes", total: Mapping[tuple[str, str], Sequence[float]]) -> None:
    names = list(dict.fromkeys(design for design, _ in total))
    width = 0.8 / len(names)
    for number, design in enumerate(names):
        places = [place + number * width for place in range(len(MONTHS))]
        axes.bar(places, [max(total[design, month]) for month in MONTHS], width, label=design)
    axes.set_xticks([place + 0.4 - width / 2 for place in range(len(MONTHS))], list(MONTHS))
    axes.set_yscale("symlog")
    axes.set_ylabel("dollars a month, list price")
    axes.legend()
