"""The result of a schedule: fault-free recovery from an end, and whether the promise was kept."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from typing import Literal

from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.domain.resource import RANKS
from braket_notifier.sending.channel_lease import SEND_INTERVAL
from tests.prove.interleavings.explorer import End, Excuse
from tests.prove.interleavings.replay import Ports
from tests.prove.interleavings.stores import Accepted, copied
from tests.prove.interleavings.workers import CHANNEL, Settings, deliverer, observer, redriving, sweeping, to_people
from tests.prove.sqlite_stores import SqliteSnapshots

#: Time past every lease, wait and visibility timeout.
LATER = timedelta(minutes=20)
#: Rounds that suffice to become quiet; later work shows in the accounts.
ROUNDS = 4
Way = Literal["sweeps alone", "events alone", "redrives alone"]


@dataclass
class Verdict:
    """Everything lost, repeated or otherwise wrong, in words that a table can count."""

    lost: int = 0
    avoidable: int = 0
    unavoidable: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Verdict") -> None:
        self.lost += other.lost
        self.avoidable += other.avoidable
        self.unavoidable += other.unavoidable
        self.wrong += other.wrong

    def kinds(self) -> set[str]:
        found = {"lost"} if self.lost else set()
        return found | ({"avoidable repeat"} if self.avoidable else set()) | {each.split(":")[0] for each in self.wrong}


def recover(end: End, way: Way, events: Sequence[str], settings: Settings, *, human: bool) -> Ports:
    """Deliver every event again, twice; or expire the expired rows and let sweeps alone continue.

    Operators redrive the notifications that were given up; a killed operator runs the command again. A refused person
    can be reached.
    """
    now = end.now + LATER

    def pass_time(seconds: float) -> None:
        nonlocal now
        now += timedelta(seconds=seconds)

    stores = {name: copied(store) for name, store in end.stores.items()}
    ports = Ports(**stores, clock=lambda: now, sleep=pass_time)
    ports.channel.refuses = ""
    if way == "sweeps alone":
        _expire(ports.snapshots)
    coming = [*ports.events.contents, *events] if way == "events alone" else []
    for event in coming:
        observer(0, event, settings)(ports)
    if way == "redrives alone":
        redriving(settings)(ports)
    for number in range(ROUNDS):
        if way == "sweeps alone":
            sweeping(settings)(ports)
        for batch in range(ROUNDS):
            if ports.records.visible(now):
                deliverer(f"recovery {number} {batch}", settings, human=human)(ports)
            if ports.direct.visible(now):
                to_people(f"people {number} {batch}", settings)(ports)
        pass_time(LATER.total_seconds())
    return ports


def judge(ports: Ports, excuses: Sequence[Excuse], expected: Sequence[str], *, human: bool, ledger: bool) -> Verdict:
    """Expected notifications were accepted; only excused repeats, marked as such; nothing backwards; accounts agree."""
    verdict = Verdict()
    accepted = ports.channel.accepted
    by_id = Counter(each.notification.id for each in accepted)
    rows = ports.ledger.rows.values() if ledger else ()
    passed_on = [replace(each.notification, channel=CHANNEL).id for each in rows if each.passed_on]
    verdict.lost = sum(id_ not in by_id for id_ in (*expected, *passed_on))
    _judge_repeats(accepted, excuses, verdict)
    verdict.wrong += _backwards(accepted)
    verdict.wrong += _row_backwards(ports.snapshots)
    if human:
        verdict.wrong += _too_fast(accepted)
    if ledger:
        verdict.wrong += _accounts(ports.ledger, set(by_id), {each.id for each in excuses})
    return verdict


def _judge_repeats(accepted: Sequence[Accepted], excuses: Sequence[Excuse], verdict: Verdict) -> None:
    causes = Counter(each.id for each in excuses)
    names = {each.id: each.cause for each in excuses}
    seen = set()
    for each in accepted:
        id_ = each.notification.id
        if id_ in seen:
            if each.may_repeat and causes[id_]:
                verdict.unavoidable[names[id_]] += 1
                causes[id_] -= 1
            else:
                verdict.avoidable += 1
        seen.add(id_)


def _backwards(accepted: Sequence[Accepted]) -> Iterator[str]:
    for arn in {each.notification.transition.arn for each in accepted}:
        sent = [each.notification for each in accepted if each.notification.transition.arn == arn]
        for earlier, later in pairwise(sent):
            if later.order < earlier.order:
                yield f"sent backwards: {later.transition.status} after {earlier.transition.status}"


def _row_backwards(snapshots: MemorySnapshots) -> Iterator[str]:
    for row in snapshots.rows.values():
        statuses = [step.status for step in row.history]
        for earlier, later in pairwise(statuses):
            if RANKS[later] <= RANKS[earlier]:
                yield f"row {'repeats' if later == earlier else 'backwards'}: {later} after {earlier}"


def _too_fast(accepted: Sequence[Accepted]) -> Iterator[str]:
    for earlier, later in pairwise(sorted(each.at for each in accepted if each.notification.channel == CHANNEL)):
        if later - earlier < SEND_INTERVAL["slack"]:
            yield f"too fast: {later - earlier} between two sends"


def _accounts(ledger: MemoryLedger, accepted: set[str], excused: set[str]) -> Iterator[str]:
    """Accepted means delivered, and superseded only if it had been accepted unmarked."""
    rows = ledger.rows
    for id_, row in rows.items():
        if row.state == "DELIVERED" and id_ not in accepted:
            yield f"accounts: {row.notification.transition.status} is marked and was not accepted"
        if row.state not in {"DELIVERED", "SUPERSEDED"}:
            yield f"accounts: {row.notification.transition.status} ends {row.state}"
    for id_ in accepted:
        state = rows[id_].state if id_ in rows else "in no row"
        if state != "DELIVERED" and not (state == "SUPERSEDED" and id_ in excused):
            yield f"accounts: accepted and {state}"


def _expire(snapshots: MemorySnapshots | SqliteSnapshots) -> None:
    """A row that ended and was dispatched has an expiry. TTL deletes it at any later time."""
    if isinstance(snapshots, SqliteSnapshots):
        snapshots.expire()
        return
    for arn in snapshots.closed:
        snapshots.rows.pop(arn, None)
    snapshots.closed.clear()
