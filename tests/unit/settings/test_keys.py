"""Every difference of two settings files is published by a push, or named as one that only a deployment makes."""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from braket_notifier.settings.keys import changes, is_pushed
from braket_notifier.settings.notifier_toml import Settings, read_settings
from braket_notifier.settings.schema import SCHEMA

REGIONS = ["us-east-1", "eu-north-1"]
ROUTE = {"to": ["team", "mail"], "status": ["FAILED"]}
RESERVED = {"arn": "arn:aws:braket:us-east-1:111122223333:reservation/3f2a9c1e"}
RESERVED |= {"from": "2026-12-01T14:00:00Z", "to": "2026-12-01T15:00:00Z"}
#: Values of every key of the schema, the default first; None is a key that the file does not have.
VALUES: dict[str, list[Any]] = {
    "name": [None, "lab"],
    "home": REGIONS,
    "regions": [REGIONS, [*REGIONS, "us-west-2"]],
    "bootstrap": [None, "every-region"],
    "time_zone": [None, "Europe/Stockholm"],
    "channels.team.type": ["slack"],
    "channels.team.channel": ["C0123456789", "C1123456789"],
    "channels.team.token": [None, "ssm:/another/token"],
    "channels.team.mention": [None, "nobody"],
    "channels.team.fallback": [None, "nobody"],
    "channels.hook.type": ["slack"],
    "channels.hook.webhook": ["ssm:/lab/webhook", "ssm:/another/webhook"],
    "channels.hook.mention": [None, "nobody"],
    "channels.hook.fallback": [None, "team"],
    "channels.mail.type": ["email"],
    "channels.mail.to": [["anna@example.org"], ["anna@example.org", "ben@example.org"]],
    "channels.mail.collect": [None, "1h"],
    "channels.mail.fallback": [None, "nobody"],
    "channels.events.type": ["bus"],
    "channels.events.bus": ["lab-events", "default"],
    "channels.meeting.type": ["teams"],
    "channels.meeting.host": ["prod-1.logic.azure.com", "prod-2.logic.azure.com"],
    "channels.meeting.url": ["ssm:/lab/teams", "ssm:/another/teams"],
    "channels.meeting.fallback": [None, "nobody"],
    "channels.chat.type": ["discord"],
    "channels.chat.url": ["ssm:/lab/chat", "ssm:/another/chat"],
    "channels.chat.host": [None, "canary.discord.com"],
    "channels.chat.fallback": [None, "nobody"],
    "channels.signed.type": ["webhook"],
    "channels.signed.host": ["hooks.example.org", "other.example.org"],
    "channels.signed.url": ["ssm:/lab/url", "ssm:/another/url"],
    "channels.signed.key": ["ssm:/lab/key", "ssm:/another/key"],
    "channels.signed.fallback": [None, "nobody"],
    "channels.machines.type": ["topic", "handler"],
    "channels.own.type": ["handler", "topic"],
    "channels.own.permissions": [None, [{"actions": ["s3:PutObject"], "resources": ["arn:aws:s3:::lab/*"]}]],
    "channels.own.secret": [None, "ssm:/lab/secret"],
    "channels.own.job_role": [None, "arn:aws:iam::111122223333:role/jobs"],
    "channels.own.timeout": [None, "5m"],
    "channels.own.digest": [None, True],
    "defaults.job_tasks": [None, "each"],
    "defaults.partial_below": [None, 0.5],
    "defaults.digest_after": [None, 7],
    "defaults.digest_window": [None, "30m"],
    "defaults.flood_after": [None, 20],
    "defaults.job_failing.share": [None, 0.5],
    "defaults.job_failing.at_least": [None, 9],
    "defaults.stale_after": [None, "1d"],
    "defaults.waiting_over": [None, "2d"],
    "defaults.announce_existing": [None, True],
    "defaults.read_results": [None, True],
    "defaults.result_buckets": [["amazon-braket-lab"], ["amazon-braket-lab", "amazon-braket-2"]],
    "defaults.who_submitted": [None, True],
    "defaults.show_code": [None, False],
    "defaults.retention": [None, "60d"],
    "defaults.sweep_every": [None, "1h"],
    "defaults.python": [None, "3.12"],
    "defaults.key": [None, "own"],
    "defaults.weekly_line": [None, False],
    "defaults.dashboard": [None, True],
    "routes": [[ROUTE], [ROUTE, {"to": ["machines"]}]],
    "ignore": [None, [{"tags": {"notify": "none"}}]],
    "people": [None, [{"name": "Anna", "owns": ["tag:owner=anna"]}]],
    "quiet.mail": [None, {"from": "22:00", "to": "07:00"}],
    "reservations": [None, [RESERVED]],
    "costs.money": [None, False],
    "costs.fetch": [None, False],
    "costs.by_person": [None, True],
    "costs.to": [None, ["mail"]],
    "budgets": [None, [{"amount": 500, "batch": "ghz-scan"}]],
    "quotas.observe": [None, 0.1],
    "quotas.sweep": [None, 0.1],
    "quotas.search": [None, 0.1],
    "hints": [None, [{"pattern": "calibrat", "says": "Try again tomorrow."}]],
    "tags.cost-centre": [None, "quantum"],
    "alarms.email": [None, ["ops@example.org"]],
}
FIRST = {key: values[0] for key, values in VALUES.items()}
#: Members of the settings that a push can change.
PUBLISHED = {"document", "keys"}
#: Members of the policy document that only a deployment changes.
DEPLOYED = ("home", "regions", "channels", "read_results", "weekly_to", "who_submitted")
#: The keys of a handler, which a topic does not have.
OF_HANDLER = {f"channels.own.{key}" for key in ("permissions", "secret", "job_role", "timeout", "digest")}
#: Keys that the default file does not use, and the key with which it would.
WITH = {"defaults.result_buckets": {"defaults.read_results": True}}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings") / "notifier.toml"


