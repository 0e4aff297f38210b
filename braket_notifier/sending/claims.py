"""Claim → send once → mark, for one notification or for all notifications of one message."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Self, TypeVar

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.errors import (
    ChannelError,
    DeferError,
    MendableError,
    RefusedError,
    TryLaterError,
    UnacknowledgedError,
)
from braket_notifier.sending.channel_lease import EDIT_INTERVAL, ChannelLease, HealthRow
from braket_notifier.sending.health import HEALTHY, HORIZON, Health, admission
from braket_notifier.sending.ports import LEASE, Channel, Claim, Ledger, Probed
from braket_notifier.sending.retry import HANDLER_HORIZON, LONGEST_BACK_OFF_S, back_off_s, doubt_wait_s, given_up
from braket_notifier.sending.threads import despite_errors, raise_first

#: Seconds by which a probe is overdue that nobody makes, because the channel is held.
OVERDUE_S = 60
#: Seconds that a probe of two calls and a send may need.
PROBE_S = 45
#: Failures after which the notification is sent again.
FAILURES = (TryLaterError, UnacknowledgedError, MendableError)

Clock = Callable[[], datetime]
Claimed = tuple[Notification, Claim]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Sender:
    """A channel with its ledger, its lease or its health, and the time left to send."""

    channel: Channel
    ledger: Ledger
    clock: Clock
    time_left_s: Callable[[], float]
    lease: ChannelLease | None = None
    #: The health of a channel without a lease.
    row: HealthRow | None = None
    #: A user's function, whose failure concerns one notification, so that it holds back no other.
    is_handler: bool = False
    #: Messages are sent although the channel is down, in place of a probe or before they are given up.
    despite_down: bool = False
    #: The settings in force, which a push may change while the sender works.
    policy: Callable[[], Policy | None] = lambda: None
    #: The person in a channel that writes to owners, who has a send interval of the person's own.
    destination: str = ""

    @property
    def health(self) -> Health:
        return self._kept.health if self._kept else HEALTHY

    @property
    def shows(self) -> bool:
        """Whether people may see each try, because no call shows whether the channel would accept a message."""
        return not isinstance(self.channel, Probed)

    @property
    def _kept(self) -> ChannelLease | HealthRow | None:
        """The lease or the row that keeps the channel's health."""
        return self.lease or self.row

    def holds_back(self, health: Health) -> bool:
        """Whether a refusal concerns every notification; what a user's function raises concerns one alone."""
        return not self.is_handler or health.cause == "mendable"

    def admitted(self, since: datetime | None, *, mended: bool = False) -> Self:
        """Return the sender for a notification that waits since then, or raise DeferError while the channel is down.

        One record in a back-off probes the channel; all others are deferred without a claim or a call. `mended`: a
        command says that the cause may have ended, so that its probe does not wait for the end of the back-off.
        """
        kept, now = self._kept, self.clock()
        if kept is None or not self.holds_back(kept.health) or not kept.health.closed:
            return self
        answer = admission(kept.health, since, now)
        if answer == "wait" and mended and kept.health.mended_s(now, shows=self.shows) <= 0:
            answer = "probe"
        if answer == "probe" and self.time_left_s() < PROBE_S:
            raise DeferError(1, "too little time left to probe the channel")
        if answer == "probe" and not kept.reserve_probe():
            answer = admission(kept.health, since, now)
        if answer == "probe" and isinstance(self.channel, Probed):
            self._probe(self.channel)
            return self
        if answer == "probe" and mended:  # a message is the probe, and late news gather before it
            self.keep(replace(kept.health, probed=True))
            return self
        if answer == "wait":
            raise self._down(mended=mended)
        return replace(self, despite_down=True)

    def await_slot(self) -> None:
        """Wait for the lease's next slot, if there is a lease; raises DeferError, also while the channel is down."""
        if self.health.closed and self.holds_back(self.health) and not self.despite_down:
            raise self._down()
        if self.lease:
            self.lease.await_slot(self.destination)

    def hold_back(self, error: TryLaterError) -> None:
        """Make the lease wait as long as the channel asked; raises DeferError if the lease is lost."""
        if self.lease and error.after_s is not None:
            self.lease.hold_back(error.after_s)

    def answered(self, *, edit: bool = False) -> None:
        """Start the interval before the next send."""
        if self.lease:
            self.lease.answered(EDIT_INTERVAL if edit else None, self.destination)

    def keep(self, health: Health) -> None:
        """Save the channel's health if it changed; raises DeferError if the lease is lost."""
        if self._kept and health != self._kept.health:
            self._kept.keep(health)

    def _probe(self, channel: Probed) -> None:
        try:
            channel.probe()
        except ChannelError as error:
            self.keep(self.health.refused(error, self.clock()))
            raise self._down() from error
        self.keep(replace(self.health, probed=True))

    def _down(self, *, mended: bool = False) -> DeferError:
        """Wait for the next probe; if it is overdue, nobody probes, because the channel is held."""
        health, now = self.health, self.clock()
        wait = health.mended_s(now, shows=self.shows) if mended else health.hidden_s(now)
        seconds = max(1, math.ceil(wait)) if wait > -OVERDUE_S else LONGEST_BACK_OFF_S
        return DeferError(seconds, f"the channel is down since {health.down_since}: {health.reason}")


@contextmanager
def before_send(claimed: Sequence[Notification], sender: Sender, owner: str) -> Iterator[None]:
    """Release the claims after an error before the send, also of a claim itself, because they leave no doubt then."""
    try:
        yield
    except Exception:
        despite_errors(partial(sender.ledger.release, owner=owner), claimed)
        raise


