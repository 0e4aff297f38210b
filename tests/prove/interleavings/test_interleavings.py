from dataclasses import replace
from math import comb

import pytest

from tests.prove.interleavings.explorer import Explorer, Worker
from tests.prove.interleavings.proof import OURS, missed, prove, prove_in_state_file, walk
from tests.prove.interleavings.replay import Ports
from tests.prove.interleavings.stories import OVERTAKEN, TWO_SENDERS, without_faults
from tests.prove.interleavings.story import NOON
from tests.prove.interleavings.workers import CHANNEL
from tests.prove.interleavings.wrong_designs import WRONG, Wrong


def test_every_order_of_calls_with_any_one_fault_loses_nothing_and_repeats_only_unavoidably() -> None:
    result = prove(long=False)

    assert result.good, result
    assert result.unavoidable_repeats["killed after channel.send"]  # a walk without any repeat would have met no fault
    assert result.unavoidable_repeats["acknowledgement lost channel.send"]


def test_every_order_of_calls_over_the_adapters_of_a_state_file_loses_nothing_either() -> None:
    result = prove_in_state_file(long=False)

    assert result.good, result
    assert result.unavoidable_repeats["killed after channel.send"]  # as above


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong.design.name}: {wrong.finds}")
def test_a_wrong_design_fails_in_a_story_that_ours_survives(wrong: Wrong) -> None:
    steps = walk(wrong.story, wrong.design, until=wrong.finds).first.get(wrong.finds)

    assert steps, "its fault was not found"


def test_a_design_whose_fault_is_not_found_is_named() -> None:
    assert missed([Wrong(OURS, without_faults(OVERTAKEN), "lost")]) == ["ours: lost not found"]


@pytest.mark.parametrize("calls", [(1, 1), (2, 2), (3, 2), (2, 5)])
def test_every_order_of_two_workers_is_counted(calls: tuple[int, int]) -> None:
    story = without_faults(OVERTAKEN)

    def deletes(times: int) -> Worker:
        def run(ports: Ports) -> None:
            for _ in range(times):
                ports.events.delete([])

        return Worker(f"{times} times", run)

    explorer = Explorer([deletes(times) for times in calls], story.stores(OURS), NOON, story.faults)

    assert len(list(explorer.ends())) == 1
    assert explorer.schedules == comb(sum(calls), calls[0])


def test_a_killed_worker_does_not_even_clean_up() -> None:
    """The lease of a killed sender ends by time, not in its `finally`."""
    story = replace(TWO_SENDERS, deliverers=1)
    explorer = Explorer(story.workers(story.settings(OURS)), story.stores(OURS), NOON, story.faults)

    killed = [end for end in explorer.ends() if end.steps[-1].startswith("deliver 1: channel.send killed")]

    assert killed
    assert all(end.stores["leases"].held[CHANNEL][1] > end.now for end in killed)
