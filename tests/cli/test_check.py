"""`check` reports everything that must change before a deployment, in one round."""

import json
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from braket_notifier.settings.mistakes import SettingsError
from braket_notifier.settings.notifier_toml import read_settings
from braket_notifier.settings.unfinished import TEMPLATE, unfinished, unrouted

#: Mistakes of every kind: the schema's, contradictions, an example value, a handler without a file, no route.
ALL_AT_ONCE = """
home = "eu-north-1"
regions = ["us-east-1"]
time_zone = "Mars/Olympus"
[channels.team-slack]
type = "slack"
channel = "C0EXAMPLE00"
mention = "everybody"
[channels.mail]
type = "email"
to = ["lab@example.org", "your-group@example.org"]
[channels.copy-results]
type = "handler"
[[routes]]
to = ["team-slak"]
status = ["COMPLETED"]
[[routes]]
to = ["mail"]
region = ["mars"]
[quiet]
copy-results = { from = "22:00", to = "22:00" }
"""


def test_every_kind_of_mistake_is_reported_in_one_round(run: Any, settings: Path) -> None:
    settings.write_text(ALL_AT_ONCE)
    done = run("check")

    keys = [line.removeprefix(f"{settings}:").split(": ")[:2] for line in done.err.splitlines()]
    assert (done.code, done.out) == (2, "")
    assert [key for _, key in keys] == [
        "home",
        "time_zone",
        "channels.team-slack.channel",
        "channels.team-slack.mention",
        "channels.mail.to",
        "channels.copy-results",
        "routes[1].to",
        "routes[2].region",
        "quiet.copy-results.to",
        "quiet.copy-results",
    ]


def test_a_channel_without_a_route_is_named_but_valid(run: Any, settings: Path) -> None:
    settings.write_text(settings.read_text().replace('to = ["team-slack", "mail"]', 'to = ["mail"]'))
    done = run("check")

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[1] == (
        "! channels.team-slack: no route names it, so only the tag notify=team-slack reaches it"
    )


def test_the_shipped_settings_have_examples_to_replace(tmp_path: Path) -> None:
    (tmp_path / "notifier.toml").write_bytes(TEMPLATE.read_bytes())

    with pytest.raises(SettingsError) as refused:
        read_settings(tmp_path / "notifier.toml", lambda document: unfinished(document, None))

    assert [line.split(": ")[1] for line in str(refused.value).splitlines()] == [
        "channels.team-slack.channel",
        "channels.mail.to",
    ]


def test_effective_settings_are_valid_and_change_nothing(run: Any, settings: Path, tmp_path: Path) -> None:
    """They have each default written out, and the default routes."""
    settings.write_text(TEMPLATE.read_text())
    done = run("check", "--effective")
    (tmp_path / "effective.toml").write_text(done.out)

    assert (done.code, done.err) == (0, "")
    assert read_settings(tmp_path / "effective.toml") == read_settings(settings)
    assert done.out.count("[[routes]]") == 6
    assert 'sweep_every = "5m"' in done.out


PATHS = st.lists(st.integers(0, 30), min_size=1, max_size=4)
WRONG: st.SearchStrategy[object] = st.sampled_from(
    [None, 5, -1, "", "x", [], {}, ["x"], [1], {"x": 1}, True, [{}], 10**400]
)


@settings(max_examples=300, deadline=None)
@given(changes=st.lists(st.tuples(PATHS, WRONG), min_size=1, max_size=4))
@example(changes=[([3, 1, 0], None), ([3, 1, 0, 0], [])])  # a channel without a type, whose keys nobody checks
def test_any_wrong_values_end_in_sentences_and_never_in_another_error(
    changes: list[tuple[list[int], object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    document = tomllib.loads(TEMPLATE.read_text())
    for path, value in changes:
        _put(document, path, deepcopy(value))  # a later change may go into it
    file = tmp_path_factory.getbasetemp() / "wrong.toml"
    file.write_text(_toml(document))

    sentences = _sentences(file)

    assert all(line.startswith(f"{file}:") for line in sentences)


def _sentences(file: Path) -> list[str]:
    try:
        unrouted(read_settings(file, lambda checked: unfinished(checked, None)).document)
    except SettingsError as error:
        return str(error).splitlines()
    return []


def _put(document: Any, path: list[int], value: object) -> None:
    """Replace the value at a path of numbers, or remove it."""
    for number in path[:-1]:
        keys = list(document) if isinstance(document, dict) else range(len(document))
        if not keys or not isinstance(document[keys[number % len(keys)]], dict | list):
            break
        document = document[keys[number % len(keys)]]
    keys = list(document) if isinstance(document, dict) else range(len(document))
    if not keys:
        return
    if value is None:
        del document[keys[path[-1] % len(keys)]]
    else:
        document[keys[path[-1] % len(keys)]] = value


def _toml(document: dict[str, object]) -> str:
    """The document with inline tables, which JSON nearly is."""
    return "".join(f"{json.dumps(key)} = {_value(value)}\n" for key, value in document.items())


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value)
