"""The emulator's README: its example runs, and its table names every operation."""

from local.braket.operations import OPERATIONS
from tests.taught import ROOT, blocks

README = "../local/braket/README.md"


def test_the_readme_s_example_runs() -> None:
    exec(blocks(README, "python")["example.py"], {})  # noqa: S102 - the page's own code


def test_the_readme_names_every_operation() -> None:
    text = (ROOT / "docs" / README).read_text()

    assert [name for name in OPERATIONS if f"`{name}`" not in text] == []
