"""The status board in every situation, from rows of the table."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.braket.availability import Availability, Window
from braket_notifier.domain.resource import Children, Snapshot
from braket_notifier.status_board.page import board
from braket_notifier.status_board.report import status_report
from braket_notifier.status_board.widget import View
from braket_notifier.tracking.detect import step
from braket_notifier.tracking.ports import Cursor
from braket_notifier.watching.watched import Seen
from local.gallery.samples.answers import (
    AQUILA,
    CEPHEUS,
    FORTE,
    GARNET,
    NOON,
    SV1,
    Answer,
    job_answer,
    snapshot,
    task_answer,
)
from local.gallery.samples.sample import POLICY

#: A snapshot, and the time since it came to its status.
Moved = tuple[Snapshot, timedelta]
HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(2)> \"'&\u202eback\u2066\x00"


def ago(**span: float) -> datetime:
    return NOON - timedelta(**span)


def task(number: int, status: str, device: str, called: str, *, old: timedelta, **members: object) -> Snapshot:
    """A quantum task of the given age."""
    created = {"createdAt": NOON - old, "tags": {"Name": called}}
    return snapshot(task_answer(f"{number:08x}", status, device, **{**created, **members}))


def waiting(numbers: Iterable[int], device: str, status: str = "QUEUED") -> list[Moved]:
    return [(task(n, status, device, f"scan-{n}", old=timedelta(minutes=n)), timedelta(minutes=n)) for n in numbers]


def job(job_id: str, called: str, status: str, children: Children | None = None, **members: Any) -> Snapshot:  # noqa: ANN401 - any member of it
    return snapshot(job_answer(job_id, called, status, **members), children=children)


def _ended() -> list[Moved]:
    def one(number: int, status: str, device: str, called: str, minutes: float, **members: object) -> Moved:
        old = timedelta(minutes=minutes + 47)
        ends = {"endedAt": ago(minutes=minutes), **members}
        return task(number, status, device, called, old=old, **ends), timedelta(minutes=minutes)

    partly = {"shots": 96000, "numSuccessfulShots": 90000}
    return [
        one(900, "COMPLETED", GARNET, "ghz-12", 2, shots=2000, numSuccessfulShots=2000),
        one(901, "FAILED", AQUILA, "rydberg-scan-7", 4),
        one(902, "COMPLETED", SV1, "bell-state", 6.5),
        one(903, "FAILED", CEPHEUS, "rb-sweep", 18, **partly),
        one(904, "CANCELLED", FORTE, "qaoa-r4", 26),
        one(905, "COMPLETED", GARNET, "ghz-11", 34),
        one(906, "COMPLETED", GARNET, "ghz-10", 52),
        one(907, "COMPLETED", CEPHEUS, "mirror-circuits-88", 140),
    ]


def _busy() -> list[Moved]:
    queue = {"queueInfo": {"queue": "QUANTUM_TASKS_QUEUE", "position": "12"}}
    long = timedelta(days=3, hours=4)
    running = Children(submitted=40, completed=33, partial=1, failed=2)
    vqe = job("70b21eda", "vqe-h2-17", "RUNNING", running, createdAt=ago(hours=4), startedAt=ago(hours=1, minutes=12))
    late = job("70b21edb", "qaoa-maxcut", "RUNNING", createdAt=ago(hours=9), startedAt=ago(hours=4, minutes=46))
    queued: Answer = {"startedAt": None, "createdAt": ago(minutes=25), "queueInfo": {"position": "3"}}
    return [
        (task(1, "QUEUED", AQUILA, "rydberg-phase-4", old=long, **queue), long),
        *waiting(range(30, 56), AQUILA),
        *waiting(range(60, 64), AQUILA, "RUNNING"),
        (task(2, "QUEUED", GARNET, "ghz-13", old=timedelta(hours=3, minutes=41)), timedelta(minutes=50)),
        *waiting(range(70, 81), GARNET),
        (task(3, "RUNNING", GARNET, "ghz-14", old=timedelta(hours=4)), timedelta(seconds=48)),
        *waiting(range(90, 93), CEPHEUS),
        (task(4, "CANCELLING", CEPHEUS, "rb-sweep-2", old=timedelta(minutes=70)), timedelta(seconds=20)),
        (task(5, "RUNNING", SV1, "bell-36-qubits", old=timedelta(minutes=12)), timedelta(minutes=11)),
        (vqe, timedelta(minutes=72)),
        (late, timedelta(hours=4, minutes=46)),
        (job("70b21edc", "adapt-vqe-lih", "QUEUED", device=FORTE, **queued), timedelta(minutes=25)),
        *_ended(),
    ]


def _hostile() -> list[Moved]:
    hour = timedelta(hours=1)
    device = HOSTILE_DEVICE
    running = job("70b21edd", HOSTILE, "RUNNING", device=f"local:{HOSTILE}", startedAt=ago(minutes=5))
    return [
        (task(1, "QUEUED", device, HOSTILE, old=hour, queueInfo={"position": HOSTILE}), hour),
        (task(2, "PAUSED", GARNET, HOSTILE * 9, old=hour), hour),
        (task(3, "FAILED", device, HOSTILE, old=hour), hour),
        (running, timedelta(minutes=5)),
    ]


def _arn(number: int, device: str) -> str:
    return task(number, "QUEUED", device, "", old=timedelta(0)).arn.text


def _positions(earlier: str, last: str) -> tuple[tuple[datetime, str], ...]:
    return (ago(hours=2), earlier), (ago(minutes=5), last)


#: Devices as the last sweep saw them: one has been out since the morning, and one runs tasks in the evening only.
SEEN = {
    ("us-east-1", AQUILA): Seen(Availability("OFFLINE"), ago(hours=4), queue={_arn(1, AQUILA): _positions("30", "14")}),
    ("eu-north-1", GARNET): Seen(
        Availability("ONLINE", (Window("Everyday", time(18), time(23)),)),
        ago(hours=90),
        queue={_arn(2, GARNET): _positions("9", "12")},
    ),
}


HOSTILE_DEVICE = f"arn:aws:braket:eu-north-1::device/qpu/{HOSTILE}/{HOSTILE}"
HOSTILE_SEEN = Seen(Availability(HOSTILE), ago(hours=4))


def board_of(
    moved: Iterable[Moved],
    view: View,
    undelivered: int = 0,
    *,
    swept: bool = True,
    passed_on: bool = True,
    seen: Mapping[tuple[str, str], Seen] = MappingProxyType({}),
) -> str:
    """Render the board over these rows, at noon."""
    rows = MemorySnapshots()
    for each, since in moved:
        row = rows.record(each, step(each, "event"), announce=True, now=NOON - since).row
        if passed_on:
            rows.dispatched(row, NOON - since)
    if swept:
        rows.cursors = dict.fromkeys(POLICY.regions, Cursor(swept_at=ago(minutes=2)))
    return board(status_report(rows, seen, POLICY.regions, view.window, NOON, undelivered), view, POLICY)


#: Name → the board for a view.
BOARDS: dict[str, Callable[[View], str]] = {
    "empty": lambda view: board_of([], view),
    "new": lambda view: board_of([], view, swept=False),
    "busy": lambda view: board_of(_busy(), view, seen=SEEN),
    "stuck": lambda view: board_of(waiting(range(15, 18), GARNET), view, undelivered=3, passed_on=False),
    "ended": lambda view: board_of(_ended(), view),
    "hostile": lambda view: board_of(_hostile(), view, seen={("eu-north-1", HOSTILE_DEVICE): HOSTILE_SEEN}),
}
