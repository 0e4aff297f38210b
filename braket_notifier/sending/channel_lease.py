"""A human channel's turn: one sender at a time, at the channel's pace."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from braket_notifier.errors import DeferError
from braket_notifier.sending.ports import ChannelLeases

#: How long a batch waits for its turn, how long a sender waits for the pace in between, and how often a batch asks:
#: whoever asks seldom never meets the moment between two batches of the other sender.
PATIENCE = timedelta(seconds=20)
ASK_EVERY_S = 0.25
LONGEST_PAUSE = timedelta(seconds=5)
#: Between two sends: Slack takes about one post a second in a channel; above ten e-mails a second SNS drops the
#: subscription for good.
SEND_INTERVAL = {"slack": timedelta(seconds=1), "email": timedelta(milliseconds=200)}
#: Slack takes fifty edits a minute; we make forty at most.
EDIT_INTERVAL = timedelta(seconds=1.5)

Clock = Callable[[], datetime]
Sleep = Callable[[float], None]


@dataclass
class ChannelLease:
    """The right to send to one channel for as long as it is kept."""

    turns: ChannelLeases
    channel: str
    owner: str
    pace: timedelta
    not_before: datetime
    clock: Clock
    sleep: Sleep

    def await_slot(self) -> None:
        """Wait for the pace and renew the turn; PutBackError if the wait is too long or the turn not ours."""
        pause = self.not_before - self.clock()
        if pause > LONGEST_PAUSE:
            raise DeferError(math.ceil(pause.total_seconds()), f"{self.channel} asked for time")
        if pause > timedelta(0):
            self.sleep(pause.total_seconds())
        self._keep()

    def answered(self, pace: timedelta | None = None) -> None:
        """The channel has answered. From here the next send is a pace away: nobody knows when it took this one."""
        self.not_before = max(self.not_before, self.clock() + (pace or self.pace))

    def hold_back(self, seconds: float) -> None:
        """The channel asked for time: whoever has the turn next waits too."""
        self.not_before = self.clock() + timedelta(seconds=seconds)
        self._keep()

    def end(self) -> None:
        """Whoever dies before this leaves the turn taken until its lease ends, which is longer than any pace."""
        self.turns.end(self.channel, owner=self.owner, now=self.clock(), not_before=self.not_before)

    def _keep(self) -> None:
        if not self.turns.renew(self.channel, owner=self.owner, now=self.clock(), not_before=self.not_before):
            raise DeferError(1, f"the turn of {self.channel} has passed to another")


def take_lease(
    turns: ChannelLeases, channel: str, pace: timedelta, owner: str, clock: Clock, sleep: Sleep
) -> ChannelLease | None:
    """The turn of a channel, asked for until patience ends; None if another keeps it."""
    give_up = clock() + PATIENCE
    while (slot := turns.take(channel, owner=owner, now=clock())) is None:
        if clock() >= give_up:
            return None
        sleep(ASK_EVERY_S)
    return ChannelLease(turns, channel, owner, pace, slot.not_before, clock, sleep)
