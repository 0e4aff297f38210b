from tests.prove.grouped import prove


def test_whatever_happens_to_what_is_folded_nothing_is_missing_in_the_end() -> None:
    found = prove(long=False)

    assert found.good, found.wrong[0]
    assert found.unavoidable_repeats  # without any doubt there was nothing to withstand
