"""The people whom the operator names in a command."""

from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.domain.destination import direct
from braket_notifier.domain.policy import Person
from braket_notifier.routing.owners import unreachable
from braket_notifier.text.wording import folded


def destination_in(place: Installation, channel: str, name: str) -> str:
    """The channel, or the person in it; CommandError for a person whom it does not reach."""
    if not name:
        return channel
    if channel not in place.policy.to_owner:
        known = ", ".join(place.policy.to_owner) or "none"
        raise CommandError(f"{channel} does not write to owners, so it has no people; channels that do: {known}")
    person = person_named(place, name)
    if reason := unreachable(person, channel, place.policy):
        raise CommandError(f"{channel} does not reach {person.name}: {reason}")
    return direct(channel, person.name)


def person_named(place: Installation, name: str) -> Person:
    """The person of the settings with this name, in any case; CommandError without one."""
    people = place.policy.people
    found = next((each for each in people if folded(each.name) == folded(name)), None)
    if found is None:
        raise CommandError(f"{name} is not in [[people]]: {', '.join(each.name for each in people) or 'nobody is'}")
    return found
