"""The person whom a message names or mentions, and why somebody else receives it; pure."""

from collections.abc import Sequence
from dataclasses import replace

from braket_notifier.domain.destination import person_of
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.reminder import OWNERS, reminder_of
from braket_notifier.domain.transition import Transition
from braket_notifier.routing.owners import Owner, owner, owning
from braket_notifier.routing.routes import notified_directly
from braket_notifier.routing.tags import naming
from braket_notifier.text.wording import clean


def shown_owner(transition: Transition, policy: Policy, channel: str, *, failed: bool) -> Owner | None:
    """Return the owner, or several, as the channel shows them: not to a person, unmentioned if notified directly."""
    if person_of(channel):
        return None
    if reminder_of(transition.status) and (several := transition.snapshot.tags.get(OWNERS)):
        return Owner(clean(several))
    found = owner(transition.snapshot, policy, channel, failed=failed)
    person = owning(transition.snapshot, policy)
    is_notified = found and found.slack and person and person.name in notified_directly(transition, policy)
    return replace(found, slack="") if found and is_notified else found


def why_received(transitions: Sequence[Transition], policy: Policy, channel: str) -> str:
    """Return the line for a person whom only a tag names; empty for an owner and in a channel that several read."""
    reason = naming([each.snapshot for each in transitions], person_of(channel), policy) if person_of(channel) else ""
    return f"You are {reason}." if reason else ""
