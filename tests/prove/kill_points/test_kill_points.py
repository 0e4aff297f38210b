"""The sized form of the proof of kill points."""

from tests.prove.kill_points.proof import WINDOW, prove


def test_a_function_killed_at_any_network_call_loses_nothing_and_repeats_only_unmarked_notifications() -> None:
    found = prove(long=False)

    assert found.good, "\n".join([repr(found), *found.wrong])
    assert found.unavoidable_repeats == {WINDOW: 2}  # the acknowledged post, before and at its mark
