"""Settings as the document that the functions read: who is told what, and no address or secret's name."""

from braket_notifier.settings.schema import Words, filled

DAY_S = 86400
_UNIT_S = {"m": 60, "h": 3600, "d": DAY_S}


def policy_document(settings: Words) -> dict[str, object]:
    """Version 1, of settings that are checked and complete."""
    defaults = filled("defaults", settings.get("defaults", {}))
    failing = filled("failing", defaults.get("job_failing", {}))
    channels: Words = settings["channels"]
    slack = {name: filled("bot", channel) for name, channel in channels.items() if channel["type"] == "slack"}
    mail = {name: filled("email", channel) for name, channel in channels.items() if channel["type"] == "email"}
    return {
        "version": 1,
        "home": settings["home"],
        "regions": settings["regions"],
        "time_zone": settings["time_zone"],
        "channels": {name: {"type": channel["type"]} for name, channel in channels.items()},
        "mentions": {name: channel["mention"] for name, channel in slack.items()},
        "collect_s": {name: seconds(channel["collect"]) for name, channel in mail.items()},
        "job_tasks": defaults["job_tasks"],
        "partial_below": defaults["partial_below"],
        "digest_after": defaults["digest_after"],
        "digest_window_s": seconds(defaults["digest_window"]),
        "job_failing_share": failing["share"],
        "job_failing_at_least": failing["at_least"],
        "stale_after_s": seconds(defaults["stale_after"]),
        "announce_existing": defaults["announce_existing"],
        "read_results": defaults["read_results"],
        "lists_ends": defaults["dashboard"],
        "retention_days": seconds(defaults["retention"]) // DAY_S,
        "routes": [_route(route) for route in settings["routes"]],
        "ignored": settings.get("ignore", []),
        "people": settings.get("people", []),
        "hint_rules": settings.get("hints", []),
        "quotas": filled("quotas", settings.get("quotas", {})),
        "quiet": {name: _quiet(hours) for name, hours in settings.get("quiet", {}).items()},
    }


def _route(words: Words) -> dict[str, object]:
    over = {"took_over_s": seconds(words["took_over"])} if "took_over" in words else {}
    return {**{key: value for key, value in words.items() if key != "took_over"}, **over}


def _quiet(words: Words) -> dict[str, object]:
    return {"begins": words["from"], "ends": words["to"], "passing": words.get("pass", [])}


def seconds(duration: str) -> int:
    return int(duration[:-1]) * _UNIT_S[duration[-1]]
