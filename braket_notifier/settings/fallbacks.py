"""Which channel gets a channel's notifications while that one is down."""

from collections.abc import Mapping

from braket_notifier.settings.schema import Table, channels_of

FALLBACK = "fallback"
#: The value that refuses a fallback.
NOBODY = "nobody"
#: For each type of channel that people read, the type of its fallback unless the settings name one.
_OTHER = {"slack": "email", "email": "slack"}


def fallbacks(channels: Table) -> Mapping[str, str]:
    """Map each channel that people read to its fallback or NOBODY; unless it is named, the first of the other type."""
    first = {kind: next(iter(channels_of(channels, other)), NOBODY) for kind, other in _OTHER.items()}
    people = channels_of(channels, *_OTHER)
    return {name: str(channels[name].get(FALLBACK, first[channels[name]["type"]])) for name in people}
