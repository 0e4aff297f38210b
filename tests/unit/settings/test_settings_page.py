"""docs/settings.md has every key of the schema, and its examples are valid."""

from pathlib import Path

from braket_notifier.settings.notifier_toml import read_settings
from tests.settings_page import EXAMPLES, PAGE, TABLES, example, keys, page, toml


def test_the_page_is_written_from_the_schema() -> None:
    assert PAGE.read_text() == page(), "python -m tests.settings_page"


def test_each_key_without_a_default_has_an_example() -> None:
    shown = {f"{definition}.{key}".removeprefix(".") for _, definition, _ in TABLES for key, _ in keys(definition)}

    assert shown >= EXAMPLES.keys()


def test_all_examples_together_are_valid_settings(tmp_path: Path) -> None:
    text = ""
    for _, definition, header in TABLES:
        rows = (f"{key} = {toml(example(definition, key, schema))}" for key, schema in keys(definition))
        text += "\n".join([header, *rows, ""])
    path = tmp_path / "notifier.toml"
    path.write_text(text)

    read = read_settings(path)

    others = {"mail", "mine", "lab-teams", "chat", "hook", "events", "archive", "copy-results"}
    assert set(read.channels) == {"team-slack", "dm", "lab-slack"} | others
