"""The person who owns a resource, and the channels that reach a person."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from braket_notifier.domain.destination import direct, person_of
from braket_notifier.domain.policy import Person, Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.text.wording import clean, composed, folded


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of a resource. `slack` is set only if the settings let this message mention the owner."""

    name: str
    slack: str = ""


_SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,20}")


def owner(snapshot: Snapshot, policy: Policy, channel: str = "", *, failed: bool = False) -> Owner | None:
    """Return the first person who owns the resource. `slack` is set as the settings say for the channel."""
    person = owning(snapshot, policy)
    if person is None:
        return None
    wanted = policy.mentions.get(channel, "nobody")
    mentioned = wanted == "all" or (wanted == "failures" and failed)
    return Owner(clean(person.name), person.slack if mentioned and has_slack(person) else "")


def owning(snapshot: Snapshot, policy: Policy) -> Person | None:
    """Return the first person who owns the resource; a tag or a place in S3 decides before the submitter."""
    person = next((each for each in policy.people if any(_owns(rule, snapshot) for rule in each.owns)), None)
    return person or next((each for each in policy.people if _submitted(each, snapshot)), None)


def has_slack(person: Person) -> bool:
    return bool(_SLACK_ID.fullmatch(person.slack))


def _submitted(person: Person, snapshot: Snapshot) -> bool:
    """Whether the person signed in under the submitter's name; an e-mail address has no upper and lower case."""
    names = map(folded, person.signs_in_as)
    return bool(snapshot.submitter) and folded(snapshot.submitter) in names


def unreachable(person: Person, channel: str, policy: Policy) -> str:
    """Return why a channel that writes to owners cannot write to the person; empty if it can."""
    if policy.channels[channel] == "slack":
        return "" if has_slack(person) else f"{clean(person.name)} has no Slack ID in the settings"
    return "" if person.email_digest else f"{clean(person.name)} has no e-mail address in the settings"


def recipient(destination: str, policy: Policy) -> Person | None:
    """Return the person of a destination; None if the settings have no such person any more."""
    return next((each for each in policy.people if each.name == person_of(destination)), None)


def destinations(channel: str, policy: Policy) -> tuple[str, ...]:
    """Return the channel, or where it writes to owners one destination for each person whom it reaches."""
    if channel not in policy.to_owner:
        return (channel,)
    return tuple(direct(channel, each.name) for each in policy.people if not unreachable(each, channel, policy))


def fallback_of(destination: str, channels: Sequence[str], policy: Policy) -> str:
    """Return the first of the channels that reaches the person, as a destination; a shared one reaches everybody."""
    person = recipient(destination, policy)
    for each in channels:
        if each not in policy.to_owner:
            return each
        if person and not unreachable(person, each, policy):
            return direct(each, person.name)
    return ""


def first_channel(person: Person, policy: Policy) -> str:
    """Return the first channel that writes to owners and reaches the person; empty without one."""
    return next((each for each in policy.to_owner if not unreachable(person, each, policy)), "")


def _owns(rule: str, snapshot: Snapshot) -> bool:
    """Match `tag:owner=anna`, or `s3:BUCKET/PREFIX` with `*` for any text."""
    kind, _, pattern = rule.partition(":")
    if kind == "tag":
        key, _, value = pattern.partition("=")
        return key in snapshot.tags and fnmatchcase(composed(snapshot.tags[key]), composed(value))
    place = f"{snapshot.bucket}/{snapshot.directory}/"
    return kind == "s3" and bool(snapshot.bucket) and fnmatchcase(composed(place), composed(pattern))
