"""The sized form of the proof of the process's kills."""

from tests.prove.process_kills import random_kills
from tests.prove.process_kills.proof import WINDOW, prove


def test_a_process_killed_at_any_write_of_its_state_file_loses_nothing_and_marks_its_repeats() -> None:
    found = prove(long=False)

    assert found.good, found
    assert found.unavoidable_repeats[WINDOW]  # otherwise no kill met the time between acceptance and mark


def test_a_process_killed_at_random_moments_loses_nothing_and_marks_its_repeats() -> None:
    found = random_kills.prove(long=False)

    assert found.good, found
    assert found.runs
