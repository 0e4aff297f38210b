from tests.prove.grouped import prove


def test_fifty_random_steps_lose_no_grouped_notification() -> None:
    found = prove(long=False)

    assert found.good, found.wrong[0]
    assert found.unavoidable_repeats  # a run without unavoidable repeats would have met no fault
