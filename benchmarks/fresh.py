"""Whole processes, started anew: the processor time of each from its start to its end."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

ROUNDS = 11
END = "import os; os._exit(0)"


@dataclass(frozen=True, slots=True)
class Fresh:
    """A process to start: what it runs (each time anew), where its modules are, and its environment."""

    name: str
    code: Callable[[], str]
    path: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def cpu_ms(processes: Sequence[Fresh], rounds: int = ROUNDS) -> dict[str, float]:
    """The median processor time (user and system, in ms) of each; rounds take turns, so that noise is shared."""
    times: dict[str, list[float]] = {each.name: [] for each in processes}
    for _ in range(rounds):
        for each in processes:
            times[each.name].append(_once(each))
    return {name: median(found) for name, found in times.items()}


def _once(process: Fresh) -> float:
    """Without `site`, so that only the modules on its path are there; nothing is torn down, as in Lambda."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(process.path), **process.environment}
    started = subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-S", "-c", f"{process.code()}\n{END}"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    errors = started.stderr.read() if started.stderr else b""
    _, status, used = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.stderr:
        started.stderr.close()
    if started.returncode:
        raise RuntimeError(f"{process.name} ended with {started.returncode}: {errors.decode(errors='replace')[-2000:]}")
    return 1000 * (used.ru_utime + used.ru_stime)
