"""Deliver what waits in one channel's queue, as the function `deliver` does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import uuid4

from braket_notifier.adapters.aws.sqs import SqsCloseTimer, SqsUndelivered, SqsWaits
from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.groups import DynamoCards, DynamoGroups
from braket_notifier.adapters.sqlite.state_file import LostStateError
from braket_notifier.cli.process.document import TERMINAL
from braket_notifier.cli.process.named import now
from braket_notifier.cli.process.watching import OWNER, Process
from braket_notifier.cli.sentences import sentence
from braket_notifier.deliver import deliver
from braket_notifier.domain.policy import DIGEST_HANDLER, MACHINES
from braket_notifier.errors import DeferError, MalformedError, NewerVersionError, RefusedError
from braket_notifier.grouping.ports import EditableChannel, Fallback, GroupingPorts, HumanChannel, HumanSender
from braket_notifier.sending.channel_lease import SEND_INTERVAL, ChannelLease, HealthRow, health_of, take_lease
from braket_notifier.sending.claims import Sender
from braket_notifier.sending.ports import LEASE, Channel
from braket_notifier.sending.retry import error_wait_s
from braket_notifier.sending.sqs_batch import Record, awaiting_newer_version, is_redriven, receives
from braket_notifier.sending.wire import decode_record

#: Records of one batch, and seconds between two looks into a queue.
BATCH, LOOK_EVERY_S = 100, 1.0
#: Seconds that a sender may take for one record; nothing else ends it, unlike a function.
TIME_LEFT_S = 60.0


@dataclass(frozen=True, slots=True)
class Delivering:
    """A channel with its queue, to which one thread of one process delivers."""

    name: str
    channel: Channel
    process: Process

    def run(self) -> None:
        """Deliver until the process ends."""
        while not self.process.stop.wait(LOOK_EVERY_S):
            self.drain()

    def drain(self) -> None:
        """Deliver until nothing is visible in the queue; an unexpected error is said and tried again."""
        try:
            while self._batch():
                pass
            self.process.screen.once(f"queue of {self.name}", "")
        except (BrokenPipeError, LostStateError) as error:  # the reader of the output is gone, or the state
            self.process.end(error)
        except Exception as error:  # noqa: BLE001 - as a full disk, which may end
            self.process.screen.once(f"queue of {self.name}", f"{self.name}: {sentence(error)}; tried again")

    def _batch(self) -> bool:
        """Deliver what is visible in the queue; False if nothing is, or the process ends."""
        found = self.process.place.client("sqs").receive_message(
            QueueUrl=self.name, MaxNumberOfMessages=BATCH, VisibilityTimeout=int(LEASE.total_seconds())
        )
        records = [_record(each) for each in found.get("Messages", ())]
        sender = self._sender() if records else None
        try:
            for record in records:
                if sender is None or self.process.stop.is_set():
                    return False
                self._deliver(record, sender)
        finally:
            if sender:
                self._end(sender)
        return bool(records)

    def _deliver(self, record: Record, sender: Sender) -> None:
        queue = SqsWaits(self.process.place.client("sqs"), self.name)
        try:
            with awaiting_newer_version(record, now()):
                deliver(decode_record(record["body"]), sender, uuid4().hex, redriven=is_redriven(record))
        except (MalformedError, RefusedError) as error:
            SqsUndelivered(self.process.place.client("sqs"), "undelivered").put(record["body"], str(error))
            found = "refused a notification for good" if isinstance(error, RefusedError) else "has an unreadable record"
            redrive = f"`braket-notifier redrive {self.process.place.option}` {_outlook(error)}"
            self.process.screen.print(f"{self.name} {found}: {error}; {redrive}", "red")
        except DeferError as wait:
            queue.defer(record["receiptHandle"], wait.seconds)
            return
        except (BrokenPipeError, LostStateError):
            raise
        except Exception as error:  # noqa: BLE001 - otherwise one record would stop all others
            queue.defer(record["receiptHandle"], error_wait_s(receives(record)))
            self.process.screen.once(f"delivery to {self.name}", f"{self.name}: {sentence(error)}; tried again")
            return
        self.process.screen.once(f"delivery to {self.name}", "")
        self.process.place.client("sqs").delete_message(QueueUrl=self.name, ReceiptHandle=record["receiptHandle"])

    def _sender(self) -> Sender | None:
        place, current = self.process.place, self.process.policy()
        leases, is_machine = DynamoChannelLeases(place.deliveries), current.channels[self.name] in MACHINES
        ledger = DynamoLedger(place.deliveries, in_order=not is_machine)
        if is_machine:
            row = HealthRow(leases, self.name, now, health_of(leases, self.name))
            return Sender(
                self.channel,
                ledger,
                now,
                lambda: TIME_LEFT_S,
                row=row,
                is_handler=True,
                policy=lambda: current,
            )
        interval = timedelta(0) if self.name == TERMINAL else SEND_INTERVAL["slack"]  # every service a message a second
        lease = take_lease(leases, self.name, interval, OWNER, now, self.process.stop.wait)
        human, fallback = cast("HumanChannel", self.channel), place.settings.fallbacks.get(self.name)
        ports = GroupingPorts(
            human,
            cast("EditableChannel", human) if hasattr(human, "edit") else None,
            DynamoGroups(place.deliveries),
            DynamoCards(place.deliveries),
            SqsCloseTimer(place.client("sqs"), self.name),
            current,
            place.snapshots,
            self.process.read_results,
            Fallback(fallback, place.queues) if fallback else None,
        )
        if lease is None:
            return None
        is_handler = current.channels[self.name] == DIGEST_HANDLER
        return HumanSender(
            human,
            ledger,
            now,
            lambda: TIME_LEFT_S,
            lease,
            is_handler=is_handler,
            policy=lambda: current,
            ports=ports,
        )

    def _end(self, sender: Sender) -> None:
        if isinstance(sender.lease, ChannelLease):
            sender.lease.end()
        health = sender.health
        down = f"{self.name} is down ({health.reason}); what waits is sent once it accepts again"
        self.process.screen.once(self.name, down if health.down_since else "")


def _outlook(error: MalformedError | RefusedError) -> str:
    """What the command `redrive` does with a record that was given up."""
    if isinstance(error, RefusedError):
        return "sends it again"
    after_update = isinstance(error.__cause__, NewerVersionError)
    return "sends it once this notifier is updated" if after_update else "shows it, and removes it with --drop"


def _record(message: Mapping[str, object]) -> Record:
    """The form of Lambda's event source, whose names begin in lower case."""
    return cast("Record", {f"{name[0].lower()}{name[1:]}": value for name, value in message.items()})
