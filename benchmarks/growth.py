"""The cost of one sweep and one transition as the history of finished quantum tasks grows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from benchmarks import sums
from benchmarks.bill import Bill
from benchmarks.counted_tables import WATCH, Installation, installation
from benchmarks.fake_braket import ACCOUNT, DEVICE, REGION, arn
from benchmarks.report import Goal, Report
from braket_notifier.braket.events import parse_event
from braket_notifier.observe import observe, prefetch
from braket_notifier.sweep import open_rows, relay, sweep

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OPEN, CHANGED = 1_000, 20
HISTORIES = (0, 10_000, 100_000, 1_000_000)
#: Runs whose median is the processor time.
TIMES = 5
#: Allowed factor: noise and processor caches, which a million rows in this process evict.
NOISE = 1.25
#: Units of a design that scans: a row at half a unit per 4 KiB, then read and written singly.
NAIVE_SCAN_ROWS_A_UNIT = 16


@dataclass(frozen=True, slots=True)
class Found:
    """The bills of a sweep, a quiet sweep, a new event and its duplicate, beside a number of finished tasks."""

    history: int
    sweep: Bill
    quiet: Bill
    event: Bill
    duplicate: Bill


def run(histories: Sequence[int] = HISTORIES, open_tasks: int = OPEN) -> Report:
    found = [measure(history, open_tasks) for history in histories]
    month = sums.measure()
    columns = ("finished", "what", "requests", "write units", "read units", "CPU ms")
    rows = [_row(f"{each.history:,}", what, bill) for each in found for what, bill in bills(each).items()]
    rows.append(_row(f"{month.tasks:,}", "sums of a month's costs", month.bill))
    measured = (
        f"Requests and DynamoDB units (by its rules, with index writes) of a sweep over {open_tasks:,} open tasks, "
        f"{CHANGED} of them changed, and of one event. AWS is in this process, so that every request is counted; what "
        "it takes of the processor is not."
    )
    reached = (*goals(found, open_tasks), *goals_of_sums(month))
    return Report("growth", measured, columns, rows, reached, lambda axes: _plot(axes, found))


def _row(finished: str, what: str, bill: Bill) -> tuple[str, ...]:
    units = (f"{bill.write_units}", f"{bill.read_units:g}")
    return (finished, what, _said(bill), *units, f"{1000 * bill.cpu_s:.1f}")


def goals_of_sums(month: sums.SumsFound) -> Sequence[Goal]:
    return (
        Goal("sums_that_differ_from_their_tasks", month.different, 0),
        Goal("scans_of_sums", month.bill.requests["Scan"], 0),
        Goal("requests_of_sums_by_task", month.bill.requests.total() / month.tasks, 0.02),
    )


def measure(history: int, open_tasks: int = OPEN) -> Found:
    with installation(open_tasks, history, CHANGED) as at:
        changed = swept(at)
        quiet = _typical([swept(at) for _ in range(TIMES)])
        bodies = [event_body(number) for number in range(CHANGED, CHANGED + TIMES)]
        events = [_observe(at, body) for body in bodies]
        return Found(history, changed, quiet, _typical(events), _typical([_observe(at, body) for body in bodies]))


def _typical(bills: Sequence[Bill]) -> Bill:
    """The bill with the median processor time. The bills differ in nothing else."""
    return sorted(bills, key=lambda bill: bill.cpu_s)[len(bills) // 2]


def bills(found: Found) -> dict[str, Bill]:
    return {
        "sweep": found.sweep,
        "sweep, nothing changed": found.quiet,
        "event": found.event,
        "duplicate": found.duplicate,
    }


def goals(found: Sequence[Found], open_tasks: int) -> Sequence[Goal]:
    first, last = found[0], found[-1]
    naive = open_tasks / NAIVE_SCAN_ROWS_A_UNIT + open_tasks + CHANGED
    return (
        Goal("units_by_loop", last.sweep.units / naive, 0.12),
        Goal("writes_when_nothing_changed", last.quiet.requests["UpdateItem"], 2),
        Goal("requests_of_an_event", last.event.requests.total(), 4),
        Goal("requests_of_a_duplicate", last.duplicate.requests.total(), 1),
        Goal("sweep_grows_with_history", last.sweep.units / first.sweep.units, 1.0),
        Goal("event_grows_with_history", last.event.units / first.event.units, 1.0),
        Goal("sweep_cpu_grows_with_history", last.quiet.cpu_s / first.quiet.cpu_s, NOISE),
        Goal("event_cpu_grows_with_history", last.event.cpu_s / first.event.cpu_s, NOISE),
    )


def swept(at: Installation) -> Bill:
    with at.bill.running():
        rows = open_rows(at.ports)
        relay(at.ports, rows)
        sweep(REGION, at.braket, at.ports, rows[REGION], "one", lambda: 3600.0)
    return at.bill.copied()


def _observe(at: Installation, body: str) -> Bill:
    with at.bill.running():
        event = parse_event(body, WATCH)
        observe(event, 4, prefetch([event], at.braket, at.ports), at.ports)
    return at.bill.copied()


def event_body(number: int) -> str:
    at = datetime.now(UTC).isoformat()
    detail = {"quantumTaskArn": arn(number), "status": "COMPLETED", "deviceArn": DEVICE, "shots": 1000, "endedAt": at}
    envelope = {"detail-type": "Braket Task State Change", "source": "aws.braket", "account": ACCOUNT, "region": REGION}
    return json.dumps({**envelope, "time": at, "resources": [arn(number)], "detail": detail})


def _said(bill: Bill) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(bill.requests.items()))


def _plot(axes: "Axes", found: Sequence[Found]) -> None:
    for what in bills(found[0]):
        axes.plot([each.history for each in found], [bills(each)[what].units for each in found], marker="o", label=what)
    axes.set_xscale("symlog")
    axes.set_yscale("symlog")
    axes.set_xlabel("finished quantum tasks in the table")
    axes.set_ylabel("DynamoDB units")
    axes.legend()
