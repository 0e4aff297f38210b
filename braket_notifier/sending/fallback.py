"""Whether a notification that its channel cannot send now is passed on to the channel's fallback: pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from braket_notifier.domain.announcement import UNREACHABLE, announcement, arn_of
from braket_notifier.domain.destination import channel_of, person_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Snapshot
from braket_notifier.sending.health import Cause, Health
from braket_notifier.text.json_fields import iso

#: A notification waits so long for the end of an outage that nobody can mend before the fallback gets it.
OUTAGE_WAIT = timedelta(hours=3)
#: The fallback is sent once in this time that the channel cannot be reached.
ANNOUNCED_EVERY = timedelta(hours=24)
#: Outages that begin within one such part of a day are announced once, because a channel may refuse new messages and
#: accept edits, so that each edit ends an outage.
ONE_ANNOUNCEMENT = timedelta(hours=6)
#: The tag of an announcement that has the cause.
CAUSE = "cause"


def passes_on(notification: Notification, health: Health, now: datetime, *, refused: bool) -> bool:
    """Whether the fallback gets the notification while the channel is down, or its person was `refused`.

    A silent one and a refresh only change cards that the fallback does not have. What a channel that several people
    read passed on is never passed on again, so no two channels send it to and fro; what a person's address passed on
    may meet another one that refuses. The command `test` asks about one channel.
    """
    goes_no_further = notification.passed_from and not person_of(notification.passed_from)
    if notification.silent or notification.refresh or goes_no_further or notification.transition.arn.invented:
        return False
    if refused:
        return True
    waited = health.tried_for(notification.transition.at, now)
    return health.closed and (health.cause == "mendable" or waited > OUTAGE_WAIT)


def for_team(notification: Notification, name: str) -> Notification:
    """Leave a person's notification its name and its status, because the whole team reads the fallback."""
    transition = notification.transition
    kept = _for_team(transition.snapshot, name)
    return replace(notification, transition=replace(transition, snapshot=kept, running_at=None))


def is_for_team(notification: Notification) -> bool:
    """Whether the notification is a person's, and a channel that several people read gets its name and status alone."""
    if not notification.passed_from or person_of(notification.channel):
        return False
    return is_bare(notification.transition.snapshot) or bool(person_of(notification.passed_from))


def is_bare(snapshot: Snapshot) -> bool:
    """Whether it has name and status alone, which is all that the whole team gets of a person's task or job."""
    return snapshot == _for_team(snapshot, snapshot.tags.get("Name", ""))


def _for_team(snapshot: Snapshot, name: str) -> Snapshot:
    return Snapshot(snapshot.arn, snapshot.status, ended_at=snapshot.ended_at, tags={"Name": name})


def announcement_due(health: Health, now: datetime) -> datetime | None:
    """Return the time of the outage that is to be announced: its begin, and a day after it, and so on.

    None while the channel is not down, and if that time was announced before.
    """
    if health.down_since is None:
        return None
    due = health.down_since + (now - health.down_since) // ANNOUNCED_EVERY * ANNOUNCED_EVERY
    return due if health.announced_at is None or health.announced_at < due else None


def unreachable(
    notification: Notification, fallback: str, health: Health, due: datetime, now: datetime, home: str
) -> Notification:
    """Announce to the fallback that the notification's channel cannot be reached, until it is announced again.

    Its resource stands for the channel and its status for the part of the day, so that the fallback's ledger sends it
    once.
    """
    channel = channel_of(notification.channel)
    snapshot = Snapshot(
        arn_of(f"channel-{channel}", home),
        status="CREATED",
        created_at=health.down_since,
        ended_at=due + ANNOUNCED_EVERY,
        failure_reason=health.reason,
        tags={CAUSE: health.cause},
    )
    part_s = int(ONE_ANNOUNCEMENT.total_seconds())
    status = f"{UNREACHABLE} {iso(datetime.fromtimestamp(int(due.timestamp()) // part_s * part_s, UTC))}"
    return replace(announcement(snapshot, status, fallback, at=now), passed_from=channel)


def cause_of(snapshot: Snapshot) -> Cause:
    """Return why the channel of an announcement is down."""
    cause = snapshot.tags.get(CAUSE)
    return "mendable" if cause == "mendable" else "later"
