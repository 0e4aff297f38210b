from tests.prove.soak.proof import prove, prove_in_state_file


def test_a_thousand_resources_go_through_everything_at_once_and_none_is_lost() -> None:
    found = prove(long=False)

    assert found.good, found
    assert found.unavoidable_repeats  # a run without unavoidable repeats would have met no fault


def test_nor_is_one_lost_in_a_state_file() -> None:
    found = prove_in_state_file(long=False)

    assert found.good, found
    assert found.unavoidable_repeats
