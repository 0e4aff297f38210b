"""The workers of the pipeline around its real functions, each as its Lambda function runs it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

from braket_notifier.adapters.memory.groups import MemoryCards
from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.adapters.memory.queues import MemoryCloseTimer, MemoryQueue, MemoryQueueRecord
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.braket.events import ParsedEvent, Watch, parse_event
from braket_notifier.cli.commands.redrive import redrive
from braket_notifier.deliver import deliver
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.errors import DeferError
from braket_notifier.grouping.ports import Fallback, GroupingPorts, HumanSender
from braket_notifier.observe import Prefetched, observe, prefetch
from braket_notifier.sending.channel_lease import SEND_INTERVAL, ChannelLease, take_lease
from braket_notifier.sending.claims import Sender
from braket_notifier.sweep import open_rows, relay, sweep
from braket_notifier.tracking.ports import ChannelQueues
from braket_notifier.tracking.record import TrackingPorts
from tests.prove.interleavings.replay import Body, Clock, Ports
from tests.prove.interleavings.stores import MOST

#: The team's channel, and the e-mails to owners, whose fallback it is.
CHANNEL, DIRECT = "team-slack", "mine"
REGION = "eu-north-1"
NO_SKEW = timedelta(0)

Observe = Callable[[ParsedEvent, int, Prefetched, TrackingPorts], object]


@dataclass(frozen=True)
class ClockedChannel:
    """The port `Channel`: a message is accepted some seconds after its send began, and the interval starts there."""

    ports: Ports
    takes_s: float = 0

    def send(self, notification: Notification, *, may_repeat: bool) -> None:
        if self.takes_s:
            self.ports.sleep(self.takes_s)
        self.ports.channel.send(notification, may_repeat=may_repeat, at=self.ports.clock())


@dataclass(frozen=True)
class PersonsChannel:
    """The port `HumanChannel` of one person, whose digest counts as its news."""

    ports: Ports
    destination: str = DIRECT

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:
        transitions = content.transitions if isinstance(content, Digest) else (content.transition,)
        for each in (Notification(each, self.destination) for each in transitions):
            if isinstance(content, Notification) or each.id in content.news:
                self.ports.channel.send(each, may_repeat=may_repeat, at=self.ports.clock())
        return ""


@dataclass(frozen=True)
class Design:
    """The notifier's design: ours, unless a field changes it."""

    name: str = "ours"
    observe: Observe = observe
    snapshots: type[MemorySnapshots] = MemorySnapshots
    ledger: type[MemoryLedger] = MemoryLedger
    queues: Callable[[Ports], ChannelQueues] = lambda ports: ports.records
    takes_lease: bool = True
    has_ledger: bool = True
    clients_retry_sends: bool = False


@dataclass(frozen=True)
class Settings:
    """The routes, and the accepted sources of events."""

    policy: Policy
    watch: Watch
    design: Design = field(default_factory=Design)

    def tracking(self, ports: Ports, skew: timedelta = NO_SKEW) -> TrackingPorts:
        return TrackingPorts(ports.snapshots, self.design.queues(ports), self.policy, _skewed(ports.clock, skew))


def observer(number: int, event: str, settings: Settings) -> Body:
    """An event on its way through observe. It comes again as long as it is deferred."""

    def run(ports: Ports) -> None:
        for receives in count(1):
            parsed = parse_event(event, settings.watch)
            prefetched = prefetch([parsed], ports.braket, settings.tracking(ports))
            try:
                settings.design.observe(parsed, receives, prefetched, settings.tracking(ports))
            except DeferError as wait:
                ports.sleep(wait.seconds)
            else:
                break
        ports.events.delete([number])

    return run


def relaying(settings: Settings, skew: timedelta = NO_SKEW) -> Body:
    def run(ports: Ports) -> None:
        tracking = settings.tracking(ports, skew)
        relay(tracking, open_rows(tracking))

    return run


def sweeping(settings: Settings, skew: timedelta = NO_SKEW) -> Body:
    """A sweep that continues after a row that it cannot enqueue."""

    def run(ports: Ports) -> None:
        tracking = settings.tracking(ports, skew)
        rows = open_rows(tracking)
        with suppress(Exception):
            relay(tracking, rows)
        sweep(REGION, ports.braket, tracking, rows[REGION], "a sweep", lambda: 300.0)

    return run


def deliverer(name: str, settings: Settings, *, human: bool = True, takes_s: float = 0) -> Body:
    """A batch of one channel's queue: successful records are deleted, deferred and failed ones come again."""

    def run(ports: Ports) -> None:
        batch = ports.records.receive(ports.clock(), most=MOST)
        lease = None
        takes_lease = human and settings.design.takes_lease
        if takes_lease:
            lease = take_lease(ports.leases, CHANNEL, SEND_INTERVAL["slack"], name, ports.clock, ports.sleep)
        channel = ClockedChannel(ports, takes_s)
        sender = Sender(channel, ports.ledger, ports.clock, lambda: 60.0, lease) if lease or not takes_lease else None
        _deliver(batch, sender, lease, name, ports, ports.records)

    return run


def to_people(name: str, settings: Settings) -> Body:
    """A batch of the channel that writes to owners."""

    def run(ports: Ports) -> None:
        batch = ports.direct.receive(ports.clock(), most=MOST)
        lease = take_lease(ports.leases, DIRECT, SEND_INTERVAL["email"], name, ports.clock, ports.sleep)
        channel, timer = PersonsChannel(ports), MemoryCloseTimer()
        grouping = GroupingPorts(channel, None, ports.groups, MemoryCards(), timer, settings.policy, ports.snapshots)

        def address(to: str) -> GroupingPorts:
            fallback = Fallback(CHANNEL, settings.design.queues(ports))
            return replace(grouping, channel=PersonsChannel(ports, to), fallback=fallback)

        sender = HumanSender(channel, ports.ledger, ports.clock, lambda: 60.0, lease, ports=grouping, address=address)
        _deliver(batch, sender if lease else None, lease, name, ports, ports.direct)

    return run


def redriving(settings: Settings) -> Body:
    """An operator's redrive of the notifications that were given up."""

    def run(ports: Ports) -> None:
        redrive(ports.ledger.all_undelivered(), ports.ledger, settings.design.queues(ports), ports.clock)

    return run


def braket_moves(to: Mapping[Arn, Snapshot]) -> Body:
    """Braket, which takes resources to their next status."""

    def run(ports: Ports) -> None:
        for snapshot in to.values():
            ports.braket.moves(snapshot)

    return run


def _deliver(
    batch: Sequence[MemoryQueueRecord[Notification]],
    sender: Sender | None,
    lease: ChannelLease | None,
    name: str,
    ports: Ports,
    queue: MemoryQueue[Notification],
) -> None:
    try:
        done = [each.number for each in batch if _delivered(each, sender, f"{name}/{each.number}", ports, queue)]
    finally:
        if lease:
            lease.end()
    if done:
        queue.delete(done)


def _delivered(
    record: MemoryQueueRecord[Notification],
    sender: Sender | None,
    owner: str,
    ports: Ports,
    queue: MemoryQueue[Notification],
) -> bool:
    try:
        deliver(record.content, sender, owner)
    except DeferError as wait:
        with suppress(Exception):  # the record then comes again when the queue shows it
            queue.defer(record.number, ports.clock() + timedelta(seconds=wait.seconds))
        return False
    except Exception:  # noqa: BLE001 - the record failed: the queue shows it again in time
        return False
    return True


def _skewed(clock: Clock, skew: timedelta) -> Clock:
    return lambda: clock() + skew
