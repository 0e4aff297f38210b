"""What one sweep and one transition ask for, as the history of finished quantum tasks grows: always the same."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from benchmarks.counted import WATCH, Bill, House, house
from benchmarks.fake_braket import ACCOUNT, DEVICE, REGION, arn
from benchmarks.report import Goal, Report
from notifier.pipeline import look_up, observe
from notifier.sweeping import open_rows, relay, sweep

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OPEN, CHANGED = 1_000, 20
#: Beyond this, only this machine's memory grows: no request reads what has ended.
HISTORIES = (0, 1_000, 10_000)
#: A row of ours, read with Scan at half a unit for 4 KiB, then read and written one by one.
NAIVE_SCAN_ROWS_A_UNIT = 16


@dataclass(frozen=True, slots=True)
class Found:
    """The bills of a sweep, of a quiet one, of a new event and of its duplicate, beside so many finished tasks."""

    history: int
    sweep: Bill
    quiet: Bill
    event: Bill
    duplicate: Bill


def run(histories: Sequence[int] = HISTORIES, open_tasks: int = OPEN) -> Report:
    found = [measure(history, open_tasks) for history in histories]
    columns = ("finished", "what", "requests", "write units", "read units")
    rows = [
        (f"{each.history:,}", what, _said(bill), f"{bill.write_units}", f"{bill.read_units:g}")
        for each in found
        for what, bill in bills(each).items()
    ]
    measured = (
        f"Requests and DynamoDB units (by its rules, with index writes) of a sweep over {open_tasks:,} open tasks, "
        f"{CHANGED} of them changed, and of one event; AWS in this process, so that every request is counted."
    )
    return Report("growth", measured, columns, rows, goals(found, open_tasks), lambda axes: _draw(axes, found))


def measure(history: int, open_tasks: int = OPEN) -> Found:
    with house(open_tasks, history, CHANGED) as at:
        changed, quiet = swept(at), swept(at)
        body = _event(CHANGED)
        return Found(history, changed, quiet, _observe(at, body), _observe(at, body))


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
    )


def swept(at: House) -> Bill:
    at.bill.clear()
    rows = open_rows(at.desk)
    relay(at.desk, rows)
    sweep(REGION, at.braket, at.desk, rows[REGION], "one", lambda: 3600.0)
    return at.bill.copied()


def _observe(at: House, body: str) -> Bill:
    at.bill.clear()
    known = look_up([body], WATCH, at.braket, at.desk)
    observe(body, 4, known, WATCH, at.desk)
    return at.bill.copied()


def _event(number: int) -> str:
    at = datetime.now(UTC).isoformat()
    detail = {"quantumTaskArn": arn(number), "status": "COMPLETED", "deviceArn": DEVICE, "shots": 1000, "endedAt": at}
    envelope = {"detail-type": "Braket Task State Change", "source": "aws.braket", "account": ACCOUNT, "region": REGION}
    return json.dumps({**envelope, "time": at, "resources": [arn(number)], "detail": detail})


def _said(bill: Bill) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(bill.requests.items()))


def _draw(axes: "Axes", found: Sequence[Found]) -> None:
    for what in bills(found[0]):
        axes.plot([each.history for each in found], [bills(each)[what].units for each in found], marker="o", label=what)
    axes.set_xscale("symlog")
    axes.set_yscale("symlog")
    axes.set_xlabel("finished quantum tasks in the table")
    axes.set_ylabel("DynamoDB units")
    axes.legend()
