"""All proofs in their long form, and the time that each takes."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.prove import grouped
from tests.prove.channel_faults import proof as channel_faults
from tests.prove.interleavings import proof as interleavings
from tests.prove.kill_points import proof as kill_points
from tests.prove.months import proof as months
from tests.prove.process_kills import proof as process_kills
from tests.prove.process_kills import random_kills
from tests.prove.result import Result
from tests.prove.soak import proof as soak
from tests.prove.state_machine import proof as state_machine

Proof = Callable[..., Result]

#: Proofs of one process each, with a clock of their own, so that they may run side by side.
SIDE_BY_SIDE: tuple[Proof, ...] = (
    interleavings.prove,
    state_machine.prove,
    interleavings.prove_in_state_file,
    soak.prove,
    soak.prove_in_state_file,
    grouped.prove,
)
#: Proofs that use every processor, or measure time.
IN_TURN: tuple[Proof, ...] = (
    months.prove,
    kill_points.prove,
    channel_faults.prove,
    process_kills.prove,
    random_kills.prove,
)


def proven() -> Iterator[tuple[Result, float]]:
    """Yield each proof's result and its seconds."""
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as processes:
        yield from processes.map(timed, SIDE_BY_SIDE)
    yield from map(timed, IN_TURN)


def timed(prove: Proof) -> tuple[Result, float]:
    """Run one proof; a process of its own finds this function by its name, which none in `__main__` would have."""
    began = time.monotonic()
    result = prove(long=True)
    return result, time.monotonic() - began
