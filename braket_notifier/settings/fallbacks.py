"""Which channel gets a channel's notifications while that one is down."""

from collections.abc import Mapping

from braket_notifier.settings.schema import CHATS, Table, direct_of, shared_of

FALLBACK = "fallback"
#: The value that refuses a fallback.
NOBODY = "nobody"
#: Each type of channel that people read, and the types of its fallback unless the settings name one.
PEOPLE: Mapping[str, tuple[str, ...]] = {**dict.fromkeys(CHATS, ("email",)), "email": ("slack", "teams", "discord")}


def fallbacks(channels: Table) -> Mapping[str, str]:
    """Map each channel to its fallback: the named one, otherwise the first of the other type; nobody's is left out."""
    first = {kind: next(iter(shared_of(channels, *others)), NOBODY) for kind, others in PEOPLE.items()}
    people = shared_of(channels, *PEOPLE)
    found = {name: str(channels[name].get(FALLBACK, first[channels[name]["type"]])) for name in people}
    return {name: fallback for name, fallback in found.items() if fallback != NOBODY}


def of_people(channels: Table) -> Mapping[str, tuple[str, ...]]:
    """Map each channel that writes to owners to the one with their other address, and the team's for all others."""
    team = next(iter((*shared_of(channels, "slack"), *shared_of(channels, "email"))), NOBODY)
    found = {name: str(channels[name].get(FALLBACK, team)) for name in direct_of(channels, *PEOPLE)}
    others = {name: direct_of(channels, *PEOPLE[channels[name]["type"]])[:1] for name in found}
    return {name: (*others[name], *([last] if last != NOBODY else [])) for name, last in found.items()}
