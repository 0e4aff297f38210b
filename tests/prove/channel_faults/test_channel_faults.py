"""The sized form of the proof of channel faults."""

from tests.prove.channel_faults.proof import KINDS, prove


def test_every_fault_of_a_channel_is_classified_and_its_notification_accepted_once() -> None:
    found = prove(long=False)

    assert found.good, "\n".join([repr(found), *found.wrong])
    assert found.unavoidable_repeats["reset after accepting"] == len(KINDS)
