"""`make prove`: every proof in its long form, in one table. Fails if anything was lost or repeated avoidably."""

import os
import sys

from rich.console import Console
from rich.table import Table

from tests.prove.proofs import proven
from tests.prove.result import Result


def main() -> int:
    os.environ["POWERTOOLS_LOG_LEVEL"] = "CRITICAL"  # the errors are injected, and their log lines would hide the table
    console, results = Console(), list[Result]()
    with console.status("proofs run …"):
        for result, seconds in proven():
            results.append(result)
            console.print(f"[dim]{result.name}: {seconds:.0f} s[/]")
    console.print(_table(results))
    runs, lost = sum(each.runs for each in results), sum(each.lost for each in results)
    avoidable = sum(each.avoidable_repeats for each in results)
    unavoidable = sum(each.unavoidable_repeats.total() for each in results)
    print(f"runs={runs} lost={lost} avoidable_repeats={avoidable} unavoidable_repeats={unavoidable}")  # noqa: T201 - for scripts
    return 0 if all(each.good for each in results) else 1


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
