"""Processor time of new processes, each from its start to its end."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from tempfile import TemporaryFile

ROUNDS = 11
ATTEMPTS, AGAIN_S = 5, 3
END = "import os, sys; sys.stdout.flush(); os._exit(0)"


@dataclass(frozen=True, slots=True)
class Fresh:
    """A process to start: its code (made anew for each run), its module folders, its environment and its Python."""

    name: str
    code: Callable[[], str]
    path: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    python: str = sys.executable


def cpu_ms(processes: Sequence[Fresh], rounds: int = ROUNDS) -> dict[str, float]:
    """The median processor time (user and system, in ms) of each; runs alternate, because noise is then shared."""
    times: dict[str, list[float]] = {each.name: [] for each in processes}
    for _ in range(rounds):
        for each in processes:
            times[each.name].append(_until_handled(each))
    return {name: median(found) for name, found in times.items()}


def _until_handled(process: Fresh) -> float:
    """Run again when the record was deferred because the deployed function held the channel's lease."""
    for _ in range(ATTEMPTS):
        code, used_ms, said = _once(process)
        if code == 0:
            return used_ms
        time.sleep(AGAIN_S)
    raise RuntimeError(f"{process.name} ended with {code}: {said[-2000:]}")


def _once(process: Fresh) -> tuple[int, float, str]:
    """Start without `site`, so that only the modules on its path exist; store and tear down nothing, as in Lambda."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(process.path), **process.environment}
    command = [process.python, "-B", "-P", "-S", "-c", f"{process.code()}\n{END}"]
    with TemporaryFile() as output:
        started = subprocess.Popen(command, env=environment, stdout=output, stderr=output)  # noqa: S603 - our own words
        _, status, used = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return started.returncode, 1000 * (used.ru_utime + used.ru_stime), output.read().decode(errors="replace")
