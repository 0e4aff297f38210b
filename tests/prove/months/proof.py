"""Months of use: random histories of ninety days over the real functions, each judged by the promise's own words."""

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.prove.months.history import verdict_of
from tests.prove.months.judge import Verdict, faults
from tests.prove.months.wrong_designs import WRONG, Wrong, broken
from tests.prove.result import Result

#: Histories of the long form and of the short one.
HISTORIES, SIZED = 240, 3
MOST_NAMED = 5


def prove(*, long: bool) -> Result:
    """Two hundred and forty histories on every processor, or three; the wrong designs must fail in either."""
    if not long:
        return result([verdict_of(seed) for seed in range(SIZED)])
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as processes:
        verdicts = list(processes.map(verdict_of, range(HISTORIES)))
        unfound = [name for name in processes.map(_unfound, range(len(WRONG))) if name]
    return result(verdicts, unfound)


def result(verdicts: list[Verdict], wrong: list[str] | None = None) -> Result:
    """Add the verdicts up. A late or silent notification is wrong, whatever else the proof counts."""
    repeats, found = Counter[str](), list(wrong or [])
    for seed, verdict in enumerate(verdicts):
        repeats += verdict.unavoidable
        found += [f"seed {seed} {each}" for each in faults(verdict)]
    ends, owed = sum(each.ends for each in verdicts), sum(each.owed for each in verdicts)
    passed = sum(each.passed for each in verdicts)
    return Result(
        "months",
        len(verdicts),
        sum(len(each.lost) for each in verdicts),
        sum(each.avoidable for each in verdicts),
        repeats,
        tuple(found[:MOST_NAMED]),
        f"{ends:,} ends, {owed:,} notifications, {passed:,} passed on",
    )


def missed(wrong: Wrong) -> str:
    """The name of a wrong design that no history finds; empty if one does."""
    with broken(wrong):
        verdicts = (verdict_of(seed, wrong.happenings, wrong.most, wrong.days) for seed in range(wrong.histories))
        found = any(wrong.finds in {each.partition(":")[0] for each in faults(verdict)} for verdict in verdicts)
    return "" if found else f"{wrong.name}: {wrong.finds} not found"


def _unfound(number: int) -> str:
    return missed(WRONG[number])
