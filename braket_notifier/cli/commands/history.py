"""`history`: shows the timeline of one quantum task or hybrid job, with its notifications."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from braket_notifier.cli.arguments import Commands, command, installation_by_name, name_option
from braket_notifier.cli.braket import KINDS, read_arn
from braket_notifier.cli.deliveries import UNREADABLE, DeliveryRow, delivery_rows
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.show import console, local, print_json, print_line, table
from braket_notifier.domain.destination import in_words
from braket_notifier.domain.transition import SnapshotRow
from braket_notifier.rendering.words.names import name
from braket_notifier.text.wording import plural

_STATES = {
    "DELIVERED": "was notified of",
    "CLAIMED": "is being notified of",
    "SUPERSEDED": "was notified of a later status instead of",
    "UNDELIVERED": "could not be notified of",
    "REOPENED": "will be notified again of",
    UNREADABLE: "has a row of a newer version about",
}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A status, an event or a notification of the resource. `at` is None if its time is unknown."""

    at: datetime | None
    text: str


def add(commands: Commands) -> None:
    parser = command(commands, "history", run, "show the timeline of a task or job, with its notifications", json=True)
    name_option(parser)
    parser.add_argument("arn", metavar="ARN")


def run(arguments: Namespace) -> int:
    arn = read_arn(arguments.arn)
    place = installation_by_name(arguments)
    row = place.row_of(arn)
    entries = timeline(row, delivery_rows(place, arn))
    if arguments.json:
        shown = [{"at": each.at, "what": each.text} for each in entries]
        print_json({"arn": arn.text, "status": row.snapshot.status, "timeline": shown})
        return 0
    print_line(f"{KINDS[arn.kind]} {name(row.snapshot)}: {row.snapshot.status}")
    zone, now = place.policy.time_zone, datetime.now(UTC)
    console().print(table(("when", "what"), ((local(each.at, zone, now), each.text) for each in entries)))
    _print_pending(place, row)
    return 0


def timeline(row: SnapshotRow, notifications: list[DeliveryRow]) -> list[TimelineEntry]:
    """The entries in order of time. A status without a time follows the status before it."""
    begins = latest = row.snapshot.created_at or datetime.min.replace(tzinfo=UTC)
    entries: list[tuple[datetime, TimelineEntry]] = []
    for entry in _steps(row):
        latest = max(latest, entry.at or latest)
        entries.append((latest, entry))
    beside = [TimelineEntry(each.at, f"Braket: {each.type} {each.message}".strip()) for each in row.snapshot.events]
    beside += [TimelineEntry(each.at, _delivery(each)) for each in notifications]
    entries += [(entry.at or begins, entry) for entry in beside]
    return [entry for _, entry in sorted(entries, key=lambda each: each[0])]


def _steps(row: SnapshotRow) -> Iterator[TimelineEntry]:
    if row.snapshot.created_at and row.history[0].status != "CREATED":
        yield TimelineEntry(row.snapshot.created_at, "submitted")
    for step in row.history:
        by = "seen by the sweep" if step.source == "sweep" else "by an event"
        yield TimelineEntry(step.at, f"{step.status} ({by})")


def _delivery(each: DeliveryRow) -> str:
    tries = f" after {plural(each.attempts, 'attempt')}" if each.attempts > 1 else ""
    reason = f": {each.reason}" if each.reason else ""
    return f"{in_words(each.channel)} {_STATES.get(each.state, each.state)} {each.status}{tries}{reason}"


def _print_pending(place: Installation, row: SnapshotRow) -> None:
    if row.dispatched < row.version:
        found = place.found_settings
        within = f", within {found.sweep_every_s // 60} min" if found else ""
        print_line(f"not put into the channels' queues yet: the next sweep does it{within}")
