"""The sized form of the proof of channel faults."""

from tests.prove import channel_faults


def test_whatever_a_channel_does_wrong_is_taken_for_what_it_is_and_told_once() -> None:
    found = channel_faults.prove(long=False)

    assert found.good, "\n".join([repr(found), *found.wrong])
    assert found.unavoidable_repeats["reset after accepting"] == len(channel_faults.KINDS)
