"""When many notifications become one message: the group they belong to, and what is told of it. Pure."""

from dataclasses import dataclass
from typing import Literal

from braket_notifier.domain.resource import Children
from braket_notifier.domain.transition import Transition

#: Why a digest is told: more ended than are told singly, a channel was away for long, or quiet hours held it.
Occasion = Literal["many", "away", "quiet"]
#: No more that are still open are counted: to people it is all the same, and each is read.
MOST_COUNTED = 500


@dataclass(frozen=True, slots=True)
class Digest:
    """What one message tells of many transitions of one group, oldest first."""

    #: The group in people's words: a hybrid job's name, a batch, or "Anna on IQM Garnet".
    title: str
    transitions: tuple[Transition, ...]
    occasion: Occasion = "many"
    #: How many resources of the group are still open, up to the most that are counted; None where nobody knows.
    open: int | None = None
    #: The group is finished, or its window is over: nothing more is added to this one.
    closing: bool = False
    #: A batch tag's value, for the command that lists all of it; empty for any other group.
    batch: str = ""
    #: How all quantum tasks of a reservation stand, if somebody counted them.
    reservation: Children | None = None
    #: The ids of the notifications that this message is the first to tell.
    news: tuple[str, ...] = ()
