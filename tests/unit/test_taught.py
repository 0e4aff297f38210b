"""The documentation's examples are the files that are tested."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from braket_notifier.sending.health import HORIZON
from braket_notifier.sending.retry import HANDLER_HORIZON, LONGEST_BACK_OFF_S, MOST_AS_ASKED
from braket_notifier.settings.notifier_toml import read_settings
from tests.taught import ROOT, blocks

HEAD = 'home = "us-east-1"\nregions = ["us-east-1"]\n'
PAGES = ["handlers.md", "notebook.md", "topic.md"]
EXAMPLES = {path.relative_to(ROOT).as_posix() for path in (ROOT / "examples").rglob("*") if path.is_file()}


@pytest.mark.parametrize(("language", "suffix"), [("python", ".py"), ("json", ".json")])
def test_a_page_shows_the_file_itself(language: str, suffix: str) -> None:
    shown = {name: text for page in PAGES for name, text in blocks(page, language).items()}

    assert {name: (ROOT / name).read_text() for name in shown} == shown
    assert shown.keys() == {each for each in EXAMPLES if each.endswith(suffix)}


@pytest.mark.parametrize("path", sorted(each for each in EXAMPLES if each.endswith(".py")))
def test_an_example_is_under_thirty_lines(path: str) -> None:
    assert len((ROOT / path).read_text().splitlines()) < 30


@pytest.mark.parametrize("page", PAGES)
def test_the_settings_that_a_page_shows_are_settings(page: str, tmp_path: Path) -> None:
    for name, text in blocks(page, "toml").items():
        (tmp_path / "notifier.toml").write_text(HEAD + text)

        assert set(read_settings(tmp_path / "notifier.toml").channels) == {name}


def test_a_page_names_the_times_of_the_code() -> None:
    page = re.sub(r"\s+", " ", (ROOT / "docs" / "handlers.md").read_text())

    assert (MOST_AS_ASKED, LONGEST_BACK_OFF_S) == (100, 15 * 60)
    assert (timedelta(hours=24), timedelta(hours=72)) == (HANDLER_HORIZON, HORIZON)
    for words in ("a hundred calls", "down to every 15 minutes", "for up to 24 hours", "for up to 72 hours"):
        assert words in page
