import re

import pytest

from tests.prove.broken_code import BREAKS, ROOT, Break


@pytest.mark.parametrize("each", BREAKS, ids=lambda each: each.promise)
def test_every_break_names_existing_code_and_existing_tests(each: Break) -> None:
    assert each.broken in each.applied()
    for test in each.tests:
        path, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text()


def clauses() -> dict[str, set[str]]:
    """The tests and files of tests that the table of guarantees names for each clause."""
    table = (ROOT / "docs/guarantees.md").read_text().partition("\n| clause | mechanism | tests |\n")[2]
    rows = re.findall(r"^\| (.+?) \| .+ \| (.+) \|$", table.partition("\n\n")[0], re.MULTILINE)
    return {
        clause: set(re.findall(r"`((?:tests/)?\w[\w/]*(?:\.py)?)`", tests)) for clause, tests in rows if tests != "---"
    }


BROKEN = {each for broken in BREAKS for test in broken.tests for each in test.split("::")}


@pytest.mark.parametrize("clause", clauses())
def test_every_clause_of_the_guarantees_has_a_test_and_a_break(clause: str) -> None:
    named = clauses()[clause]

    assert [each for each in named if each.startswith(("test_", "tests/"))]
    assert named & BROKEN


def test_the_guarantees_have_clauses() -> None:
    assert len(clauses()) > 30
