from tests.prove.soak.proof import prove


def test_a_thousand_resources_go_through_everything_at_once_and_none_is_lost() -> None:
    found = prove(long=False)

    assert found.good, found
    assert found.unavoidable_repeats  # a run without unavoidable repeats would have met no fault
