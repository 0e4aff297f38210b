"""The weekly line in a channel that people read: beside all groups, after a hold, and not after its week."""

import math
from datetime import datetime

from braket_notifier.domain.weekly_line import WeeklyLine
from braket_notifier.errors import (
    ChannelError,
    DeferError,
    HoldError,
    MendableError,
    TryLaterError,
    UnacknowledgedError,
)
from braket_notifier.grouping.answers import Reason
from braket_notifier.grouping.ports import HumanSender
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until
from braket_notifier.sending.health import HEALTHY, Health
from braket_notifier.sending.ports import LEASE
from braket_notifier.sending.result import DeliveryResult
from braket_notifier.sending.weekly import send_line


def send_week(line: WeeklyLine, sender: HumanSender, owner: str) -> DeliveryResult:
    """Send the line once, after the end of a hold. DeferError, RefusedError."""
    now = sender.clock()
    ledger = sender.ports.weekly
    if ledger is None:
        return DeliveryResult("the channel gets no weekly lines")
    if now >= line.until:
        return DeliveryResult("left out, because its week is over")
    if until := held_until(line.channel, NO_STATUS, sender.ports.policy, now):
        raise HoldError(_seconds(until, now), "waits for the end of a hold", reason=Reason.QUIET_HOURS.name)
    sender = sender.admitted(None)
    sender.await_slot()
    before = sender.health

    def send(may_repeat: bool) -> None:  # noqa: FBT001 - the only argument
        try:
            sender.ports.channel.send(line, may_repeat=may_repeat)
        finally:
            sender.answered()

    try:
        sent = send_line(line, ledger, send, owner=owner, clock=sender.clock)
    except (TryLaterError, UnacknowledgedError, MendableError) as error:
        raise _after_failure(sender, error, before.refused(error, sender.clock())) from error
    if not sent:
        return DeliveryResult("delivered before")
    sender.keep(HEALTHY)
    return DeliveryResult("as the weekly line", 1)


def _after_failure(sender: HumanSender, error: ChannelError, health: Health) -> DeferError:
    """Save the health, as after any refused message, and wait for the channel's next probe."""
    if isinstance(error, TryLaterError):
        sender.hold_back(error)
    sender.keep(health)
    in_doubt = isinstance(error, UnacknowledgedError)
    wait = math.ceil(health.hidden_s(sender.clock()))
    return DeferError(max(1, wait, LEASE.seconds if in_doubt else 0), f"not accepted: {error}", in_doubt=in_doubt)


def _seconds(until: datetime, now: datetime) -> int:
    return max(1, math.ceil((until - now).total_seconds()))
