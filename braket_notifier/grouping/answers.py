"""The questions and answers of grouping's decisions, and every reason for an answer."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from braket_notifier.domain.notification import Notification
from braket_notifier.grouping.digests import Counted


class Reason(Enum):
    """Why a notification was sent, waits, or is not sent by itself; logs have the name, `explain` the sentence too."""

    OWN = "belongs to the group of its hybrid job, reservation, batch, or owner (else results' folder) and device"
    JOB_TASK = "a hybrid job's own task is shown in the thread of the job's card"
    QUIET_HOURS = "quiet hours or a mute hold the channel's notifications"
    QUIET_ENDED = "quiet hours or a mute are over, and one digest shows what they held"
    LATE = "too old to be news, so one digest shows it with everything else that is late"
    PASSED_ON = "the channel's fallback has it already, so one digest shows it with everything else that is late"
    SILENT = "a silent status posts or edits the resource's card without an announcement"
    FIRST = "one of the first messages of its group within the window"
    FIRST_FAILURE = "the first failure since the group's card was opened, or one that quiet hours let pass"
    FAILURE_OPENS = "a failure opens the group's card at once"
    BURST = "the group has had its single messages, so more is collected for one message"
    NEXT_EDIT = "the group's card is edited once in an interval"
    NEXT_DIGEST = "the channel gets one digest of the group in an interval"
    FLOOD = "the channel has had too many new messages, so one card shows the rest"
    FLOOD_SILENT = "a silent status posts no card while the channel has too many new messages"
    NO_CARD = "a silent status only edits a card that exists, because a direct message has no other reader"
    RETRY = "the channel did not accept the group's last message"
    JOB_CARD_COMING = "the hybrid job's card may still be posted"
    JOB_END_COMING = "the channel is to be notified of the hybrid job's end before the line about its last tasks"
    NO_THREAD = "the channel has no card of the hybrid job"
    NO_LONGER_ROUTED = "the settings ceased to send it to the channel while it waited"
    ENOUGH_ALIKE = "the thread shows enough tasks that failed for the same reason"
    LAST_COMING = "nothing of the group is open, and its last ends are collected for the closing message"
    SWEEP_COMING = "nothing of the group seems open, and a sweep will show it before the message is late"
    LAST_OF_GROUP = "nothing of the group is open"
    WINDOW_ENDED = "nothing was added to the group for its window"
    OWED = "the card's edits are announced, because each may be about somebody else's tasks"
    STILL_GROWING = "something was added to the group within its window"
    CLOSED_BEFORE = "the group's card was closed before"
    CLAIMED_ELSEWHERE = "another delivery holds the claim"
    SHOWN_BEFORE = "everything in the group was shown before"
    NOTHING_SHOWN = "the group closes without a message because nothing of it was shown"
    CARD_GONE = "the card cannot be edited any more"


@dataclass(frozen=True, slots=True)
class GroupKey:
    """The group of a notification; `until`: the end of what holds it."""

    name: str
    reason: Reason
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SendNow:
    """Send the notification as a message of its own."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Wait:
    """Let it wait; `if_last` is the answer if nothing of the group is open, which is counted only if it is set."""

    until: datetime
    reason: Reason
    if_last: "Wait | None" = None


@dataclass(frozen=True, slots=True)
class Flush:
    """Send the group's message now."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class InThread:
    """Reply in the thread of the hybrid job's card."""

    place: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class LeaveToJob:
    """Send nothing, because the hybrid job's own message counts the task."""

    reason: Reason


#: The decision about a notification that arrives.
Arrival = SendNow | Wait | Flush | InThread | LeaveToJob


@dataclass(frozen=True, slots=True)
class Edit:
    """Edit the group's card; `ends`: it shows the group as ended; `closes`: a new episode follows."""

    place: str
    reason: Reason
    ends: bool
    closes: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """Edit the card and announce beside it what is new or owed; the members are those of `Edit`."""

    place: str
    reason: Reason
    ends: bool
    closes: bool


@dataclass(frozen=True, slots=True)
class Post:
    """Post the group's card or digest; the members are those of `Edit`."""

    reason: Reason
    ends: bool
    closes: bool


@dataclass(frozen=True, slots=True)
class Close:
    """Begin a new episode without a message."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Nothing:
    """Send nothing."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class News:
    """A notification that arrives, and what is read for its sake."""

    notification: Notification
    key: GroupKey
    #: Single failure messages of the channel in the last minutes.
    failures: int = 0
    #: Where the card of its hybrid job stands.
    job_card: str = ""
    #: Whether its hybrid job is open, if it has waited for the job's card for a while.
    job_open: bool = False
    #: The settings ceased to send it while it waited.
    unrouted: bool = False
    #: How often the line about a hybrid job's last tasks has looked for the job's end; 0: it awaits none.
    looks: int = 0
    #: Quiet hours let it pass, but not the last message of a card.
    passes: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The findings of a flush. Before the claims `news` is all that waits, after them all that was claimed."""

    why: Reason
    #: Something waited before this flush.
    waited: bool
    counted: Counted
    shown: tuple[Notification, ...] = ()
    news: tuple[Notification, ...] = ()
    #: The notifications that the settings ceased to send while they waited, each with the reason.
    unrouted: tuple[tuple[Notification, str], ...] = ()
    #: More waits than may be sent or could be claimed.
    rest: bool = False
    #: Enough of a batch's tasks failed to warn of it before its end.
    failing: bool = False
    #: The end of a hold of the channel, except for statuses that pass; if all that waits is held, of the first one.
    held_until: datetime | None = None
    #: The claims were made, so that nothing may wait any more.
    claimed: bool = False
    #: The channel's fallback has some of it already.
    passed_on: bool = False
