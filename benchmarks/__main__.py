"""`make bench` runs every benchmark, `make bench NAME=sweep` one of them."""

import sys
from collections.abc import Callable

from rich.console import Console

from benchmarks import burst, cold_start, growth, latency, price, sweep
from benchmarks.report import Report

BENCHMARKS: dict[str, Callable[[], Report]] = {
    "sweep": sweep.run,
    "cold_start": cold_start.run,
    "latency": latency.run,
    "burst": burst.run,
    "growth": growth.run,
    "price": price.run,
}

#: Columns of the widest table, which a pipe or a narrow terminal would cut.
WIDTH = 200


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all. Exit 2 on an unknown name, 1 on a missed goal."""
    console = Console(highlight=False, width=WIDTH)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        console.print(f"NAME: {unknown[0]} is not a benchmark; allowed: {', '.join(BENCHMARKS)}")
        return 2
    missed = 0
    for name in names or BENCHMARKS:
        report = BENCHMARKS[name]()
        report.show(console)
        report.keep()
        missed += sum(not goal.met for goal in report.goals)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
