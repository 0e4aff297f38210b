"""Which channel gets a channel's notifications while that one is down."""

from collections.abc import Mapping

from braket_notifier.settings.schema import Table, channels_of

FALLBACK = "fallback"
#: The value that refuses a fallback.
NOBODY = "nobody"
#: Each type of channel that people read, and the type of its fallback unless the settings name one.
PEOPLE = {"slack": "email", "email": "slack"}


def fallbacks(channels: Table) -> Mapping[str, str]:
    """Map each channel to its fallback: the named one, otherwise the first of the other type; nobody's is left out."""
    first = {kind: next(iter(channels_of(channels, other)), NOBODY) for kind, other in PEOPLE.items()}
    people = channels_of(channels, *PEOPLE)
    found = {name: str(channels[name].get(FALLBACK, first[channels[name]["type"]])) for name in people}
    return {name: fallback for name, fallback in found.items() if fallback != NOBODY}
