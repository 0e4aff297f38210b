"""The plan of `redrive` for everything that is undelivered; nothing is changed before the operator agrees."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from braket_notifier.braket.events import Watch, parse_event
from braket_notifier.cli.deliveries import SETTLED, DeliveryRow, rows_by_id
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.undelivered.records import Kept
from braket_notifier.domain.destination import channel_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.spending import without_amount
from braket_notifier.errors import MalformedEventError, NewerVersionError
from braket_notifier.text.json_fields import object_in, text
from braket_notifier.text.wording import clean, cut, plural

#: Characters of a reason, which may quote a part of its record.
REASON = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """The notifications and events to send again, and what becomes of each record of the queue."""

    #: Notifications to send, by id, and the ledger's rows of those that have one.
    send: Mapping[str, Notification] = field(default_factory=dict)
    known: Mapping[str, DeliveryRow] = field(default_factory=dict)
    #: Notifications in the ledger whose channel is gone, and which another channel gets.
    moved: Sequence[Notification] = ()
    #: Number of notifications of each channel that is gone.
    gone: Mapping[str, int] = field(default_factory=dict)
    #: Records whose notification is sent.
    sent: Sequence[Kept] = ()
    events: Sequence[Kept] = ()
    #: Records whose notification was delivered, or whose change was announced, meanwhile.
    finished: Sequence[Kept] = ()
    #: Records that cannot be sent, each with its reason.
    stay: Sequence[Kept] = ()

    @property
    def count(self) -> int:
        return len(self.send) + len(self.events)

    def question(self, *, drop: bool) -> str:
        """The question to the operator; empty if nothing would change."""
        parts = [f"send {plural(self.count, 'record')} again"] if self.count else []
        parts += [f"remove {plural(len(self.finished), 'record')} announced meanwhile"] if self.finished else []
        parts += [f"drop {plural(len(self.stay), 'record')}"] if self.stay and drop else []
        asked = " and ".join(parts)
        return f"{asked[:1].upper()}{asked[1:]}?" if asked else ""

    def lines(self, *, drop: bool) -> Iterator[str]:
        for id_, each in self.send.items():
            reason = f" ({self.known[id_].reason})" if id_ in self.known and self.known[id_].reason else ""
            yield f"{_named(each)}{reason}"
        for event in self.events:
            yield _shown(event)
        for record in self.finished:
            yield f"announced meanwhile: {_shown(record)}"
        for record in self.stay:
            yield f"{'drops' if drop else 'stays'}: {cut(clean(record.raw), 80)} ({record.reason})"
        if self.stay and not drop:
            yield f"`--drop` removes the {plural(len(self.stay), 'record')} that cannot be sent"
        for channel, count in self.gone.items():
            sends = f"`--from {channel} --to CHANNEL` sends them elsewhere"
            yield f"{channel} is no longer a channel and has {plural(count, 'notification')}: {sends}"

    def document(self, states: Mapping[str, str]) -> dict[str, object]:
        """The plan for a script; `states`: of the notifications that were sent and have ended, by their id."""
        return {
            "notifications": [
                {
                    "channel": each.channel,
                    "status": without_amount(each.transition.status),
                    "arn": each.transition.arn.text,
                    "reason": self.known[id_].reason if id_ in self.known else "",
                    "state": states.get(id_),
                }
                for id_, each in self.send.items()
            ],
            "events": [each.raw for each in self.events],
            "announced_meanwhile": len(self.finished),
            "cannot_be_sent": [{"record": each.raw, "reason": each.reason} for each in self.stay],
            "of_removed_channels": dict(self.gone),
        }

    def done(self, *, drop: bool) -> Iterator[str]:
        if self.count:
            yield f"✓ {plural(self.count, 'record')} on the way"
        if self.finished:
            yield f"✓ {plural(len(self.finished), 'record')} removed, because the change was announced meanwhile"
        if self.stay and drop:
            yield f"✓ {plural(len(self.stay), 'record')} dropped"


def plan_for(
    place: Installation, kept: Sequence[Kept], given_up: Sequence[Notification], renamed: Mapping[str, str]
) -> Plan:
    """Decide about every record, and every row given up; `renamed`: the new channel of a channel that is gone."""
    found = {each.id: each for each in (*(each.notification for each in kept if each.notification), *given_up)}
    addressed = {id_: replace(each, channel=renamed.get(each.channel, each.channel)) for id_, each in found.items()}
    here = {id_: each for id_, each in addressed.items() if channel_of(each.channel) in place.channel_queues}
    known = rows_by_id(place, here.values())
    send = {each.id: each for each in here.values() if each.id not in known or known[each.id].state not in SETTLED}
    records = [(each, _fate(place, each, here, send)) for each in kept]

    def of(fate: str) -> list[Kept]:
        return [each for each, found in records if found == fate]

    return Plan(
        send=send,
        known=known,
        moved=[each for each in given_up if each.channel in renamed],
        gone=Counter(each.channel for id_, each in addressed.items() if id_ not in here),
        sent=of("sent"),
        events=of("event"),
        finished=of("finished"),
        stay=[replace(each, reason=_reason(each)) for each in of("stays")],
    )


def _shown(kept: Kept) -> str:
    if kept.notification is None:
        return f"an event: {cut(clean(kept.raw), 120)}"
    return _named(kept.notification)


def _named(notification: Notification) -> str:
    transition = notification.transition
    return f"{notification.channel}: {without_amount(transition.status)} of {transition.arn}"


def _fate(place: Installation, kept: Kept, here: Mapping[str, Notification], send: Mapping[str, Notification]) -> str:
    if kept.is_event:
        return "finished" if _is_announced(place, kept.raw) else "event"
    if kept.notification is None or kept.notification.id not in here:
        return "stays"
    return "sent" if here[kept.notification.id].id in send else "finished"


def _reason(kept: Kept) -> str:
    if kept.notification:
        return f"{kept.notification.channel} is no longer a channel"
    return cut(clean(kept.reason), REASON) or "no notification and no event"


def _is_announced(place: Installation, raw: str) -> bool:
    """Whether the table has this status of the resource or a later one, and its notifications were enqueued."""
    source, account, region = (text(object_in(raw).get(name)) for name in ("source", "account", "region"))
    watch = Watch(source, place.partition, account, frozenset([region]))  # a foreign resource has no row
    try:
        reported = parse_event(raw, watch).snapshot
        row = place.snapshots.get(reported.arn)
    except (MalformedEventError, NewerVersionError):
        return False
    if row is None or row.dispatched < row.version:
        return False
    return row.snapshot.rank > reported.rank or row.snapshot.status == reported.status
