"""The check of valid settings for values and files that a deployment needs."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from braket_notifier.settings.handlers import missing_handlers, missing_packages
from braket_notifier.settings.mistakes import Mistake, shown
from braket_notifier.settings.schema import SCHEMA_PATH, Table, channels_of, texts

#: The settings to start from, equal to the clone's notifier.toml.
TEMPLATE = SCHEMA_PATH.with_name("notifier.toml")
#: The keys of a channel whose example values reach nobody.
_KEYS = ("channel", "to")


def unfinished(document: Table, custom: Path | None) -> Iterator[Mistake]:
    """Example values of the template, and handlers without their file in the folder `custom`, if there is one."""
    channels: Table = document.get("channels", {})
    template = tomllib.loads(TEMPLATE.read_text(encoding="utf-8"))["channels"]
    examples = {value for channel in template.values() for key in _KEYS for value in texts(channel, key)}
    for name, channel in channels.items():
        for key in _KEYS:
            for value in texts(channel, key):
                if value in examples:
                    problem = f"{shown(value)} is still the template's example"
                    yield Mistake(("channels", name, key), f"{problem}; `braket-notifier init` asks for your own")
    if custom:
        digests = {name: channels[name].get("digest") is True for name in channels_of(channels, "handler")}
        yield from missing_handlers(digests, custom)
        yield from missing_packages(digests, custom)


def unrouted(document: Table) -> list[str]:
    """The channels that no route names, which only a tag `notify` reaches."""
    routed = {channel for route in document.get("routes", ()) for channel in route.get("to", ())}
    return [name for name in document.get("channels", {}) if name not in routed]
