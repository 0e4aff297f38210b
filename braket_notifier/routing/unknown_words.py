"""Words of the tags `notify` and `notify-on` that are unknown, where no message about their resource says so; pure."""

from datetime import timedelta
from hashlib import sha256

from braket_notifier.domain.announcement import OF, TAG, UNKNOWN_WORD, WORD, announcement, arn_of
from braket_notifier.domain.destination import channel_of, direct
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import MACHINES, Policy
from braket_notifier.domain.resource import TERMINAL_RANK, Snapshot, rank_of
from braket_notifier.domain.transition import Transition
from braket_notifier.routing.owners import first_channel, owning
from braket_notifier.routing.routes import ignored, notifications
from braket_notifier.routing.tags import unknown
from braket_notifier.text.wording import folded

#: A resource may have any number of unknown words, of which so many are announced.
MOST_WORDS = 3
#: The time after the end in which a word is worth a message.
WORTH = timedelta(hours=72)


def unknown_words(transition: Transition, policy: Policy) -> tuple[Notification, ...]:
    """Announce the unknown words of an end of which people get no message: to its owner, otherwise to the team.

    The resource of such an announcement stands for the word, so that the ledger sends it once.
    """
    snapshot = transition.snapshot
    is_end = rank_of(transition.status, snapshot.ended_at) == TERMINAL_RANK and not transition.beside_card
    words = unknown(snapshot, policy)[:MOST_WORDS] if is_end else []
    to = _reader(snapshot, policy)
    if not words or not to or ignored(transition, policy) or _is_sent(transition, policy):
        return ()
    return tuple(_announced(tag, word, to, transition, policy) for tag, word in words)


def _is_sent(transition: Transition, policy: Policy) -> bool:
    """Whether people get a message, which shows the words."""
    return any(policy.channels[channel_of(each.channel)] not in MACHINES for each in notifications(transition, policy))


def _reader(snapshot: Snapshot, policy: Policy) -> str:
    owner = owning(snapshot, policy)
    if owner and (own := first_channel(owner, policy)):
        return direct(own, owner.name)
    shared = [name for name in policy.channels if name not in policy.to_owner]
    wanted = ("slack", "teams", "discord", "email", "webhook")
    return next((name for kind in wanted for name in shared if policy.channels[name] == kind), "")


def _announced(tag: str, word: str, to: str, transition: Transition, policy: Policy) -> Notification:
    snapshot, at = transition.snapshot, transition.at or transition.snapshot.ended_at
    key = sha256(folded(f"{tag} {word}").encode()).hexdigest()[:16]
    named = {each: snapshot.tags[each] for each in ("Name", "batch") if each in snapshot.tags}
    about = Snapshot(
        arn_of(f"word-{key}", policy.regions[0]),
        status="CREATED",
        ended_at=at + WORTH if at else None,
        directory=snapshot.directory,
        job_name=snapshot.job_name,
        tags={**named, TAG: tag, WORD: word, OF: snapshot.arn.text},
    )
    return announcement(about, UNKNOWN_WORD, to, at=at)
