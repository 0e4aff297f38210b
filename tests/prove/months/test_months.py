import pytest

from tests.prove.months.proof import missed, prove
from tests.prove.months.wrong_designs import WRONG, Wrong


def test_ninety_days_of_anything_lose_silence_and_delay_no_notification() -> None:
    found = prove(long=False)

    assert found.good, found.wrong


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_a_wrong_design_fails_in_a_history_that_ours_survives(wrong: Wrong) -> None:
    assert missed(wrong) == ""
