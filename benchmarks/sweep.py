"""A sweep of many open quantum tasks: the notifier's beside the loops that a user would write."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING
from urllib.request import urlopen

from benchmarks.report import Goal, Report
from braket_notifier.adapters.aws.braket import OPEN_STATUSES, PAGE
from braket_notifier.braket.rate_limit import shares
from braket_notifier.domain.policy import QuotaShares

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Number of tasks above which one run suffices.
ROUNDS, ONCE = 3, 10_000
LATENCY_MS = 30
#: Tasks, changed tasks, the network's latency in ms, and the designs to compare.
CASES: Sequence[tuple[int, int, int, Sequence[str]]] = (
    (100, 0, LATENCY_MS, ("ours", "loop", "32 threads")),
    (100, 10, LATENCY_MS, ("ours", "loop", "32 threads")),
    (1_000, 0, LATENCY_MS, ("ours",)),
    (1_000, 20, LATENCY_MS, ("ours", "loop", "16 threads", "32 threads")),
    (1_000, 20, 0, ("ours", "loop", "32 threads")),
    (1_000, 100, LATENCY_MS, ("ours",)),
    (10_000, 0, LATENCY_MS, ("ours",)),
    (10_000, 100, LATENCY_MS, ("ours", "32 threads")),
    (10_000, 1_000, LATENCY_MS, ("ours",)),
    (100_000, 0, LATENCY_MS, ("ours",)),
    (100_000, 1_000, LATENCY_MS, ("ours",)),
    (100_000, 10_000, LATENCY_MS, ("ours",)),
)
#: The case with quotas: the server throttles, and the sweep reads the changed tasks at four a second.
QUOTA_CASE = (2_000, 2_000)


@dataclass(frozen=True, slots=True)
class Took:
    """The medians of one design in one case."""

    design: str
    tasks: int
    changed: int
    latency_ms: int
    calls: int
    cpu_s: float
    wall_s: float
    lost: int
    throttled: int = 0


def run() -> Report:
    with ThreadPoolExecutor(1) as beside:  # it waits nearly all of its time
        paced = beside.submit(measure, "ours, paced", *QUOTA_CASE, LATENCY_MS, quotas=True)
        found = [measure(design, *case) for *case, designs in CASES for design in designs]
        quotas = [paced.result(), measure("32 threads", *QUOTA_CASE, LATENCY_MS, quotas=True)]
    columns = ("design", "tasks", "changed", "latency", "Braket calls", "CPU s", "wall s", "lost", "throttled")
    measured = (
        "One sweep in a process of its own against a Braket that costs its clients nothing but the network; medians "
        f"of {ROUNDS}, of 10,000 tasks and more one run. The rows are in memory in each design. "
        "The last two lines: with Braket's published quotas."
    )
    rows = [_row(each) for each in (*found, *quotas)]
    return Report("sweep", measured, columns, rows, goals(found, quotas[0]), lambda axes: _plot(axes, found))


def measure(design: str, tasks: int, changed: int, latency_ms: int, *, quotas: bool = False) -> Took:
    """Use a new server for each round, because its buckets must be full."""
    tooks, calls, throttled = [], 0, 0
    for _ in range(1 if quotas or tasks >= ONCE else ROUNDS):
        with _serving(tasks, changed, latency_ms, quotas=quotas) as url:
            command = [sys.executable, "-m", "benchmarks.sweep_client", design, url, str(tasks)]
            done = subprocess.run(command, env=_environment(), stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - our own words
            tooks.append(json.loads(done.stdout))
            with urlopen(f"{url}/counts") as answer:  # noqa: S310 - on this machine
                counts = json.load(answer)
        throttled = counts.pop("throttled", 0)
        calls = sum(counts.values())
    cpu, wall = (median(each[name] for each in tooks) for name in ("cpu_s", "wall_s"))
    lost = changed - min(each["found"] for each in tooks)
    return Took(design, tasks, changed, latency_ms, calls, cpu, wall, lost, throttled)


def goals(found: Sequence[Took], paced: Took) -> Sequence[Goal]:
    case = {(each.design, each.tasks, each.changed, each.latency_ms): each for each in found}
    ours, naive, threads = (case[design, 1_000, 20, LATENCY_MS] for design in ("ours", "loop", "16 threads"))
    many, quiet = case["ours", 10_000, 100, LATENCY_MS], case["ours", 1_000, 0, LATENCY_MS]
    return (
        Goal("cpu_by_loop_1000", ours.cpu_s / naive.cpu_s, 0.04),
        # The loop's requests follow one another, so ten times as many tasks take ten times as long.
        Goal("cpu_by_loop_10000", many.cpu_s / (10 * naive.cpu_s), 0.04),
        Goal("wall_by_loop_1000", ours.wall_s / naive.wall_s, 0.03),
        Goal("wall_by_loop_10000", many.wall_s / (10 * naive.wall_s), 0.03),
        Goal("wall_by_16_threads_1000", ours.wall_s / threads.wall_s, 0.25),
        *(Goal(f"calls_{each.tasks}_{each.changed}", each.calls, most_calls(each)) for each in (quiet, ours, many)),
        Goal("quota_throttled", paced.throttled, 0),
        Goal("quota_lost", paced.lost, 0),
        Goal("quota_wall_by_ideal", paced.wall_s / ideal_s(paced), 1.1),
    )


def most_calls(took: Took) -> int:
    """The listings and the changed tasks; of their one device, its status and its first and last queued task."""
    of_device = 3 if took.changed < took.tasks else 1
    return len(OPEN_STATUSES) + -(-took.tasks // PAGE) + 4 + took.changed + of_device


def ideal_s(took: Took) -> float:
    """The seconds that our share of GetQuantumTask allows: the burst at once, then its rate."""
    quota = shares(QuotaShares(), "sweep")["GetQuantumTask"]
    return (took.changed - quota.burst) / quota.rate


@contextmanager
def _serving(tasks: int, changed: int, latency_ms: int, *, quotas: bool) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.fake_braket", *map(str, (tasks, changed, latency_ms, int(quotas)))]
    with subprocess.Popen(command, env=_environment(), stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own words
        assert server.stdout  # noqa: S101 - it is a pipe
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(("lambdas", "."))}


def _row(took: Took) -> Sequence[str]:
    figures = (f"{took.latency_ms} ms", f"{took.calls:,}", f"{took.cpu_s:.3f}", f"{took.wall_s:.2f}")
    return (took.design, f"{took.tasks:,}", f"{took.changed:,}", *figures, str(took.lost), str(took.throttled))


def _plot(axes: "Axes", found: Sequence[Took]) -> None:
    for design in ("ours", "loop", "32 threads"):
        points = sorted((e.tasks, e.cpu_s) for e in found if e.design == design and e.changed and e.latency_ms)
        axes.loglog(*zip(*dict(points).items(), strict=True), marker="o", label=design)
    axes.set_xlabel("open quantum tasks")
    axes.set_ylabel("CPU s of one sweep")
    axes.legend()
