"""The settings of one process: those of the settings file, or the defaults, with the terminal as a channel."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from braket_notifier.cli.arguments import no_settings
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import warn
from braket_notifier.domain.policy import Policy
from braket_notifier.settings.fallbacks import FALLBACK, NOBODY, PEOPLE
from braket_notifier.settings.notifier_toml import effective
from braket_notifier.settings.schema import REGIONS, Table, channels_of, direct_of
from braket_notifier.settings.unfinished import TEMPLATE, unfinished

TERMINAL = "terminal"
#: People read the terminal as they read a webhook's channel, which shows messages and no edits.
_TERMINAL: Table = {"type": "slack", "webhook": "ssm:/none", "fallback": NOBODY}
#: Seconds in which a group gets at most one digest in the terminal, where a message disturbs nobody.
COLLECTED_S = 10
#: Types of channels that only a deployment has.
DEPLOYED_ONLY = ("topic", "bus")


def is_own(path: Path, *, named: bool) -> bool:
    """Whether it is a settings file of the user's; the clone's own has example values.

    CommandError for a named file that is missing or unfinished, because its channels would get nothing.
    """
    if not path.exists():
        if named:
            raise no_settings(path)
        return False
    found = next(unfinished(effective(path), None), None)
    if found and named:
        raise CommandError(f"{path}: {found}")
    if found and path.read_bytes() != TEMPLATE.read_bytes():
        warn(f"{path} is not followed, because {found}")
    return found is None


def from_file(path: Path, regions: Sequence[str], leaves_out: Iterable[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The document of a file, with the terminal in each route, and why channels are left out."""
    document = effective(path)
    if TERMINAL in document["channels"]:
        raise CommandError(f"{path}: no channel can be named {TERMINAL} here, because that is your terminal's name")
    left_out = dict.fromkeys(channels_of(document["channels"], *DEPLOYED_ONLY), "it needs a deployment")
    left_out |= dict.fromkeys(channels_of(document["channels"], *leaves_out), "it needs --smtp")
    left_out |= dict.fromkeys(direct_of(document["channels"], *PEOPLE), "it writes to owners, which needs a deployment")
    channels = {
        name: {**each, **({FALLBACK: NOBODY} if each.get(FALLBACK) in left_out else {})}
        for name, each in document["channels"].items()
        if name not in left_out
    }
    routes = [{**each, "to": [*(to for to in each["to"] if to in channels), TERMINAL]} for each in document["routes"]]
    changed = {"channels": {**channels, TERMINAL: _TERMINAL}, "routes": routes}
    return {**document, **changed, **_watched(regions or [document["home"], *document["regions"]])}, left_out


def with_terminal(policy: Policy) -> Policy:
    """The policy by which the terminal, too, collects in a flood, but for a moment only."""
    return replace(policy, collect_s={**policy.collect_s, TERMINAL: COLLECTED_S})


def without_file(regions: Sequence[str], channels: Table) -> dict[str, Any]:
    """The default settings, in the time zone of this machine."""
    watched = _watched(regions or REGIONS)
    return {**watched, "time_zone": _time_zone(), "channels": {**channels, TERMINAL: _TERMINAL}}


def _watched(regions: Sequence[str]) -> dict[str, Any]:
    if wrong := next((each for each in regions if each not in REGIONS), ""):
        raise CommandError(f"{wrong} is not a region of Amazon Braket; allowed: {', '.join(REGIONS)}")
    return {"home": regions[0], "regions": list(dict.fromkeys(regions))}


def _time_zone() -> str:
    """The IANA name of this machine's zone if it has one, because messages show times in a zone with a name."""
    try:
        found = re.search(r"zoneinfo/(.+)$", str(Path("/etc/localtime").resolve()))
    except OSError:
        found = None
    return found[1] if found and datetime.now().astimezone().tzname() != "UTC" else "UTC"
