"""`redrive`: sends undelivered notifications and events again, from the ledger and the queue `undelivered`."""

import json
from argparse import Namespace
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from braket_notifier.braket.events import Watch, parse_event
from braket_notifier.cli.arguments import Commands, command, installation
from braket_notifier.cli.commands.replay import SETTLED
from braket_notifier.cli.deliveries import DeliveryRow, delivery_rows
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.show import confirmed, print_line
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import MalformedEventError, MalformedNotificationError
from braket_notifier.sending.claims import Clock
from braket_notifier.sending.ports import Ledger
from braket_notifier.sending.wire import decode
from braket_notifier.text.json_fields import text
from braket_notifier.text.wording import clean, cut, plural
from braket_notifier.tracking.ports import ChannelQueues

BATCH = 10
#: Seconds for reading the queue and for an answer; afterwards unhandled records are visible again.
HIDDEN_S = 120
MORE = """Delivered notifications are not repeated, and events whose change was announced meanwhile are removed.
Notifications go to their channels' queues, events to the queue of events. Unreadable records stay in `undelivered` for
two weeks, with their reason."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A record of the queue `undelivered`: a notification, an event, or an unreadable text."""

    receipt: str
    raw: str
    reason: str
    notification: Notification | None

    @property
    def is_event(self) -> bool:
        """Whether it is an event to read again; the notifier adds a reason to unreadable records."""
        return not self.reason and self.notification is None and "detail-type" in _object(self.raw)


def add(commands: Commands) -> None:
    parser = command(commands, "redrive", run, "send undelivered notifications and events again", more=MORE)
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: Namespace) -> int:
    place = installation(arguments)
    kept = _without_announced(place, list(_kept(place, place.queue("undelivered"))))
    given_up = {each.id: each for each in place.ledger.all_undelivered() if each.channel in place.channel_queues}
    never_tried = {each.notification.id: each.notification for each in kept if each.notification}
    known = {id_: _delivery(place, each) for id_, each in (never_tried | given_up).items()}
    wanted = [each for id_, each in (never_tried | given_up).items() if not _settled(known[id_])]
    events = [each.raw for each in kept if each.is_event]
    count = len(wanted) + len(events)
    _print_plan([(each, known[each.id]) for each in wanted], kept)
    if count and not confirmed(f"Send {plural(count, 'record')} again?", yes=arguments.yes):
        _give_back(place, kept)
        return 0
    redrive(given_up.values(), place.ledger, place.queues, lambda: datetime.now(UTC))
    place.queues.enqueue([each for each in wanted if each.id not in given_up])
    for raw in events:
        place.client("sqs").send_message(QueueUrl=place.queue("events"), MessageBody=raw)
    _take_out(place, kept)
    print_line(f"✓ {plural(count, 'record')} on the way" if count else "nothing can be sent again")
    return 0


def redrive(notifications: Iterable[Notification], ledger: Ledger, queues: ChannelQueues, clock: Clock) -> int:
    """Enqueue undelivered notifications again, apart from those delivered meanwhile, and return their number."""
    reopened = [each for each in notifications if ledger.reopen(each, now=clock())]
    queues.enqueue(reopened)
    return len(reopened)


def _without_announced(place: Installation, kept: Sequence[Kept]) -> list[Kept]:
    """Delete the events whose change was announced meanwhile, because nothing would follow from them."""
    announced = [each for each in kept if each.is_event and _is_announced(place, each.raw)]
    _delete(place, announced)
    if announced:
        print_line(f"✓ {plural(len(announced), 'event')} removed, because the sweep announced the change meanwhile")
    return [each for each in kept if each not in announced]


def _is_announced(place: Installation, raw: str) -> bool:
    """Whether the table has this status of the resource or a later one, and its notifications were enqueued."""
    source, account, region = (text(_object(raw).get(name)) for name in ("source", "account", "region"))
    watch = Watch(source, place.partition, account, frozenset([region]))  # a foreign resource has no row
    try:
        reported = parse_event(raw, watch).snapshot
    except MalformedEventError:
        return False
    row = place.snapshots.get(reported.arn)
    if row is None or row.dispatched < row.version:
        return False
    return row.snapshot.rank > reported.rank or row.snapshot.status == reported.status


def _print_plan(wanted: Sequence[tuple[Notification, DeliveryRow | None]], kept: Sequence[Kept]) -> None:
    for each, known in wanted:
        reason = f" ({known.reason})" if known and known.reason else ""
        print_line(f"{each.channel}: {each.transition.status} of {each.transition.arn}{reason}")
    for record in kept:
        if record.is_event:
            print_line(f"an event: {cut(clean(record.raw), 120)}")
        elif record.notification is None:
            print_line(f"stays: {cut(clean(record.raw), 80)} ({record.reason or 'no notification and no event'})")


def _delivery(place: Installation, notification: Notification) -> DeliveryRow | None:
    """The ledger's row of the notification, if it was ever claimed."""
    transition = notification.transition
    mine = (each for each in delivery_rows(place, transition.arn) if each.channel == notification.channel)
    return next((each for each in mine if each.status == transition.status), None)


def _settled(known: DeliveryRow | None) -> bool:
    """Whether it was delivered or superseded since, so that its record in `undelivered` can go."""
    return known is not None and known.state in SETTLED


def _take_out(place: Installation, kept: list[Kept]) -> None:
    """Delete resent records only once they are in their queues; after a crash, the ledger prevents repeats."""
    _delete(place, [each for each in kept if each.is_event or each.notification])
    _give_back(place, [each for each in kept if not each.is_event and not each.notification])


def _delete(place: Installation, kept: Sequence[Kept]) -> None:
    for each in kept:
        place.client("sqs").delete_message(QueueUrl=place.queue("undelivered"), ReceiptHandle=each.receipt)


def _give_back(place: Installation, kept: Sequence[Kept]) -> None:
    """Make the records visible again at once."""
    for each in kept:
        place.client("sqs").change_message_visibility(
            QueueUrl=place.queue("undelivered"), ReceiptHandle=each.receipt, VisibilityTimeout=0
        )


def _kept(place: Installation, queue: str) -> Iterator[Kept]:
    """Every visible record of the queue."""
    request = {
        "QueueUrl": queue,
        "MaxNumberOfMessages": BATCH,
        "VisibilityTimeout": HIDDEN_S,
        "WaitTimeSeconds": 1,
        "MessageAttributeNames": ["All"],
    }
    while records := place.client("sqs").receive_message(**request).get("Messages", []):
        yield from (_read(each, place.channel_queues) for each in records)


def _read(record: Any, channels: Collection[str]) -> Kept:  # noqa: ANN401 - SQS's own
    """Treat the notification of a removed channel as unreadable, because the channel has no queue."""
    reason = text(record.get("MessageAttributes", {}).get("reason", {}).get("StringValue"))
    try:
        notification = decode(record["Body"])
    except MalformedNotificationError:
        notification = None
    if notification and notification.channel not in channels:
        reason, notification = f"{notification.channel} is no longer a channel", None
    return Kept(record["ReceiptHandle"], record["Body"], reason, notification)


def _object(raw: str) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
