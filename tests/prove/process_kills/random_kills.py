"""The process `run`, killed by SIGKILL at random moments, one life after another over one state file."""

import os
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from time import monotonic

import boto3

from tests.local.braket_world import GARNET, OPENQASM
from tests.prove.process_kills.proof import CHANNELS, ENDS_WELL, MADE_UP, REGION, WINDOW, OneProcess, preload
from tests.prove.result import Result

SEED = 20261129
KILLS, SIZED = 200, 5
#: Tasks that end in each life, so that each killed life has several messages to send.
ENDS = 2
#: Seconds from one life to the next, longer than a claim's lease and than a task's life.
LATER_S = 70.0
#: Lives without a kill: the first ones show how long a life is, the last ones send what waits.
CALM, LAST = 2, 3


def prove(*, long: bool) -> Result:
    """Kill lives at a random moment of their usual time; the seed fixes the share of it."""
    preload()
    random, kills = Random(SEED), KILLS if long else SIZED  # noqa: S311 - to be repeated, not to hide anything
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        process = OneProcess(Path(folder), stack)
        lives = Lives(process)
        usual = max(lives.live(None) for _ in range(CALM))
        for _ in range(kills):
            lives.live(random.uniform(0, usual))
        for _ in range(LAST):
            lives.live(None)
        return lives.result()


class Lives:
    """Lives of one process, whose clock goes on by more than a claim's lease from each to the next."""

    def __init__(self, process: OneProcess) -> None:
        self._process = process
        self._state = process.folder / "base.sqlite"
        self._client = boto3.client("braket", REGION, endpoint_url=process.environ["AWS_ENDPOINT_URL"], **MADE_UP)  # type: ignore[call-overload]  # the keys
        process.stack.callback(self._client.close)
        self._number = 0
        self._names: list[str] = []
        self._killed: list[bool] = []
        self._failed: list[str] = []

    def live(self, seconds: float | None) -> float:
        """Begin a life in which the tasks of the life before end, and kill it after some seconds; return its length."""
        self._number += 1
        self._process.braket.clock.push(LATER_S)
        for each in range(ENDS):
            self._submit(f"{ENDS_WELL}{self._number}-{each}")
        began = monotonic()
        with self._process.begun(self._state, None, LATER_S * self._number) as process:
            process.join(seconds)
            if process.exitcode is None:
                os.kill(process.pid or 0, signal.SIGKILL)
                process.join()
        self._killed.append(process.exitcode == -signal.SIGKILL)
        if process.exitcode not in (0, -signal.SIGKILL):
            self._failed.append(f"life {self._number} ended with {process.exitcode}")
        return monotonic() - began

    def _submit(self, name: str) -> None:
        """Each in a batch of its own, so that each is announced alone."""
        self._names.append(name)
        self._client.create_quantum_task(
            action=OPENQASM,
            deviceArn=GARNET,
            shots=100,
            outputS3Bucket="results",
            outputS3KeyPrefix=name,
            tags={"Name": name, "batch": name},
        )

    def result(self) -> Result:
        ended = [name for name in self._names if not name.startswith(f"{ENDS_WELL}{self._number}-")]
        lost, repeats = 0, 0
        unmarked: list[str] = []
        for channel, texts in self._accepted():
            times = Counter(name for name, _ in texts)
            lost += sum(name not in times for name in ended)
            repeats += sum(count - 1 for count in times.values())
            unmarked += [f"{channel}: {name}" for name in times if _unmarked(name, texts) > 1]
        kills = sum(self._killed)
        many = [f"{repeats} repeats after {kills} kills"] if repeats > CHANNELS * kills else []
        wrong = [*self._failed, *many]
        figures = f"{len(ended)} ends, {kills} kills"
        return Result("random kills", kills, lost, len(unmarked), Counter({WINDOW: repeats}), tuple(wrong), figures)

    def _accepted(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """The name of each task that a channel with marks took, and the line about it."""
        output = (self._process.folder / "output").read_text().splitlines()
        shown = [line for line in output if "✅" in line]
        for channel, lines in {"team": self._process.posts, "terminal": shown}.items():
            yield channel, [(line.partition("✅ ")[2].partition(" ")[0], line) for line in lines]


def _unmarked(name: str, texts: list[tuple[str, str]]) -> int:
    return sum(each == name and "may repeat" not in line for each, line in texts)
