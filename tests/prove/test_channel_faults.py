"""The sized form of the proof of channel faults."""

from tests.prove import channel_faults


def test_every_fault_of_a_channel_is_classified_and_its_notification_accepted_once() -> None:
    found = channel_faults.prove(long=False)

    assert found.good, "\n".join([repr(found), *found.wrong])
    assert found.unavoidable_repeats["reset after accepting"] == len(channel_faults.KINDS)
