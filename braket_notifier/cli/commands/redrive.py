"""`redrive`: what was given up is sent again, from the ledger and from the queue `undelivered`."""

import json
from argparse import Namespace
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from braket_notifier.cli.arguments import Commands, command, installation
from braket_notifier.cli.commands.replay import SETTLED
from braket_notifier.cli.deliveries import DeliveryRow, delivery_rows
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.show import agreed, say
from braket_notifier.deliver import redrive
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import MalformedNotificationError
from braket_notifier.sending.wire import decode
from braket_notifier.text.json_fields import text
from braket_notifier.text.wording import cut, plural

BATCH = 10
#: Long enough to read the whole queue and to answer a question; what is left comes back after it.
HIDDEN_S = 120
MORE = """What was delivered is not repeated. Notifications go to their channels' queues, events to the queue of events;
what nobody can understand stays in `undelivered`, for two weeks, with its reason."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One record of the queue `undelivered`: a notification, an event that can be taken again, or neither."""

    receipt: str
    raw: str
    reason: str
    notification: Notification | None

    @property
    def is_event(self) -> bool:
        """What the notifier itself put there has a reason, and will not be understood the next time either."""
        return not self.reason and self.notification is None and "detail-type" in _object(self.raw)


def add(commands: Commands) -> None:
    parser = command(commands, "redrive", run, "send again what was given up", more=MORE)
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: Namespace) -> int:
    place = installation(arguments)
    kept = list(_kept(place, place.queue("undelivered")))
    given_up = {each.id: each for each in place.ledger.all_undelivered() if each.channel in place.channel_queues}
    never_tried = {each.notification.id: each.notification for each in kept if each.notification}
    known = {id_: _told(place, each) for id_, each in (never_tried | given_up).items()}
    wanted = [each for id_, each in (never_tried | given_up).items() if not _settled(known[id_])]
    events = [each.raw for each in kept if each.is_event]
    count = len(wanted) + len(events)
    _say_first([(each, known[each.id]) for each in wanted], kept)
    if count and not agreed(f"Send {plural(count, 'record')} again?", yes=arguments.yes):
        _give_back(place, kept)
        return 0
    redrive(given_up.values(), place.ledger, place.queues, lambda: datetime.now(UTC))
    place.queues.enqueue([each for each in wanted if each.id not in given_up])
    for raw in events:
        place.client("sqs").send_message(QueueUrl=place.queue("events"), MessageBody=raw)
    _take_out(place, kept)
    say(f"✓ {plural(count, 'record')} on the way" if count else "nothing can be sent again")
    return 0


def _say_first(wanted: Sequence[tuple[Notification, DeliveryRow | None]], kept: Sequence[Kept]) -> None:
    for each, known in wanted:
        reason = f" ({known.reason})" if known and known.reason else ""
        say(f"{each.channel}: {each.transition.status} of {each.transition.arn}{reason}")
    for record in kept:
        if record.is_event:
            say(f"an event: {cut(record.raw, 120)}")
        elif record.notification is None:
            say(f"stays: {cut(record.raw, 80)} ({record.reason or 'no notification and no event'})")


def _told(place: Installation, notification: Notification) -> DeliveryRow | None:
    """What the ledger has of it, if anybody ever claimed it."""
    transition = notification.transition
    mine = (each for each in delivery_rows(place, transition.arn) if each.channel == notification.channel)
    return next((each for each in mine if each.status == transition.status), None)


def _settled(known: DeliveryRow | None) -> bool:
    """Delivered after all, or overtaken: its record in `undelivered` has nothing more to tell."""
    return known is not None and known.state in SETTLED


def _take_out(place: Installation, kept: list[Kept]) -> None:
    """After they are in their queues: dying in between repeats nothing that was delivered."""
    for each in kept:
        if each.is_event or each.notification:
            place.client("sqs").delete_message(QueueUrl=place.queue("undelivered"), ReceiptHandle=each.receipt)
    _give_back(place, [each for each in kept if not each.is_event and not each.notification])


def _give_back(place: Installation, kept: Sequence[Kept]) -> None:
    """To be seen by the next look at once."""
    for each in kept:
        place.client("sqs").change_message_visibility(
            QueueUrl=place.queue("undelivered"), ReceiptHandle=each.receipt, VisibilityTimeout=0
        )


def _kept(place: Installation, queue: str) -> Iterator[Kept]:
    """Every record that the queue shows now."""
    asked = {
        "QueueUrl": queue,
        "MaxNumberOfMessages": BATCH,
        "VisibilityTimeout": HIDDEN_S,
        "WaitTimeSeconds": 1,
        "MessageAttributeNames": ["All"],
    }
    while records := place.client("sqs").receive_message(**asked).get("Messages", []):
        yield from (_read(each, place.channel_queues) for each in records)


def _read(record: Any, channels: Collection[str]) -> Kept:  # noqa: ANN401 - SQS's own
    """One for a channel that the settings no longer have can go nowhere, and keeps no other from going."""
    reason = text(record.get("MessageAttributes", {}).get("reason", {}).get("StringValue"))
    try:
        notification = decode(record["Body"])
    except MalformedNotificationError:
        notification = None
    if notification and notification.channel not in channels:
        reason, notification = f"{notification.channel} is no channel any more", None
    return Kept(record["ReceiptHandle"], record["Body"], reason, notification)


def _object(raw: str) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
