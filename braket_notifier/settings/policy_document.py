"""The policy document that the functions read: the settings without addresses and names of secrets."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from braket_notifier.settings.schema import CHATS, REGIONS, Table, direct_of, filled, shared_of, type_of

DAY_S = 86400
ALARMS_TABLE = "alarms"
#: The alarms' name beside the channels; no channel can have it.
ALARMS = f"[{ALARMS_TABLE}]"
_UNIT_S = {"m": 60, "h": 3600, "d": DAY_S}


def policy_document(settings: Table) -> dict[str, object]:
    """Version 1 of the document, from checked and complete settings."""
    defaults = filled("defaults", settings.get("defaults", {}))
    failing = filled("failing", defaults.get("job_failing", {}))
    channels: Table = settings["channels"]
    costs = filled("costs", settings.get("costs", {}))
    slack = {name: filled("bot", channels[name]) for name in shared_of(channels, "slack")}
    mail = {name: filled("email", channel) for name, channel in channels.items() if channel["type"] == "email"}
    return {
        "version": 1,
        "home": settings["home"],
        "regions": regions_of(settings),
        "time_zone": settings["time_zone"],
        "channels": {name: {"type": type_of(channel)} for name, channel in channels.items()},
        "to_owner": direct_of(channels, "slack") + direct_of(channels, "email"),
        "mentions": {name: channel["mention"] for name, channel in slack.items()},
        "collect_s": {name: seconds(channel["collect"]) for name, channel in mail.items()},
        "job_tasks": defaults["job_tasks"],
        "partial_below": defaults["partial_below"],
        "digest_after": defaults["digest_after"],
        "digest_window_s": seconds(defaults["digest_window"]),
        "flood_after": defaults["flood_after"],
        "job_failing_share": failing["share"],
        "job_failing_at_least": failing["at_least"],
        "stale_after_s": seconds(defaults["stale_after"]),
        **({"waiting_over_s": seconds(defaults["waiting_over"])} if "waiting_over" in defaults else {}),
        "announce_existing": defaults["announce_existing"],
        "read_results": defaults["read_results"],
        "who_submitted": defaults["who_submitted"],
        "weekly_to": _weekly_to(settings, defaults),
        "show_code": defaults["show_code"],
        "retention_days": seconds(defaults["retention"]) // DAY_S,
        "routes": [_route(route) for route in settings["routes"]],
        "ignored": settings.get("ignore", []),
        "people": [_person(person) for person in settings.get("people", [])],
        "hint_rules": settings.get("hints", []),
        "money": costs["money"],
        "fetch_prices": costs["fetch"],
        "costs_by_person": costs["by_person"],
        **({"costs_to": costs["to"]} if "to" in costs else {}),
        **({"budgets": [filled("budget", each) for each in settings["budgets"]]} if settings.get("budgets") else {}),
        "quotas": filled("quotas", settings.get("quotas", {})),
        "quiet": {name: _quiet(hours) for name, hours in settings.get("quiet", {}).items()},
        **_reservations(settings.get("reservations", [])),
    }


def _weekly_to(settings: Table, defaults: Table) -> str:
    """The channel of the weekly line: the first chat that is shared, otherwise the alarms' addresses."""
    channels: Table = settings["channels"]
    if not defaults["weekly_line"]:
        return ""
    watched = settings[ALARMS_TABLE]["email"] if ALARMS_TABLE in settings else shared_of(channels, "email")
    return next(iter([*shared_of(channels, *CHATS), *([ALARMS] if watched else [])]), "")


def regions_of(settings: Table) -> list[str]:
    """The watched regions, home first and the others as in the schema; their order in the file means nothing."""
    home, watched = settings["home"], settings["regions"]
    return [home, *(each for each in REGIONS if each in watched and each != home)]


def encoded(document: Mapping[str, object]) -> bytes:
    """The document as the file that a deployment ships."""
    return f"{json.dumps(document, indent=1)}\n".encode()


def digest(document: Mapping[str, object]) -> str:
    """The digest of that file, which the functions compute too."""
    return sha256(encoded(document)).hexdigest()


def _route(table: Table) -> dict[str, object]:
    over = {"took_over_s": seconds(table["took_over"])} if "took_over" in table else {}
    return {**{key: value for key, value in table.items() if key != "took_over"}, **over}


def _person(table: Table) -> dict[str, object]:
    """The digest of the address in its place, by which the functions find it among the confirmed ones."""
    shown = {key: value for key, value in table.items() if key != "email"}
    return {**shown, "email_digest": sha256(table["email"].encode()).hexdigest()} if "email" in table else shown


def _quiet(table: Table) -> dict[str, object]:
    """A day that is not named is absent, so that a version without weekdays follows hours of each day."""
    hours = {"begins": table["from"], "ends": table["to"]} if "from" in table else {}
    return {
        **hours,
        "passing": table.get("pass", []),
        **{key: table[key] for key in ("days", "all_day") if key in table},
    }


def _reservations(tables: Sequence[Table]) -> dict[str, object]:
    """Nothing without any, so that settings from before this key have the same digest."""
    renamed = {"from": "begins", "to": "ends"}
    found = [{renamed.get(key, key): value for key, value in each.items()} for each in tables]
    return {"reservations": found} if found else {}


def seconds(duration: str) -> int:
    return int(duration[:-1]) * _UNIT_S[duration[-1]]
