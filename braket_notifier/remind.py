"""Ask about the devices of a region and their queues, and remind of what is due, after the region's sweep."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from braket_notifier.braket.availability import Availability
from braket_notifier.braket.devices import device_type
from braket_notifier.domain.reminder import OFFLINE
from braket_notifier.domain.resource import TERMINAL_RANK, Arn, Snapshot
from braket_notifier.errors import BraketError, LateError
from braket_notifier.tracking.lookup import READERS, Answers, read_or_error
from braket_notifier.tracking.ports import OpenRow
from braket_notifier.tracking.reconcile import Run
from braket_notifier.tracking.record import enqueue_announcements, no_op
from braket_notifier.watching.causes import Waiting, ending_reservations, may_be_due
from braket_notifier.watching.ports import Devices, WatchedRows
from braket_notifier.watching.queue import first_and_last, is_to_ask
from braket_notifier.watching.reminders import ASKED_AGAIN, Reminder, announced, reminders
from braket_notifier.watching.watched import Watched


@dataclass(frozen=True)
class Reminders:
    """The devices that a sweep asks, and the rows that remember the answers."""

    devices: Devices
    rows: WatchedRows
    #: Gets the region, the device and the error of a device that could not be read.
    on_unread: Callable[[str, str, Exception], object] = no_op
    #: Gets the region and the error that ended its reminders.
    on_error: Callable[[str, Exception], object] = no_op

    def after_slices(self, run: Run) -> None:
        """Remind of what is due in a region; a failure delays no announcement of a status, and the next run repeats."""
        try:
            self._remind(run)
        except Exception as error:  # noqa: BLE001 - the sweep itself succeeded
            self.on_error(run.region, error)

    def _remind(self, run: Run) -> None:
        """Load → decide → enqueue → remember, because a crash in between repeats what the ledger drops."""
        policy, now = run.ports.policy, run.ports.clock()
        still_open = [row for row in run.rows.values() if row.rank < TERMINAL_RANK]
        before = self.rows.watched(run.region)
        devices = sorted(filter(device_type, {row.device for row in still_open}))
        watched = self._watched(run, before, devices, still_open)
        ending = ending_reservations(policy, run.cursor.swept_at, now)
        found = {
            each.arn: each.changed_at
            for each in still_open
            if may_be_due(
                watched.devices.get(each.device),
                each.arn.kind,
                each.status,
                each.changed_at,
                ends=any(it.arn or it.device == each.device for it in ending),
                policy=policy,
                now=now,
            )
        }
        rows = run.ports.snapshots.rows_of([*found])
        waiting = [
            Waiting(row.snapshot, row.history[-1].at or found[arn])
            for arn, row in rows.items()
            if not row.snapshot.terminal
        ]
        due = _still_so(run, list(reminders(watched, waiting, ending, policy, now)))
        enqueue_announcements("reminder routed", [each.notification for each in due], run.ports)
        outages = {each.device for each in due if each.word == OFFLINE}
        after = watched.after([each.key for each in due], outages, announced(watched, policy, now), now)
        if after != before:
            self.rows.save_watched(run.region, after)

    def _watched(self, run: Run, before: Watched, devices: Sequence[str], still_open: Sequence[OpenRow]) -> Watched:
        """Ask about the devices, and for the positions of the first and the last queued task of each, at once."""
        now = run.ports.clock()
        queued = [row for row in still_open if row.arn.kind == "task" and row.status == "QUEUED"]
        queued.sort(key=lambda row: row.created_at or row.changed_at)
        ends = {name: first_and_last([row.arn for row in queued if row.device == name]) for name in devices}
        asked = [arn for name, both in ends.items() for arn in both if is_to_ask(before.devices.get(name), arn, now)]
        with ThreadPoolExecutor(READERS) as readers:  # because a sweep pays for the time in which it waits
            availabilities = readers.map(partial(self._availability, run), devices)
            answers = _read_each(run, asked, readers)
            watched = before.seen(dict(zip(devices, availabilities, strict=True)), now)
        found = {arn: each.queue_position for arn, each in answers.items() if isinstance(each, Snapshot)}
        return watched.with_positions(ends, found, now)

    def _availability(self, run: Run, device: str) -> Availability | None:
        """Ask about a device; what is not known about it reminds nobody."""
        try:
            return self.devices.availability(run.region, device)
        except LateError:
            raise
        except BraketError as error:
            self.on_unread(run.region, device, error)
            return None


def _read_each(run: Run, arns: Collection[Arn], readers: ThreadPoolExecutor) -> Answers:
    read = partial(read_or_error, run.braket, out_of_time=run.out_of_time)
    return dict(zip(arns, readers.map(read, arns), strict=True))


def _still_so(run: Run, due: list[Reminder]) -> list[Reminder]:
    """Ask Braket once more about each resource that stands for others, because Search may list a status too long."""
    with ThreadPoolExecutor(READERS) as readers:
        answers = _read_each(run, {each.example.arn for each in due if each.word in ASKED_AGAIN}, readers)
    return [
        each for each in due if each.example.arn not in answers or _is_same(each.example, answers[each.example.arn])
    ]


def _is_same(example: Snapshot, answer: Snapshot | Exception) -> bool:
    return isinstance(answer, Snapshot) and answer.status == example.status
