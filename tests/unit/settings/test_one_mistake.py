"""One wrong value or misspelt key is one mistake, because a second one would lead its reader to another key."""

import tomllib
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from braket_notifier.settings.mistakes import Where, meant
from braket_notifier.settings.notifier_toml import examined
from braket_notifier.settings.schema import Table

#: Settings whose tables name one another wherever they can.
CONNECTED = tomllib.loads("""
home = "us-east-1"
regions = ["us-east-1", "eu-north-1"]
time_zone = "Europe/Berlin"

[channels]
lab = { type = "slack", channel = "C0123456789", mention = "all", fallback = "mail" }
group = { type = "slack", webhook = "ssm:/lab/webhook", fallback = "mail" }
mail = { type = "email", to = ["lab@example.org"], collect = "15m", fallback = "lab" }
dm = { type = "slack", to = "owner", fallback = "lab" }
mine = { type = "email", to = "owner", fallback = "nobody" }
hook = { type = "webhook", host = "hooks.example.org", url = "ssm:/hook/url", key = "ssm:/hook/key", fallback = "mail" }
program = { type = "handler", digest = true, timeout = "1m" }

[defaults]
read_results = true
result_buckets = ["amazon-braket-results"]
retention = "90d"

[[routes]]
to = ["lab", "mail", "dm"]
region = ["us-east-1"]
status = ["COMPLETED", "FAILED"]
silent = ["FAILED"]

[[routes]]
to = ["program"]
status = ["FAILED"]
partial = true
silent = ["COMPLETED"]

[[people]]
name = "Anna"
slack = "U01ABCDEF"
email = "anna@example.org"
owns = ["tag:owner=anna"]

[[people]]
name = "Ben"
slack = "U02ABCDEF"
signs_in_as = ["ben@example.org"]

[quiet]
lab = { from = "22:00", to = "07:00", days = ["friday"], all_day = ["saturday"] }
"dm#Anna" = { from = "22:00", to = "07:00" }
program = { all_day = ["sunday"] }

[[reservations]]
arn = "arn:aws:braket:us-east-1:111122223333:reservation/3f2a9c1e"
from = "2026-12-01T14:00:00Z"
to = "2026-12-01T15:00:00Z"

[costs]
by_person = true
to = ["lab"]

[[budgets]]
batch = "ghz"
person = "Anna"
amount = 500

[quotas]
observe = 0.2
sweep = 0.6

[[hints]]
pattern = "calibrat"
says = "Wait."

[alarms]
email = ["ops@example.org"]
""")
#: Tables whose keys are names.
NAMES = {("channels",), ("quiet",)}
#: A value that no key allows.
WRONG = -1.5


def keys_of(value: object, where: Where = ()) -> Iterator[Where]:
    """Every key and element of the settings."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*where, key)
        yield from keys_of(inner, (*where, key))


def changed(where: Where, key: str | int) -> Table:
    """The settings with a wrong value, or with another key in place of this one."""
    document: Any = deepcopy(CONNECTED)
    table = document
    for step in where[:-1]:
        table = table[step]
    value = table.pop(where[-1]) if isinstance(key, str) and key != where[-1] else WRONG
    table[key] = value
    return dict(document)


EVERY = list(keys_of(CONNECTED))
MISSPELT = [each for each in EVERY if isinstance(each[-1], str) and each[:-1] not in NAMES]


def test_the_connected_settings_have_no_mistake() -> None:
    assert examined(CONNECTED)[0] == []


@pytest.mark.parametrize("where", EVERY, ids=str)
def test_a_wrong_value_is_one_mistake(where: Where) -> None:
    [mistake] = examined(changed(where, where[-1]))[0]

    assert where[: len(mistake.where)] == mistake.where or mistake.where == ("quiet", *where[1:])


@pytest.mark.parametrize("where", MISSPELT, ids=str)
def test_a_misspelt_key_is_one_mistake(where: Where) -> None:
    [mistake] = examined(changed(where, f"{where[-1]}s"))[0]

    assert mistake.where == (*where[:-1], f"{where[-1]}s") or where[-1] == "type"  # without it no key is checked


@pytest.mark.parametrize(
    ("given", "names", "name"),
    [
        ("sat", ["friday", "saturday"], "saturday"),
        ("FAILD", ["COMPLETED", "FAILED"], "FAILED"),
        ("QPU", ["qpu", "simulator"], "qpu"),
        ("failed", ["COMPLETED", "FAILED"], "FAILED"),
    ],
)
def test_a_value_leads_to_the_name_that_it_resembles(given: str, names: list[str], name: str) -> None:
    assert meant(given, names) == f' (did you mean "{name}"?)'


@pytest.mark.parametrize("given", ["s", "", "x", 5])
def test_a_value_that_resembles_several_names_or_none_leads_nowhere(given: object) -> None:
    assert meant(given, ["saturday", "sunday"]) == ""
