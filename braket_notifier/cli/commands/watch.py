"""`watch`: follows quantum tasks and hybrid jobs live, also those that the settings ignore."""

import math
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic, sleep

from botocore.exceptions import BotoCoreError, ClientError
from rich.live import Live
from rich.table import Table

from braket_notifier.braket.devices import device
from braket_notifier.cli.arguments import Commands, command, installation_by_name, name_option, seconds_option
from braket_notifier.cli.braket import Devices, children, devices_of, document, fetch, queue_of, read_arn, state_of
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.show import console, print_json, print_line, table
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.words.names import name
from braket_notifier.text.wording import duration, plural

COMPLETED, FAILED, CANCELLED, UNKNOWN = 0, 1, 3, 4
#: Seconds between two reads of the devices, which a sweep sees every five minutes.
DEVICES_EVERY_S = 60.0
#: Words for the statuses of a running job's own tasks, in the order shown.
_COUNTED = {"COMPLETED": "ok", "FAILED": "failed", "CANCELLED": "cancelled", "RUNNING": "running"}
MORE = """While it waits, a line shows how many are ahead, and since when its device is out or when its queue opens, as
the last sweep of a notifier saw it.

Exit code: 0 all COMPLETED; 1 at least one FAILED; 3 at least one CANCELLED; 4 an end is not known, because Braket keeps
no more of the resource or its status is newer than this command; 2 the command failed. --json prints one document at
the end.

examples:
  braket-notifier watch ARN && python evaluate.py
  braket-notifier watch ARN ARN --every 30 --notify team-slack"""


@dataclass
class WatchedResource:
    """A resource, Braket's last answer, and the statuses of a hybrid job's own tasks."""

    arn: Arn
    answer: Snapshot | None = None
    tasks: Counter[str] = field(default_factory=Counter)

    @property
    def status(self) -> str:
        return self.answer.status if self.answer else ""

    @property
    def ended(self) -> bool:
        return self.answer is not None and self.answer.terminal

    def line(self, devices: Devices, zone: str, now: datetime) -> tuple[str, ...]:
        named = name(self.answer) if self.answer else ""
        return self.status, named, self.progress(devices, zone, now), self.arn.text

    def progress(self, devices: Devices, zone: str, now: datetime) -> str:
        """Return how much of a job is done, or how many are ahead of a waiting resource, and its device."""
        if self.answer is None:
            return ""
        if self.tasks:
            counted = [f"{self.tasks[status]} {word}" for status, word in _COUNTED.items() if self.tasks[status]]
            return f"{', '.join(counted) or 'none ended'} of {plural(self.tasks.total(), 'task')} so far"
        it = self.answer
        if self.ended and it.shots is not None and it.successful_shots is not None:
            return f"{it.successful_shots:,} of {it.shots:,} shots"
        queue = queue_of(devices, it, now)
        waits = it.status in {"CREATED", "QUEUED"}
        state = state_of(devices, it.arn.region, it.device, zone, now) if waits else ""
        return " · ".join(filter(None, (queue, state)))


def add(commands: Commands) -> None:
    summary = "follow quantum tasks and hybrid jobs until they end"
    parser = command(commands, "watch", run, summary, more=MORE, json=True)
    name_option(parser)
    parser.add_argument("arns", nargs="+", metavar="ARN")
    seconds_option(parser, "--every", 5, "seconds between two requests to Braket")
    parser.add_argument("--notify", metavar="CHANNEL", help="notify this channel of each end, without the routes")


def run(arguments: Namespace) -> int:
    watched = [WatchedResource(read_arn(given)) for given in dict.fromkeys(arguments.arns)]
    place = installation_by_name(arguments)
    if arguments.notify:
        place.queue_of(arguments.notify)  # a wrong channel is an error before the wait
    terminal = console()
    live = Live(console=terminal, auto_refresh=False) if terminal.is_terminal and not arguments.json else None
    devices: Devices = {}
    zone, read_at = place.time_zone, -math.inf
    with live or nullcontext():
        while True:
            if monotonic() - read_at >= DEVICES_EVERY_S and (devices or read_at < 0):  # once without a notifier
                devices, read_at = devices_of(place, (each.arn.region for each in watched)), monotonic()
            now = datetime.now(UTC)
            for each in watched:
                if not each.ended and _update(place, each, arguments.notify) and not (live or arguments.json):
                    print_line(" · ".join(filter(None, each.line(devices, zone, now))))
            if live:
                live.update(_shown(watched, devices, zone), refresh=True)
            if all(each.ended for each in watched):
                if arguments.json:
                    print_json([document(each.answer) for each in watched if each.answer])
                return outcome([each.status for each in watched])
            sleep(arguments.every)


def outcome(statuses: Sequence[str]) -> int:
    """The exit code; a failure outweighs an unknown end, and that a cancellation."""
    if "FAILED" in statuses:
        return FAILED
    if set(statuses) <= {"COMPLETED"}:
        return COMPLETED
    return CANCELLED if set(statuses) <= {"COMPLETED", "CANCELLED"} else UNKNOWN


def _update(place: Installation, each: WatchedResource, notify: str | None) -> bool:
    """Ask Braket, and return whether the status is another one. After a first answer, an error waits for the next."""
    client, was = place.client("braket", each.arn.region), each.status
    try:
        each.answer = fetch(client, each.arn)
        each.tasks = children(client, each.arn) if each.arn.kind == "job" else each.tasks
    except (ClientError, BotoCoreError):
        if each.answer is None:
            raise
        return False
    if each.ended and notify:
        place.queues.enqueue([_notification(each.answer, was, notify)])
    return each.status != was


def _notification(snapshot: Snapshot, was: str, channel: str) -> Notification:
    return Notification(
        Transition(snapshot, snapshot.status, was or None, snapshot.ended_at, None, 1, "sweep"), channel
    )


def _shown(watched: Sequence[WatchedResource], devices: Devices, zone: str) -> Table:
    now = datetime.now(UTC)
    cells = ((*_cells(each, now), each.progress(devices, zone, now)) for each in watched)
    return table(("status", "name", "device", "age", "progress"), cells)


def _cells(each: WatchedResource, now: datetime) -> tuple[str, ...]:
    if each.answer is None:
        return "?", each.arn.short_id, "", ""
    it = each.answer
    age = duration((it.ended_at or now) - it.created_at) if it.created_at else ""
    return it.status, name(it), device(it.device).short, age
