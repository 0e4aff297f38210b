"""The keys of groups: which notifications one message may show; pure."""

import re
from datetime import datetime, timedelta
from hashlib import sha256

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import LONGEST_TAG, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.routing.owners import owner

#: The keys of two groups of each channel: late news, and what its quiet hours or a mute held.
AWAY, QUIET = "away", "quiet"
LATE = {AWAY, QUIET}
#: Under this key a channel's single failure messages are counted, whatever group they belong to.
FAILURES = "failures"
#: Under this key the announcements of unknown words are counted.
WORDS = "words"
#: The key of the group that shows what exceeds the new messages of its channel.
MANY = "many"
#: The keys of groups that count in place of others which only a newer version can read, as after a rollback.
STANDS_IN = {each: f"{each} after a rollback" for each in (FAILURES, WORDS, MANY)}
OF_MANY = {MANY, STANDS_IN[MANY]}
#: The bucket and folder in which Amazon's SDK puts results unless its user names others, so they are nobody's.
_DEFAULT_BUCKET, _DEFAULT_FOLDER = "amazon-braket-", "tasks"


def key_of(transition: Transition, policy: Policy) -> str:
    """Its hybrid job, else the reservation that left it over, its batch, or whose it is and its device."""
    snapshot = transition.snapshot
    if transition.left_over and snapshot.part_of == snapshot.reservation:
        return f"reservation {snapshot.reservation}"
    if snapshot.open_in.startswith("device "):
        return f"{snapshot.open_in} of {whose(transition, policy)}"
    return snapshot.open_in


def is_late(transition: Transition, policy: Policy, now: datetime) -> bool:
    """Too old to be news, because the channel or the notifier was away."""
    at = transition.at or transition.snapshot.ended_at
    return at is not None and now - at > timedelta(seconds=policy.stale_after_s)


def is_whole(key: str) -> bool:
    """Whether a hybrid job or a batch belongs together, so that its end is awaited as a whole."""
    return key.startswith(("job ", "batch "))


def reservation_of(key: str) -> str:
    """The ARN of the reservation that left a group over; empty for any other group."""
    arn = key.removeprefix("reservation ")
    return arn if arn != key and arn.startswith("arn:") else ""


def whose(transition: Transition, policy: Policy) -> str:
    """Name the owner, or the place of the results that stands for an unknown one; empty for the SDK's own place."""
    person = owner(transition.snapshot, policy)
    return person.name if person else _place(transition.snapshot)


def _place(snapshot: Snapshot) -> str:
    """Return the bucket and the folder above the task's own, whose last part tells the most."""
    bucket, folder = snapshot.bucket, snapshot.directory.strip("/").rpartition("/")[0]
    if not bucket or (bucket.startswith(_DEFAULT_BUCKET) and folder == _DEFAULT_FOLDER):
        return ""
    return f"{bucket}/{folder}".rstrip("/")[-LONGEST_TAG:]


def is_thread(key: str) -> bool:
    return key.startswith("thread ")


def thread_key(transition: Transition) -> str:
    """Under this key the tasks of one hybrid job that failed for the same reason are counted, whatever its numbers."""
    snapshot = transition.snapshot
    alike = re.sub(r"[0-9a-f]*[0-9][0-9a-f]*", "#", snapshot.failure_reason)
    reason = sha256(f"{transition.status} {alike}".encode()).hexdigest()[:16]
    return f"thread {snapshot.job_arn} {reason}"


def is_job_task(notification: Notification) -> bool:
    """Whether a hybrid job shows this task of its own."""
    return notification.silent and bool(notification.transition.snapshot.job_arn)
