"""`make prove`: every proof in its long form, in one table. Fails if anything was lost or repeated avoidably."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from rich.console import Console
from rich.table import Table

from tests.prove import grouped
from tests.prove.channel_faults import proof as channel_faults
from tests.prove.interleavings import proof as interleavings
from tests.prove.kill_points import proof as kill_points
from tests.prove.months import proof as months
from tests.prove.result import Result
from tests.prove.soak import proof as soak
from tests.prove.state_machine import proof as state_machine

Proof = Callable[..., Result]

#: Proofs of one process each, with a clock of their own, so that they may run side by side.
SIDE_BY_SIDE: tuple[Proof, ...] = (interleavings.prove, state_machine.prove, soak.prove, grouped.prove)
#: Proofs that use every processor, or measure time.
IN_TURN: tuple[Proof, ...] = (months.prove, kill_points.prove, channel_faults.prove)


def main() -> int:
    console, results = Console(), list[Result]()
    with console.status("proofs run …"):
        for result, seconds in _proven():
            results.append(result)
            console.print(f"[dim]{result.name}: {seconds:.0f} s[/]")
    console.print(_table(results))
    runs, lost = sum(each.runs for each in results), sum(each.lost for each in results)
    avoidable = sum(each.avoidable_repeats for each in results)
    unavoidable = sum(each.unavoidable_repeats.total() for each in results)
    print(f"runs={runs} lost={lost} avoidable_repeats={avoidable} unavoidable_repeats={unavoidable}")  # noqa: T201 - for scripts
    return 0 if all(each.good for each in results) else 1


def _proven() -> Iterator[tuple[Result, float]]:
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as processes:
        yield from processes.map(_timed, SIDE_BY_SIDE)
    yield from map(_timed, IN_TURN)


def _timed(prove: Proof) -> tuple[Result, float]:
    began = time.monotonic()
    result = prove(long=True)
    return result, time.monotonic() - began


def _table(results: list[Result]) -> Table:
    table = Table("proof", "runs", "lost", "avoidable repeats", "unavoidable repeats, by cause", "wrong")
    for each in results:
        causes = ", ".join(f"{count:,} {cause}" for cause, count in each.unavoidable_repeats.most_common()) or "0"
        figures = (f"{each.runs:,}", f"{each.lost}", f"{each.avoidable_repeats}")
        name = f"{each.name} ({each.figures})" if each.figures else each.name
        table.add_row(name, *figures, causes, "; ".join(each.wrong) or "-")
    return table


if __name__ == "__main__":
    sys.exit(main())
