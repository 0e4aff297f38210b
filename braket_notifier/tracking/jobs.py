"""Refresh the cards of hybrid jobs, warn about a job whose quantum tasks fail, and settle a job that has ended."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from braket_notifier.domain.destination import channel_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import EDITED, Policy
from braket_notifier.domain.resource import FAILING, TASKS_ENDED, TERMINAL_RANK, Snapshot
from braket_notifier.domain.transition import SnapshotRow, Transition
from braket_notifier.routing.routes import notifications
from braket_notifier.tracking.detect import FINAL_COUNTS, is_failing, latest
from braket_notifier.tracking.reconcile import Run, answers
from braket_notifier.tracking.record import TrackingPorts, record_and_enqueue, with_children

#: A channel that is notified of any of these statuses may hold the job's card.
STATUSES = ("QUEUED", "RUNNING", FAILING, "COMPLETED", "FAILED", "CANCELLED")


def refresh_all(run: Run) -> None:
    """Refresh the events and counts of open jobs, and the counts of ended jobs until their tasks have ended too."""
    of_jobs = [row for row in run.rows.values() if row.arn.kind == "job" and row.arn not in run.read]
    rows = run.ports.snapshots.rows_of([each.arn for each in of_jobs])
    for each in of_jobs:
        if each.rank == TERMINAL_RANK and each.arn in rows:
            try:
                settle(rows[each.arn], each.changed_at, run.ports)
            except Exception as error:  # noqa: BLE001 - otherwise one failing job would stop the look back
                error.add_note(str(each.arn))
                run.errors.append(error)
    still_open = [each.arn for each in of_jobs if each.rank < TERMINAL_RANK and each.arn in rows]
    for arn, answer in answers(run, still_open):
        if isinstance(answer, Snapshot) and answer.supersedes(rows[arn].snapshot):
            run.moved += record_and_enqueue(answer, "sweep", run.ports).moved
        elif isinstance(answer, Snapshot):
            refresh(answer, rows[arn], run.ports)


def refresh(answer: Snapshot, row: SnapshotRow, ports: TrackingPorts) -> bool:
    """Enqueue and save new details of a job whose status is unchanged; return whether they were saved.

    A crash in between enqueues the details once more, which is harmless. The row remembers a warning before it is
    enqueued, because the end of a warned job goes to whoever was warned.
    """
    fresh = replace(with_children(answer, ports), submitter=row.snapshot.submitter)
    fresh = replace(fresh, cost=(ports.cost_of(fresh) if fresh.terminal else None) or row.snapshot.cost)
    known = (row.snapshot.events, row.snapshot.children, row.snapshot.cost)
    if fresh.status != row.snapshot.status or (fresh.events, fresh.children, fresh.cost) == known:
        return False
    transition = latest(replace(row, snapshot=fresh))
    notified = list(_refreshes_and_warnings(transition, ports.policy))
    warnings = [each for each in notified if not each.refresh]
    if warnings and not row.warned:
        ports.snapshots.warned(fresh.arn)
    ports.queues.enqueue(notified)
    ports.on_routed("hybrid job refreshed", transition, [each.channel for each in notified if each.refresh])
    if warnings:
        ports.on_routed("warning routed", warnings[0].transition, [each.channel for each in warnings])
    return ports.snapshots.refresh(fresh, row.version)


def settle(row: SnapshotRow, recorded_at: datetime, ports: TrackingPorts) -> None:
    """Refresh the card of an ended job until its quantum tasks have ended too, then announce the last ones in one line.

    They are counted in a run that finds no new count, because the indexes may lag behind each other. The row remembers
    the counts of the line, so that tasks which are found later have one of their own.
    """
    job, now = row.snapshot, ports.clock()
    still_open = ports.snapshots.count_open(job.open_in, [job.arn.region])
    changed = refresh(job, row, ports)
    if changed or still_open or row.dispatched < row.version or now - recorded_at < FINAL_COUNTS:
        return
    line = _last_tasks(row, now)
    if addressed := notifications(line, ports.policy) if line else ():
        ports.queues.enqueue(addressed)
        ports.on_routed("last tasks routed", addressed[0].transition, [each.channel for each in addressed])
    ports.snapshots.dispatched(replace(row, at_end=job.children) if line else row, now)


def _last_tasks(row: SnapshotRow, now: datetime) -> Transition | None:
    """Build the line about the tasks that ended after the counts with which the job's end was announced."""
    if row.at_end is None or row.snapshot.children is None:
        return None
    last, end = row.snapshot.children.since(row.at_end), latest(row)
    shown = replace(end.snapshot, children=last)
    status = f"{TASKS_ENDED} {row.snapshot.children.finished}"
    return replace(end, status=status, was=end.status, at=now, snapshot=shown) if last.submitted else None


def _refreshes_and_warnings(transition: Transition, policy: Policy) -> Iterator[Notification]:
    """Build a silent refresh for each channel that may hold the card, and a warning while the job is failing.

    The warning goes to people who get a failure, and to programs whose route names it, once, because the ledger counts
    FAILING as a status.
    """
    steps = (each for status in STATUSES for each in notifications(_at(transition, status), policy))
    notified = dict.fromkeys(each.channel for each in steps)
    children = transition.snapshot.children
    too_many = children and is_failing(children, policy.job_failing_share, policy.job_failing_at_least)
    failing = too_many and transition.status == "RUNNING"
    shown = replace(transition, status=FAILING, was=transition.status, at=None) if failing else transition
    for channel in notified:
        if policy.channels[channel_of(channel)] in EDITED:
            yield Notification(shown, channel, silent=True, refresh=True)
    if failing:
        yield from notifications(shown, policy)


def _at(transition: Transition, status: str) -> Transition:
    """Pretend that the job has reached another status."""
    return replace(transition, status=status, snapshot=replace(transition.snapshot, status=status))
