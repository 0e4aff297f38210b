"""Samples of reminders: each kind, decided from the facts that cause it."""

from dataclasses import replace
from datetime import time, timedelta

from braket_notifier.braket.availability import Availability, Window
from braket_notifier.domain.policy import Policy, Reservation, Route
from braket_notifier.domain.resource import Children, Snapshot, parse_arn
from braket_notifier.watching.causes import Waiting, ending_reservations
from braket_notifier.watching.reminders import reminders
from braket_notifier.watching.watched import Seen, Watched
from local.gallery.samples.answers import AQUILA, FORTE, GARNET, NOON
from local.gallery.samples.boards import ago
from local.gallery.samples.sample import CHANNEL, POLICY, Sample
from local.gallery.samples.tasks import RESERVED

ANYTIME = (Window("Everyday", time(0), time(23, 59, 59)),)
ANNA, BATCH = {"owner": "anna"}, {"owner": "anna", "batch": "scan-7"}
BOOKED = Reservation(ago(hours=1), NOON + timedelta(minutes=15), RESERVED["arn"])
ROUTED = replace(POLICY, routes=(Route((CHANNEL,)),), waiting_over_s=86400)


def _row(
    number: int, status: str, device: str, hours: float, tags: dict[str, str], kind: str = "quantum-task"
) -> Waiting:
    arn = parse_arn(f"arn:aws:braket:{device.split(':')[3]}:012345678901:{kind}/70b21ed{number:05}")
    snapshot = Snapshot(arn, status, created_at=ago(hours=hours), device=device, tags=tags)
    return Waiting(snapshot, ago(hours=hours))


def _near_limit() -> Waiting:
    row = _row(1, "RUNNING", GARNET, 4.5, ANNA, "job")
    job = replace(row.snapshot, job_name="vqe-h2-17", started_at=ago(hours=4), max_runtime_s=18000)
    return replace(row, snapshot=replace(job, children=Children(33, completed=31)))


def _sample(
    name: str, about: str, rows: list[Waiting], seen: dict[str, Seen], *, before: str = "", policy: Policy = ROUTED
) -> Sample:
    """A reminder as the sweep at noon decides it; `before`: the device's outage that was announced earlier."""
    watched = Watched(seen)
    if before:
        out = replace(watched, devices={before: Seen(Availability("OFFLINE"), ago(hours=6))})
        sent = [each.key for each in reminders(out, rows, (), ROUTED, ago(hours=2))]
        watched = replace(out.after(sent, (), (), ago(hours=2)), devices=seen)
    [found] = reminders(watched, rows, ending_reservations(policy, None, NOON), policy, NOON)
    return Sample(name, about, found.notification.transition, policy=policy)


def _tasks(count: int, status: str, device: str, hours: float, tags: dict[str, str] | None = None) -> list[Waiting]:
    return [_row(number, status, device, hours, tags or ANNA) for number in range(count)]


def _reserved(rows: list[Waiting]) -> list[Waiting]:
    return [replace(each, snapshot=replace(each.snapshot, reservation=BOOKED.arn)) for each in rows]


def _on(device: str, status: str, hours: float, out: float | None = None) -> dict[str, Seen]:
    since = ago(hours=hours)
    return {device: Seen(Availability(status, ANYTIME), since, since - timedelta(hours=out) if out else None)}


REMINDERS = (
    _sample("near-limit", "a hybrid job near its maximum run time", [_near_limit()], {}),
    _sample(
        "offline", "a device that has been out for hours", _tasks(14, "QUEUED", AQUILA, 20), _on(AQUILA, "OFFLINE", 4)
    ),
    _sample("back", "the device is back", _tasks(14, "QUEUED", AQUILA, 20), _on(AQUILA, "ONLINE", 1, 5), before=AQUILA),
    _sample(
        "retired", "a device that runs nothing any more", _tasks(1, "QUEUED", AQUILA, 20), _on(AQUILA, "RETIRED", 1)
    ),
    _sample(
        "stuck",
        "tasks that Braket does not process",
        _tasks(200, "CREATED", GARNET, 24, BATCH),
        _on(GARNET, "ONLINE", 90),
    ),
    _sample("waiting", "tasks that wait for long", _tasks(14, "QUEUED", GARNET, 50), _on(GARNET, "ONLINE", 90)),
    _sample(
        "reservation-ending",
        "tasks that have not run shortly before their reservation ends",
        _reserved(_tasks(6, "QUEUED", FORTE, 1)),
        {},
        policy=replace(ROUTED, reservations=(BOOKED,)),
    ),
)
