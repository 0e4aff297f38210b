"""The content of one message about many transitions of a group."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from braket_notifier.domain.resource import Children
from braket_notifier.domain.transition import Transition

#: Reason of a digest: too many transitions for single messages, a long outage of the channel, or quiet hours.
Occasion = Literal["many", "away", "quiet"]
#: Open resources that are counted at most, because each costs a read; beyond it messages say "or more".
MOST_COUNTED = 500


@dataclass(frozen=True, slots=True)
class Digest:
    """The content of one message about many transitions of one group, oldest first."""

    #: Name of the group: a hybrid job's name, a batch, or "Anna on IQM Garnet".
    title: str
    transitions: tuple[Transition, ...]
    occasion: Occasion = "many"
    #: Open resources of the group, at most MOST_COUNTED; None if they were not counted.
    open: int | None = None
    #: True if the group is finished or its window is over; later transitions belong to the next digest.
    closing: bool = False
    #: Value of the tag `batch`, for the command that lists the batch; empty for any other group.
    batch: str = ""
    #: Counts of all quantum tasks of the reservation, if they were read.
    reservation: Children | None = None
    #: Ids of the notifications that this message is the first to deliver.
    news: tuple[str, ...] = ()
    #: The notifications that one line beside the group's card announces; empty for the card itself and for a message
    #: without a card.
    announced: tuple[Transition, ...] = ()
    #: True if enough of the batch's tasks failed to warn of it.
    failing: bool = False
    #: False if the channel's fallback has some of it already, so that nobody is mentioned again.
    mentions: bool = True
    #: Each batch that ended in a message about several groups, with all of it that the destination was sent.
    finished: tuple[tuple[Transition, ...], ...] = ()
    #: Time of the message, which decides which times need their day.
    as_of: datetime | None = None
