"""Notices of amounts that are nearly spent, of spending limits and budgets alike; pure.

Each threshold is announced once for each allowance, amount, period and destination: what a status names. Of several
thresholds that were passed at once the highest one is announced, and a lower one never follows it. Each sweep decides
anew, so what a hold keeps back is announced with the figures of its end.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from braket_notifier.domain.announcement import announcement, arn_of
from braket_notifier.domain.destination import direct
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import DIGEST_HANDLER, MACHINES, Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.spending import BUDGET, LIMIT, PERSON, THRESHOLDS, Allowance, figures_of
from braket_notifier.domain.transition import Transition
from braket_notifier.routing.owners import first_channel
from braket_notifier.routing.quiet_hours import held_until
from braket_notifier.routing.routes import notifications

#: The time for which a notice is news, while its channel accepts nothing.
NEWS = timedelta(days=3)
#: The begin of a week or month moves by at most this much to another `time_zone`.
MOVED = timedelta(hours=26)
#: From the begin of a local day to a time in UTC of the same date, in every zone except those of UTC-11, UTC-12 and
#: UTC+14 without summer time: their dates are all one off, so that no day is missed, and a change to or from them errs.
TO_DATE = timedelta(hours=13, minutes=45)
#: The types of channels that get a notice only where the settings name them.
NO_CHATS = MACHINES | {"email", DIGEST_HANDLER}
#: What was sent for each allowance and destination: the last status by a key.
Sent = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reached:
    """An allowance and the highest threshold that it has reached."""

    allowance: Allowance
    threshold: str
    #: LIMIT or BUDGET.
    word: str = LIMIT
    #: The name of the person whose budget it is; nobody else but `costs_to` is notified of it.
    person: str = ""

    @property
    def status(self) -> str:
        amount = f"{self.allowance.amount.normalize():f}"
        return f"{self.word} {self.threshold} of {amount} since {self.allowance.since.isoformat()}"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification that is due, and what it announces."""

    notification: Notification
    reached: Reached
    #: A hold of its destination keeps it for a later sweep.
    is_held: bool


def notices(reached: Sequence[Reached], sent: Sent, policy: Policy, now: datetime) -> Iterator[Notice]:
    """Yield what is due for each destination, also what a hold keeps."""
    for each in reached:
        shown = _snapshot(each, policy.regions[0], now)
        for channel in destinations(each, shown, policy):
            if _is_higher(each, sent.get(key_of(each.allowance, channel), "")):
                is_held = held_until(channel, each.word, policy, now) is not None
                yield Notice(announcement(shown, each.status, channel, at=now), each, is_held)


def after(sent: Sent, announced: Sequence[Notice], there: Sequence[Allowance], policy: Policy) -> dict[str, str]:
    """Remember what was announced, and forget allowances that are not there any more."""
    channels = [*policy.channels, *(direct(each, it.name) for each in policy.to_owner for it in policy.people)]
    kept = {key_of(each, channel) for each in there for channel in channels}
    return {key: each for key, each in sent.items() if key in kept} | {
        key_of(each.reached.allowance, each.notification.channel): each.reached.status for each in announced
    }


def destinations(reached: Reached, shown: Snapshot, policy: Policy) -> tuple[str, ...]:
    """Return the channels of `[costs] to`, otherwise the first chat that is shared, and those that routes name.

    A person's budget is announced to that person and to `[costs] to` alone.
    """
    named = tuple(each for each in policy.costs_to if each in policy.channels)
    if reached.person:
        people = [each for each in policy.people if each.name == reached.person]
        found = ((first_channel(each, policy), each.name) for each in people)
        return tuple(dict.fromkeys((*(direct(channel, name) for channel, name in found if channel), *named)))
    shared = [name for name, kind in policy.channels.items() if kind not in NO_CHATS and name not in policy.to_owner]
    routed = notifications(Transition(shown, reached.status, None, None, None, 1, "sweep"), policy)
    others = (each.channel for each in routed if not each.silent)
    return tuple(dict.fromkeys((*(named or shared[:1]), *others)))


def key_of(allowance: Allowance, channel: str) -> str:
    return sha256(f"{allowance.id} {channel}".encode()).hexdigest()[:16]


def _snapshot(reached: Reached, home: str, now: datetime) -> Snapshot:
    """Return the stand-in of an allowance: its begin as its creation, and as its end the time after which it is old.

    Each amount and period has a stand-in of its own, so that the ledger sends no lower threshold after a higher one.
    """
    allowance, until = reached.allowance, reached.allowance.until
    digest = sha256(f"{allowance.id} {_parts(reached.status)[1]}".encode()).hexdigest()[:16]
    over = min(now + NEWS, until) if until and until > now else now + NEWS
    return Snapshot(
        arn_of(f"spending-{digest}", allowance.region or home),
        "CREATED",
        created_at=allowance.since,
        started_at=until,
        ended_at=over,
        device=allowance.device,
        tags=figures_of(allowance, reached.threshold) | ({PERSON: reached.person} if reached.person else {}),
    )


def _is_higher(reached: Reached, before: str) -> bool:
    """Whether its status names a higher threshold than the one before, or another amount or period.

    A status that is none, or of another version, is lower than any.
    """
    (threshold, rest), (last, rest_before) = _parts(reached.status), _parts(before)
    is_same = rest == rest_before or (reached.word == BUDGET and _is_moved(reached.allowance, rest, rest_before))
    return not is_same or last not in THRESHOLDS or THRESHOLDS.index(threshold) > THRESHOLDS.index(last)


def _is_moved(budget: Allowance, of: str, before: str) -> bool:
    """Whether both name the same amount and local period of a budget, whose begin moves with `time_zone`."""
    amount = of.partition(" since ")[0]
    amount_before, _, since_before = before.partition(" since ")
    try:
        begin_before = datetime.fromisoformat(since_before)
        moved = abs(budget.since - begin_before)
    except (TypeError, ValueError):  # none yet, or another version's
        return False
    is_day = budget.until is not None and budget.until - budget.since < timedelta(days=2)
    is_same = (budget.since + TO_DATE).date() == (begin_before + TO_DATE).date() if is_day else moved <= MOVED
    return is_same and amount == amount_before


def _parts(status: str) -> tuple[str, str]:
    """Return the threshold, and what it is of."""
    threshold, _, of = status.partition(" ")[2].partition(" ")
    return threshold, of
