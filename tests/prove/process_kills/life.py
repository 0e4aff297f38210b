"""One life of the process `run --once`, which may end at a write of its state file as `kill -9` ends it."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import time
from typing import Any

import pytest

from braket_notifier.adapters.sqlite.queues import SqliteQueues
from braket_notifier.adapters.sqlite.state_file import StateFile
from braket_notifier.cli import state
from braket_notifier.cli.main import main
from braket_notifier.cli.process import delivering, named, watching

KILLED = 137


@dataclass(frozen=True)
class Kill:
    """The number of the write at which the process dies, before or after it, and how many of its lives count on."""

    write: int
    moment: str


def live(arguments: Sequence[str], environ: Mapping[str, str], output: Path, kill: Kill | None, later_s: float) -> None:
    """Run the command with a clock that is ahead by some seconds, so that leases of an earlier life have ended."""
    os.environ.update(environ)
    sys.stdout = sys.stderr = output.open("a", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for module in (named, watching, delivering):
            patch.setattr(module, "now", lambda: datetime.now(UTC) + timedelta(seconds=later_s))
        patch.setattr(state, "SqliteQueues", partial(SqliteQueues, clock=lambda: time() + later_s))
        if kill:
            patch.setattr(StateFile, "change", _dying(StateFile.change, kill))
        code = main([*arguments])
    sys.stdout.flush()
    os._exit(code)


def _dying(change: Callable[[StateFile], Any], kill: Kill) -> Callable[[StateFile], Any]:
    count = 0

    @contextmanager
    def dying(self: StateFile) -> Iterator[Any]:
        nonlocal count
        count += 1
        if (count, kill.moment) == (kill.write, "before"):
            os._exit(KILLED)
        with change(self) as database:
            yield database
        if (count, kill.moment) == (kill.write, "after"):
            os._exit(KILLED)

    return dying
