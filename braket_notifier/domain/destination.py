"""Destinations: a channel, or one person in a channel that writes to owners, as `CHANNEL#PERSON`."""

#: Separates the person from the channel; neither name contains it.
SEPARATOR = "#"


def direct(channel: str, person: str) -> str:
    """The destination of one person in a channel."""
    return f"{channel}{SEPARATOR}{person}"


def channel_of(destination: str) -> str:
    """The channel of a destination, whose queue, function and role all of its people share."""
    return destination.partition(SEPARATOR)[0]


def in_words(destination: str) -> str:
    """A destination as commands print it."""
    return destination.replace(SEPARATOR, " for ", 1)


def person_of(destination: str) -> str:
    """The name of the person; empty for a channel that several people read."""
    return destination.partition(SEPARATOR)[2]
