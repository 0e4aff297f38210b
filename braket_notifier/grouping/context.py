"""The ports of a channel that people read, and its sender."""

from dataclasses import dataclass, field

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.program_set import ReadFailures, no_failures
from braket_notifier.grouping.ports import Cards, CloseTimer, EditableChannel, Groups, HumanChannel
from braket_notifier.sending.claims import Sender
from braket_notifier.tracking.ports import Counts


@dataclass(frozen=True, slots=True)
class GroupingPorts:
    """What a channel that people read has besides: groups and cards, and its own queue for what comes later."""

    channel: HumanChannel
    #: The same channel, where its messages can be edited.
    editable: EditableChannel | None
    groups: Groups
    cards: Cards
    close_timer: CloseTimer
    policy: Policy
    counts: Counts
    #: Reads which executables of a quantum task failed.
    read_failures: ReadFailures = no_failures


@dataclass(frozen=True, slots=True)
class HumanSender(Sender):
    """The sender of a channel that people read: it groups notifications into messages."""

    ports: GroupingPorts = field(kw_only=True)
