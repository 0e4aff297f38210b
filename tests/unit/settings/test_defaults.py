"""Defaults that both the schema and Python have are equal."""

from collections.abc import Iterator
from typing import Any

import pytest

from braket_notifier.domain.policy import Budget, Policy
from braket_notifier.grouping.group import COLLECTED
from braket_notifier.settings.channels import Handler
from braket_notifier.settings.policy_document import DAY_S, seconds
from braket_notifier.settings.schema import SCHEMA, resolved

POLICY = Policy((), "UTC", {}, ())
#: Python's value of each default; durations are in seconds.
TWICE: dict[str, object] = {
    "defaults.job_tasks": POLICY.job_tasks,
    "defaults.partial_below": POLICY.partial_below,
    "defaults.digest_after": POLICY.digest_after,
    "defaults.digest_window": POLICY.digest_window_s,
    "defaults.flood_after": POLICY.flood_after,
    "defaults.stale_after": POLICY.stale_after_s,
    "defaults.announce_existing": POLICY.announce_existing,
    "defaults.read_results": POLICY.read_results,
    "defaults.who_submitted": POLICY.who_submitted,
    "defaults.show_code": POLICY.show_code,
    "defaults.retention": POLICY.retention_days * DAY_S,
    "failing.share": POLICY.job_failing_share,
    "failing.at_least": POLICY.job_failing_at_least,
    "costs.money": POLICY.money,
    "budget.period": Budget(1).period,
    "costs.fetch": POLICY.fetch_prices,
    "costs.by_person": POLICY.costs_by_person,
    "quotas.observe": POLICY.quotas.observe,
    "quotas.sweep": POLICY.quotas.sweep,
    "quotas.search": POLICY.quotas.search,
    "email.collect": COLLECTED.total_seconds(),
    "direct_email.collect": COLLECTED.total_seconds(),
    "handler.timeout": Handler().timeout_s,
    "handler.digest": Handler().gets_digests,
}
ONLY_IN_THE_SCHEMA = {"name", "time_zone", "bot.mention", "webhook.mention", "discord.host"} | {
    f"defaults.{key}" for key in ("key", "python", "sweep_every", "dashboard", "weekly_line")
}
DURATIONS = {"digest_window", "stale_after", "retention", "collect", "timeout"}


def defaults() -> Iterator[tuple[str, Any]]:
    tables = {"": SCHEMA} | {f"{name}.": each for name, each in SCHEMA["definitions"].items()}
    for table, schema in tables.items():
        for key, each in schema.get("properties", {}).items():
            if "default" in (found := resolved(each)):
                yield f"{table}{key}", found["default"]


def test_each_default_of_the_schema_is_compared_or_exempt() -> None:
    assert {key for key, _ in defaults()} == TWICE.keys() | ONLY_IN_THE_SCHEMA


@pytest.mark.parametrize("key", TWICE)
def test_python_has_the_default_of_the_schema(key: str) -> None:
    default = dict(defaults())[key]

    assert TWICE[key] == (seconds(default) if key.rpartition(".")[2] in DURATIONS else default)
