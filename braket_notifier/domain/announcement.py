"""Notifications of the notifier's own, in the form of others, so that the same ledger sends each of them once."""

from datetime import datetime

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.reminder import REMINDERS
from braket_notifier.domain.resource import Arn, Snapshot, parse_arn
from braket_notifier.domain.spending import SPENDING
from braket_notifier.domain.transition import Transition

#: The status of a channel that cannot be reached, announced once a day; its time follows it.
UNREACHABLE = "UNREACHABLE"
#: The status of the line that proves each week that the notifier works; its ISO week follows it.
WEEK = "WEEK"
#: The status of the page about a month's costs; the month follows it.
MONTH = "MONTH"
#: The status of a word of a tag that is unknown.
UNKNOWN_WORD = "UNKNOWN_WORD"
STATUSES = frozenset({UNREACHABLE, WEEK, MONTH, UNKNOWN_WORD, *REMINDERS, *SPENDING})
#: The account in the ARN of an announcement, which no account has.
NO_ACCOUNT = "0" * 12
#: Tags of the weekly line with its figures; each further tag is a trouble in words.
ENDED, FAILED, UNDELIVERED = "ended", "failed", "undelivered"
#: Tags of an unknown word: the resource's tag that has it, the word, and the resource's ARN. AWS allows no such keys.
TAG, WORD, OF = "#tag", "#word", "#of"


def is_announcement(status: str) -> bool:
    """Whether the status is an announcement's; what may follow distinguishes it from the next one."""
    return status.partition(" ")[0] in STATUSES


def is_unreachable(status: str) -> bool:
    """Whether the status announces that a channel cannot be reached."""
    return status.partition(" ")[0] == UNREACHABLE


def arn_of(subject: str, region: str) -> Arn:
    """Return the ARN that stands for a subject of announcements, such as a channel."""
    return parse_arn(f"arn:aws:braket:{region}:{NO_ACCOUNT}:quantum-task/{subject}")


def announcement(snapshot: Snapshot, status: str, channel: str, *, at: datetime | None = None) -> Notification:
    """Announce once for each status; after the snapshot's `ended_at` it comes too late and is left out."""
    return Notification(Transition(snapshot, status, None, at, None, version=1, source="sweep"), channel)
