"""The settings key by key, the table of those that a push changes, and the differences of two files."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from braket_notifier.settings.schema import Table, definition_of, direct_of, filled

#: Keys of a settings file by their dotted names, with the defaults of missing ones; a list is one value.
Keys = Mapping[str, object]
#: The keys that `settings push` publishes. Only a deployment changes any other key.
PUSHED = (
    "time_zone",
    "routes",
    "ignore",
    "people",
    "hints",
    "quiet.*",
    "reservations",
    "quotas.*",
    "costs.*",
    "budgets",
    "channels.*.mention",
    "channels.*.collect",
    "defaults.job_tasks",
    "defaults.partial_below",
    "defaults.digest_after",
    "defaults.digest_window",
    "defaults.flood_after",
    "defaults.job_failing.*",
    "defaults.stale_after",
    "defaults.waiting_over",
    "defaults.announce_existing",
    "defaults.show_code",
    "defaults.retention",
)
#: The key of the channels' names in their order.
ORDER = "channels"
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Change:
    """A key with its values before and after, None where the file does not have the key."""

    key: str
    before: object
    after: object

    def lines(self) -> Iterator[str]:
        """The change in words; a list shows its removed and added elements."""
        before, after = _elements(self.before), _elements(self.after)
        found = [f"{self.key}: without {each}" for each in before if each not in after]
        found += [f"{self.key}: with {each}" for each in after if each not in before]
        yield from found or [f"{self.key}: {_shown(self.before)} → {_shown(self.after)}"]


def keys_of(document: Table) -> dict[str, object]:
    """The keys of checked and complete settings; order and repetition of the regions mean nothing.

    The order of the channels is a key, because the first e-mail channel is the fallback and gets the alarms.
    """
    whole = {**written_out(document), "regions": sorted(set(document["regions"]))}
    whole["channels"] = {name: _with_token(each, document["name"]) for name, each in whole["channels"].items()}
    if direct_of(document["channels"], "email"):  # each address has a subscription, which only a deployment makes
        people = whole.get("people", [])
        whole["people"] = [{key: value for key, value in each.items() if key != "email"} for each in people]
        whole["people.email"] = {each["name"]: each["email"] for each in people if "email" in each}
    flat = _flat("", {key: value for key, value in whole.items() if value not in ([], {})})
    return {ORDER: [*document["channels"]], **dict(flat)}


def written_out(document: Table) -> dict[str, Any]:
    """Complete settings with every default written out."""
    defaults = filled("defaults", document.get("defaults", {}))
    return {
        **document,
        "defaults": {**defaults, "job_failing": filled("failing", defaults.get("job_failing", {}))},
        "quotas": filled("quotas", document.get("quotas", {})),
        "costs": filled("costs", document.get("costs", {})),
        "channels": {name: filled(definition_of(each), each) for name, each in document["channels"].items()},
    }


def default_token(installation: str) -> str:
    """The reference to a Slack bot's token if the settings name none."""
    return f"ssm:/{installation}/slack-token"


def is_pushed(key: str) -> bool:
    return any(fnmatchcase(key, each) for each in PUSHED)


def changes(before: Keys, after: Keys) -> list[Change]:
    found = (Change(key, before.get(key), after.get(key)) for key in sorted(before.keys() | after.keys()))
    return [each for each in found if each.before != each.after and not _shown_by_others(each)]


def _shown_by_others(change: Change) -> bool:
    """Whether channels came or went, which their own keys show, so that only another order is a change of its own."""
    return change.key == ORDER and {*_elements(change.before)} != {*_elements(change.after)}


def _with_token(channel: Table, installation: str) -> Table:
    return {"token": default_token(installation), **channel} if definition_of(channel) in {"bot", "direct"} else channel


def _flat(key: str, value: object) -> Iterator[tuple[str, object]]:
    """A table without keys stays a value; otherwise a channel without keys would have none."""
    if not isinstance(value, Mapping) or not value or key.startswith("quiet."):
        yield key, value
        return
    for name, each in value.items():
        yield from _flat(f"{key}.{name}" if key else name, each)


def _elements(value: object) -> list[str]:
    return list(dict.fromkeys(map(_shown, value))) if isinstance(value, list) else []


def _shown(value: object) -> str:
    return _NOTHING if value is None else json.dumps(value, ensure_ascii=False)
