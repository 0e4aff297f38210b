"""The report of rings in a day, and the page that shows it."""

from pathlib import Path

from tests import rings

PAGE = Path(__file__).parents[2] / "docs" / "decisions" / "0016-when-a-card-rings.md"


def test_the_page_has_the_figures_that_the_command_prints() -> None:
    shown = PAGE.read_text(encoding="utf-8").split("```")[1].strip("\n").splitlines()

    assert shown == rings.table(rings.SITUATIONS), "python -m tests.rings"
