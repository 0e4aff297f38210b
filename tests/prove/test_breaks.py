import pytest

from tests.prove.breaks import BREAKS, ROOT, Break


@pytest.mark.parametrize("each", BREAKS, ids=lambda each: each.promise)
def test_what_is_to_be_broken_and_who_must_notice_it_are_there(each: Break) -> None:
    assert each.broken in each.applied()
    for test in each.tests:
        path, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text()
