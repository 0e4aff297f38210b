import pytest

from tests.prove.breaks import BREAKS, ROOT, Break


@pytest.mark.parametrize("each", BREAKS, ids=lambda each: each.promise)
def test_every_break_names_existing_code_and_existing_tests(each: Break) -> None:
    assert each.broken in each.applied()
    for test in each.tests:
        path, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text()
