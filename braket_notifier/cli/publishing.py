"""Publishes settings, mutes and reservations, which a deployed notifier follows within a minute."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from braket_notifier.adapters.dynamodb.published import MOST, DynamoPublished, OutrunError
from braket_notifier.cli.in_force.state import KEYS, InForce
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.domain.destination import channel_of
from braket_notifier.domain.notification import Wake
from braket_notifier.domain.policy import MACHINES, Reservation
from braket_notifier.routing.owners import destinations
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.routing.published import LOOK_EVERY_S, Origin, Published
from braket_notifier.settings.keys import Change, changes, is_pushed
from braket_notifier.settings.notifier_toml import Settings

#: Seconds after which every function has read what was published.
WOKEN_AFTER_S = LOOK_EVERY_S + 10


def document_of(settings: Settings) -> str:
    """The published document: the policy, and the pushed keys of the file, so that others see the difference."""
    pushed = {key: value for key, value in settings.keys.items() if is_pushed(key)}
    document = json.dumps({**settings.policy(), KEYS: pushed})
    if (size := len(document.encode())) > MOST:
        raise CommandError(f"the settings have {size:,} bytes; {MOST:,} can be published")
    parse_policy(json.loads(document))
    return document


def to_push(place: Installation, seen: InForce) -> list[Change]:
    """The changes that a push would make. CommandError names every key that only a deployment changes."""
    others = [each for each in changes(seen.deployed, place.settings.keys) if not is_pushed(each.key)]
    if others:
        lines = "; ".join(line for each in others for line in each.lines())
        raise CommandError(f"only `braket-notifier deploy` changes {', '.join(each.key for each in others)} ({lines})")
    return changes(seen.keys, place.settings.keys)


def push(place: Installation, seen: InForce, by: Origin) -> Published:
    """Publish the policy of the settings over the deployment; CommandError if the row changed since it was read."""
    to_push(place, seen)
    document = document_of(place.settings)
    changed = _replace(place, replace(seen.published, base=seen.deployment, document=document, origin=by))
    wake(place, place.policy.channels)
    return changed


def mute(place: Installation, channel: str, until: datetime) -> Published:
    """Hold the channel's notifications until then, and send them as a digest; CommandError for machines."""
    place.queue_of(channel_of(channel))
    if place.policy.channels[channel_of(channel)] in MACHINES:
        raise CommandError(f"{channel} is for machines; only a channel that people read can be muted")
    changed = _change(place, lambda last: replace(last, muted_until={**last.muted_until, channel: until}))
    wake(place, [channel])
    return changed


def unmute(place: Installation, channel: str) -> Published:
    place.queue_of(channel_of(channel))

    def without(last: Published) -> Published:
        return replace(last, muted_until={name: at for name, at in last.muted_until.items() if name != channel})

    changed = _change(place, without)
    wake(place, [channel])
    return changed


def reserve(place: Installation, booked: Reservation, now: datetime) -> Published:
    """Keep a reservation in the place of an earlier one of its ARN; those that are over are forgotten."""
    return _change(
        place, lambda last: replace(last, reserved=(*_others(last, booked.arn or booked.device, now), booked))
    )


def release(place: Installation, arn: str, now: datetime) -> Published:
    """Forget the reservation of an ARN; CommandError if the command `reserve` has none of it."""

    def without(last: Published) -> Published:
        kept = _others(last, arn, now)
        if arn not in {name for each in last.reserved for name in (each.arn, each.device)}:
            raise CommandError(f"`reserve` has no reservation of {arn}; [[reservations]] of a file end there")
        return replace(last, reserved=kept)

    return _change(place, without)


def _others(last: Published, arn: str, now: datetime) -> tuple[Reservation, ...]:
    return tuple(each for each in last.reserved if each.ends > now and arn not in (each.arn, each.device))


def wake(place: Installation, channels: Iterable[str]) -> None:
    """Enqueue a wake for each of these channels that people read, delayed until its function has read the policy."""
    people = [name for name in channels if place.policy.channels[channel_of(name)] not in MACHINES]
    place.queues.wake(_wakes(place, people, mended=False), WOKEN_AFTER_S)


def wake_mended(place: Installation, channels: Iterable[str]) -> None:
    """Let channels that are down try again at once, because their cause may have ended."""
    place.queues.wake(_wakes(place, channels, mended=True))


def _wakes(place: Installation, channels: Iterable[str], *, mended: bool) -> list[Wake]:
    deployed, now = place.channel_queues.keys(), datetime.now(UTC)
    reached = (each for name in channels if channel_of(name) in deployed for each in destinations(name, place.policy))
    return [Wake(each, now, mended=mended) for each in reached]


def _change(place: Installation, change: Callable[[Published], Published]) -> Published:
    return _replace(place, change(_store(place).read()))


def _replace(place: Installation, published: Published) -> Published:
    try:
        return _store(place).replace(published)
    except OutrunError as error:
        raise CommandError(f"{error}: nothing was changed, try again") from error


def _store(place: Installation) -> DynamoPublished:
    return DynamoPublished(place.table("Snapshots"))