def test_the_table_has_every_key_of_the_schema() -> None:
    assert set(VALUES) == set(of_schema())


@pytest.mark.parametrize("key", [key for key, values in VALUES.items() if len(values) > 1])
def test_a_change_of_one_key_reaches_the_policy_or_is_refused_by_its_name(path: Path, key: str) -> None:
    given_with = {**FIRST, **WITH.get(key, {})}
    before = read(path, given_with)
    after = read(path, {**given_with, key: VALUES[key][1]})

    found = [each.key for each in changes(before.keys, after.keys)]

    if is_pushed(key):
        assert found == [key]
        assert after.document != before.document
        assert shape(after) == shape(before)
    else:
        assert key in found
        assert [each for each in found if is_pushed(each)] == []
        assert of_deployment(after) != of_deployment(before), "a push can change the key, and refuses it"


@given(before=st.fixed_dictionaries({key: st.sampled_from(values) for key, values in VALUES.items()}), data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_difference_of_two_files_is_published_or_refused_by_name(
    path: Path, before: dict[str, Any], data: st.DataObject
) -> None:
    changed = data.draw(st.sets(st.sampled_from(sorted(VALUES)), max_size=4))
    one, other = (
        read(path, before),
        read(path, before | {key: data.draw(st.sampled_from(VALUES[key])) for key in changed}),
    )

    found = changes(one.keys, other.keys)

    refused = [each for each in found if not is_pushed(each.key)]
    assert bool(found) == (one != other)
    assert refused or shape(one) == shape(other)
    assert refused or [one.document[each] for each in DEPLOYED] == [other.document[each] for each in DEPLOYED]
    assert all(line.startswith(f"{each.key}: ") for each in found for line in each.lines())
    if not refused:
        assert (one.document != other.document) == bool(found)


@pytest.mark.parametrize("regions", [["eu-north-1", "us-east-1"], [*REGIONS, *REGIONS]])
def test_order_and_repetition_of_regions_mean_nothing(path: Path, regions: list[str]) -> None:
    assert read(path, {**FIRST, "regions": regions}) == read(path, FIRST)


def test_the_default_token_that_a_file_names_is_no_change(path: Path) -> None:
    named = {**FIRST, "channels.team.token": "ssm:/braket-notifier/slack-token"}

    assert changes(read(path, FIRST).keys, read(path, named).keys) == []


@pytest.mark.parametrize(
    ("key", "lines"),
    [
        ("defaults.digest_after", ["defaults.digest_after: 3 → 7"]),
        ("quiet.mail", ['quiet.mail: nothing → {"from": "22:00", "to": "07:00"}']),
        ("routes", ['routes: with {"to": ["machines"]}']),  # the element that differs, not the whole list
        ("channels.mail.to", ['channels.mail.to: with "ben@example.org"']),
    ],
)
def test_a_change_is_shown_in_the_words_of_the_file(path: Path, key: str, lines: list[str]) -> None:
    [found] = changes(read(path, FIRST).keys, read(path, {**FIRST, key: VALUES[key][1]}).keys)

    assert [*found.lines()] == lines


@pytest.mark.parametrize(
    "second",
    [
        {"type": "slack", "channel": "C1123456789"},  # which one gets what e-mail cannot send
        {"type": "email", "to": ["ops@example.org"]},  # whose addresses get the alarms
    ],
)
def test_another_order_of_channels_is_a_change_that_only_a_deployment_makes(path: Path, second: dict[str, Any]) -> None:
    keys = {f"channels.second.{key}": value for key, value in second.items()}
    last, first = read(path, {**FIRST, "routes": [ROUTE], **keys}), read(path, {**keys, **FIRST, "routes": [ROUTE]})

    [found] = changes(last.keys, first.keys)

    assert [*found.lines()] == [f"channels: {json.dumps([*last.channels])} → {json.dumps([*first.channels])}"]
    assert not is_pushed(found.key)
    assert of_deployment(last) != of_deployment(first)


def test_another_order_of_a_list_is_shown_whole(path: Path) -> None:
    two = [ROUTE, {"to": ["machines"]}]
    [found] = changes(read(path, {**FIRST, "routes": two}).keys, read(path, {**FIRST, "routes": two[::-1]}).keys)

    assert [*found.lines()] == [f"routes: {json.dumps(two)} → {json.dumps(two[::-1])}"]


def shape(read: Settings) -> list[object]:
    """The members that the templates are made of, beside the published ones."""
    return [getattr(read, each.name) for each in fields(read) if each.name not in PUBLISHED]


def of_deployment(read: Settings) -> list[object]:
    return [*shape(read), *(read.document[each] for each in DEPLOYED)]


def read(path: Path, values: dict[str, Any]) -> Settings:
    """The settings of a file with these values."""
    needed = {"defaults.result_buckets"} if values["defaults.read_results"] is None else set()
    needed |= {"channels.own.timeout"} if values["channels.own.digest"] else set()
    needed |= OF_HANDLER if values["channels.own.type"] == "topic" else set()
    whole: dict[str, Any] = {}
    for key, value in values.items():
        if value is None or key in needed:
            continue
        *tables, last = key.split(".")
        at = whole
        for table in tables:
            at = at.setdefault(table, {})
        at[last] = value
    path.write_text("\n".join(f"{key} = {toml(value)}" for key, value in whole.items()))
    return read_settings(path)


def toml(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(key)} = {toml(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value)


def of_schema() -> Iterator[str]:
    """Every key that a file may have, with a channel of each type."""
    definitions = SCHEMA["definitions"]
    yield from SCHEMA["properties"].keys() - {"channels", "defaults", "quiet", "costs", "quotas", "tags", "alarms"}
    yield from ("quiet.mail", "tags.cost-centre", "alarms.email")
    yield from (f"costs.{key}" for key in definitions["costs"]["properties"])
    yield from (f"quotas.{key}" for key in definitions["quotas"]["properties"])
    yield from (f"defaults.{key}" for key in definitions["defaults"]["properties"].keys() - {"job_failing"})
    yield from (f"defaults.job_failing.{key}" for key in definitions["failing"]["properties"])
    channels = {"team": "bot", "hook": "webhook", "mail": "email", "machines": "topic", "own": "handler"}
    channels |= {"events": "bus", "meeting": "teams", "chat": "discord", "signed": "signed"}
    for name, definition in channels.items():
        yield from (f"channels.{name}.{key}" for key in definitions[definition]["properties"])
