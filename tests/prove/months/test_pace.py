from itertools import pairwise

from tests.prove.world import TICK, World


def test_what_piled_up_is_found_at_a_thousand_tasks_a_sweep_and_region() -> None:
    """Events and sweeps did not run for hours; the sweep's share of Braket's quota is four reads a second."""
    world = World()
    world.sweeps()
    for _ in range(2_300):
        world.braket.submit("task", "eu-north-1", world.now).moves("COMPLETED", world.now)
    found = [0]
    while found[-1] < 2_300 and len(found) < 5:
        began = world.now = world.now + TICK
        world.sweeps()
        found.append(len(world.snapshots.rows))
        assert world.now - began < TICK

    each = [later - before for before, later in pairwise(found)]
    assert len(each) == 3
    assert all(1_000 < count < 1_200 for count in each[:-1])