def claim_one(notification: Notification, sender: Sender, owner: str) -> Claimed | None:
    """Claim a notification; None if it is finished. Raises DeferError."""
    with before_send([notification], sender, owner):
        claim = sender.ledger.claim(notification, owner=owner, now=sender.clock())
    if claim.finished:
        return None
    if not claim.granted:
        raise DeferError(claim.wait_s, "another delivery holds the claim")
    return notification, claim


def send_claimed(
    claimed: Sequence[Claimed],
    sender: Sender,
    owner: str,
    send: Callable[[bool], Answer],
    *,
    accepted: Callable[[Answer], object] = lambda _: None,
    edits: bool = False,
) -> Answer:
    """Send one message for all claimed notifications, and mark each; raises DeferError and RefusedError.

    After a lost acknowledgement the claims keep their doubt, so that the next attempt is marked as a possible repeat.
    An edit leaves no doubt, because a repeated edit changes nothing. `accepted` is called with the channel's answer
    before the marks. Its error, or that of a mark, is raised after them, because what is not marked is sent again.
    """
    before = sender.health
    try:
        answer = _send(claimed, sender, send, edits=edits)
    except FAILURES as error:
        raise _after_failure(claimed, sender, owner, error, before, edits=edits) from error
    except RefusedError as error:
        gives_up = partial(sender.ledger.undelivered, owner=owner, reason=str(error), now=sender.clock())
        raise_first(despite_errors(lambda each: gives_up(each[0]), claimed))
        raise
    now = sender.clock()
    errors = despite_errors(accepted, [answer])
    errors += despite_errors(lambda each: sender.ledger.delivered(each[0], now=now), claimed)
    sender.keep(HEALTHY)
    raise_first(errors)
    return answer


def _send(claimed: Sequence[Claimed], sender: Sender, send: Callable[[bool], Answer], *, edits: bool) -> Answer:
    try:
        return send(any(claim.may_repeat for _, claim in claimed))
    finally:
        sender.answered(edit=edits)


def _after_failure(
    claimed: Sequence[Claimed], sender: Sender, owner: str, error: ChannelError, before: Health, *, edits: bool
) -> DeferError | RefusedError:
    """Give up what was tried for long enough, release the other claims unless they are in doubt, and save the health.

    A failed edit may be repeated without a doubt. In an outage that exceeds the horizon, a message in doubt is the last
    for all its notifications, because the younger ones would be repeated with each older one.
    """
    now, in_doubt = sender.clock(), isinstance(error, UnacknowledgedError) and not edits
    one_person = isinstance(error, MendableError) and error.one_person
    health = before if one_person else before.refused(error, now, shows=sender.shows)
    unsure = isinstance(error, TryLaterError) and error.perhaps_sent
    counted = in_doubt and not before.closed and not sender.is_handler
    last = in_doubt and before.closed and sender.holds_back(before) and health.is_over(now)
    whys = _reasons(claimed, sender, health, error, counted=counted, last=last)
    ended = [(notification, why) for (notification, _), why in zip(claimed, whys, strict=True) if why]
    going_on = [each for each, why in zip(claimed, whys, strict=True) if not why]
    gives_up = partial(sender.ledger.undelivered, owner=owner, now=now, unsure=in_doubt or unsure)
    errors = despite_errors(lambda each: gives_up(each[0], reason=each[1]), ended)
    if not in_doubt:
        errors += despite_errors(lambda each: sender.ledger.release(each[0], owner=owner, unsure=unsure), going_on)
    sender.keep(health)
    raise_first(errors)
    if not going_on and (ended or health.is_over(now)):
        return RefusedError(ended[0][1] if ended else health.reason)
    wait = _wait_s(going_on, sender, before if one_person else health, error, counted=counted)
    why = "no acknowledgement" if isinstance(error, UnacknowledgedError) else "not accepted"
    later = DeferError(max(wait, LEASE.seconds) if in_doubt else wait, f"{why}: {error}", in_doubt=in_doubt)
    later.refused = tuple(notification for notification, _ in going_on) if one_person else ()
    return later


def _reasons(
    claimed: Sequence[Claimed], sender: Sender, health: Health, error: ChannelError, *, counted: bool, last: bool
) -> list[str]:
    """Return each reason for giving up, or ""; a handler's failure says nothing about its other notifications."""
    raised = sender.is_handler and isinstance(error, UnacknowledgedError)
    horizon = HANDLER_HORIZON if raised else HORIZON
    kept = health if sender.holds_back(health) else HEALTHY
    return [given_up(*each, kept, sender.clock(), horizon, counted=counted, last=last) for each in claimed]


def _wait_s(claimed: Sequence[Claimed], sender: Sender, health: Health, error: ChannelError, *, counted: bool) -> int:
    """Wait for the channel's next probe; a notification in doubt about a healthy channel waits longer each time."""
    asked = error.after_s if isinstance(error, TryLaterError) else None
    first = claimed[0] if claimed else None
    longer = doubt_wait_s(first[1].doubts + 1) if first and counted else 0
    if health.closed and sender.holds_back(health) and (sender.lease or sender.row):
        return max(1, longer, math.ceil(health.hidden_s(sender.clock())))
    return max(longer, back_off_s(first[0], first[1].attempts, asked) if first else LONGEST_BACK_OFF_S)
