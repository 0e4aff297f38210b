"""The process `run`, killed at every write of its state file in turn, with a webhook, a handler and the terminal."""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import get_context
from multiprocessing.forkserver import ensure_running
from multiprocessing.process import BaseProcess
from pathlib import Path

import boto3
import pytest

from local.braket.emulator import Braket, Clock, CreateRequest, Script
from local.braket.serving import Request, Response, serving
from local.canary import CANARY
from tests.local.braket_world import GARNET, OPENQASM
from tests.prove.process_kills.life import KILLED, Kill, live
from tests.prove.result import Result

ROOT = Path(__file__).parents[3]
REGION = "eu-north-1"
MADE_UP = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}
WINDOW = "killed between accepted and marked"
#: The channels of the process, which send side by side, so that one kill may meet each in that window.
CHANNELS = 3
#: Seconds by which each life's clock is ahead of the one before, longer than a claim's lease.
AHEAD_S = 60.0
#: Lives after the killed one: the first may find a record hidden.
FURTHER_LIVES = 2
SETTINGS = f"""
home = "{REGION}"
regions = ["{REGION}"]
[channels.team]
type = "slack"
webhook = "ssm:/hook"
[channels.append]
type = "handler"
[defaults]
flood_after = 1000
[[routes]]
to = ["team", "append"]
status = ["COMPLETED", "FAILED", "CANCELLED"]
"""
HANDLER = """
import os
def handle(transition):
    with open(os.environ["APPENDED"], "a") as file:
        file.write(f"{transition.status}\\n")
"""


#: The beginning of the names of tasks that complete; others fail.
ENDS_WELL = "well-"
_WAITS = ((0.0, "QUEUED"), (60.0, "RUNNING"))


@dataclass
class OneProcess:
    """A folder with settings, a Braket in which a task has ended, a webhook, and the state before the end was seen."""

    folder: Path
    stack: ExitStack
    posts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "custom").mkdir()
        (self.folder / "custom" / "__init__.py").write_text("")
        (self.folder / "custom" / "append.py").write_text(HANDLER)
        (self.folder / "notifier.toml").write_text(SETTINGS)
        self.braket = braket = self.stack.enter_context(Braket(clock=Clock(held=True), choose=_choose))
        self.environ = {
            "AWS_ACCESS_KEY_ID": "made-up",
            "AWS_SECRET_ACCESS_KEY": "made-up",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": braket.url,
            "APPENDED": str(self.folder / "appended"),
        }
        client = boto3.client("braket", REGION, endpoint_url=braket.url, **MADE_UP)  # type: ignore[call-overload]
        client.create_quantum_task(
            action=OPENQASM, deviceArn=GARNET, shots=100, outputS3Bucket="results", outputS3KeyPrefix="ghz"
        )
        client.close()
        braket.clock.push(1)
        assert self.lives(self.folder / "base.sqlite", None, 0.0) == 0  # the task is open
        braket.clock.push(100)

    def lives(self, state: Path, kill: Kill | None, later_s: float) -> int:
        with self.begun(state, kill, later_s) as process:
            process.join()
        return process.exitcode or 0

    @contextmanager
    def begun(self, state: Path, kill: Kill | None, later_s: float) -> Iterator[BaseProcess]:
        """A life with a webhook of its own, so that nothing of a killed life is accepted after its end."""
        arguments = ["run", "--settings", str(self.folder / "notifier.toml"), "--state", str(state), "--once", "--yes"]
        arguments += ["--secret", "team=env:WEBHOOK"]
        with serving(self._accept) as slack:
            environ = {"SLACK_ENDPOINT_URL": slack, "WEBHOOK": f"{slack}/services/T0/B0/{CANARY}", **self.environ}
            given = (arguments, environ, self.folder / "output", kill, later_s)
            process = get_context("forkserver").Process(target=live, args=given)
            process.start()
            yield process

    def killed_at(self, kill: Kill) -> "Lived | None":
        """What came of a kill; None if the life ended without that write."""
        state, appended = self.folder / "state.sqlite", self.folder / "appended"
        shutil.copyfile(self.folder / "base.sqlite", state)
        appended.write_text("")
        self.posts.clear()
        (self.folder / "output").write_text("")
        codes = [self.lives(state, kill, AHEAD_S)]
        codes += [self.lives(state, None, AHEAD_S * number) for number in range(2, 2 + FURTHER_LIVES)]
        if codes[0] == 0:
            return None
        assert codes[0] == KILLED, (self.folder / "output").read_text()
        shown = (self.folder / "output").read_text().count("FAILED · ")
        return Lived(codes[1:], [*self.posts], appended.read_text().split(), shown)

    def _accept(self, request: Request) -> Response:
        self.posts.append(str(json.loads(request.body).get("text", "")))
        return Response(b"ok")


@dataclass(frozen=True)
class Lived:
    """The exit codes of the lives after a kill, and what each channel accepted in all of them."""

    codes: Sequence[int]
    posts: Sequence[str]
    appended: Sequence[str]
    shown: int

    @property
    def lost(self) -> int:
        return (not self.posts) + (not self.appended) + (not self.shown)

    @property
    def repeats(self) -> Sequence[int]:
        """Count them in each channel."""
        return [max(0, times - 1) for times in (len(self.posts), len(self.appended), self.shown)]

    def wrong(self) -> Iterator[str]:
        if any(self.codes):
            yield f"a later life ended with {self.codes}"
        if unmarked := [each for each in self.posts[1:] if "may repeat" not in each]:
            yield f"repeats without a mark: {unmarked}"
        if max(self.repeats) > 1:
            yield f"{self.repeats} repeats in the channels after one kill"


def prove(*, long: bool) -> Result:
    """Kill at every write, in the short form before every second."""
    preload()
    runs, lost, repeats, wrong = 0, 0, Counter[str](), list[str]()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        process = OneProcess(Path(folder), stack)
        for write in count(1, 1 if long else 2):
            for moment in ("before", "after") if long else ("before",):
                lived = process.killed_at(Kill(write, moment))
                if lived is None and moment == "after":
                    continue  # the write was refused by its condition
                if lived is None:
                    return Result("process kills", runs, lost, 0, repeats, tuple(wrong), f"{write - 1} writes")
                runs, lost = runs + 1, lost + lived.lost
                repeats[WINDOW] += sum(lived.repeats)
                wrong += [f"{moment} write {write}: {each}" for each in lived.wrong()]
    raise AssertionError("a life has an end")


def _choose(request: CreateRequest) -> Script:
    if request.name.startswith(ENDS_WELL):
        return Script(steps=(*_WAITS, (5.0, "COMPLETED")))
    return Script(steps=(*_WAITS, (5.0, "FAILED")), failure_reason="Qubit 17 is offline")


def preload() -> None:
    """Let the server that lives are forked from import everything once; it finds the modules by the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        get_context("forkserver").set_forkserver_preload([live.__module__])
        ensure_running()
