"""`make run` announces its end, and leaves no process, port or folder behind, however it ends."""

import os
import pty
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.cloud import environment
from local.ending import ENDING, STILL_ENDING
from tests.local.test_cloud_end import members

Eventually = Callable[[Callable[[], Any]], Any]
ROOT = Path(__file__).parents[2]
PATIENCE_S = 120

#: The run with the small assembly, another story, and a file of its own that leads the command line here. A line of
#: input lets its end go on.
STARTER = """
import sys
from pathlib import Path
from threading import Event
from local import run
from local.story.stage import Stage

def story(stage, log):
    print("up", stage.cloud.process_group, stage.cloud.url, stage.inbox.url, flush=True)
    {story}

run.ENVIRONMENT = Path(sys.argv[2])
run.synthesise = lambda settings, assembly=Path(sys.argv[1]): assembly
run.play_story = story
Stage._close = lambda stage: {close}
sys.argv[1:] = ["--keep"]
sys.exit(run.main())
"""
WAITS, RAISES, AT_ONCE = "Event().wait()", "raise ValueError('of the story')", "None"


@dataclass(frozen=True)
class Running:
    """A run, the files of what it prints, and the folder for temporary files."""

    process: subprocess.Popen[str]
    said: Path
    errors: Path
    temporary: Path

    @property
    def up(self) -> str:
        """The line with the process group of its cloud and its addresses, once it is up."""
        return next((line for line in self.said.read_text().splitlines(keepends=True) if line.startswith("up ")), "")

    def is_gone(self) -> bool:
        group, ports = int(self.up.split()[1]), re.findall(r":(\d+)", self.up)
        return not (members(group) or any(self.temporary.iterdir()) or any(map(is_open, map(int, ports))))


@pytest.fixture
def start(assembly: Path, tmp_path: Path, eventually: Eventually) -> Iterator[Callable[..., Running]]:
    processes: list[subprocess.Popen[str]] = []
    (temporary := tmp_path / "temporary").mkdir()
    environment.python()  # otherwise its installation may print warnings

    def started(story: str = WAITS, close: str = AT_ONCE) -> Running:
        command = [
            sys.executable,
            "-c",
            STARTER.format(story=story, close=close),
            str(assembly),
            str(tmp_path / "environment"),
        ]
        variables, errors = os.environ | {"TMPDIR": str(temporary)}, tmp_path / "errors"
        with (tmp_path / "said").open("w") as said, errors.open("w") as stderr:
            process = subprocess.Popen(  # noqa: S603  the text above
                command, env=variables, stdin=subprocess.PIPE, stdout=said, stderr=stderr, text=True
            )
        processes.append(process)
        run = Running(process, tmp_path / "said", errors, temporary)
        eventually(lambda: run.up.endswith("\n") or process.poll() is not None)
        assert run.up, errors.read_text()
        return run

    yield started
    for each in processes:
        each.kill()
        each.communicate()


def is_open(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(("end", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=str)
def test_a_signal_ends_a_run_with_one_announcement_and_nothing_left(
    end: signal.Signals, code: int, start: Callable[..., Running]
) -> None:
    run = start()
    assert not run.is_gone()

    run.process.send_signal(end)

    assert run.process.wait(PATIENCE_S) == code
    assert run.said.read_text().count(ENDING) == 1
    assert run.errors.read_text() == ""
    assert run.is_gone()


def test_a_second_ctrl_c_does_not_cut_the_end_short(start: Callable[..., Running], eventually: Eventually) -> None:
    run = start(close="input()")  # the end waits for a line

    run.process.send_signal(signal.SIGINT)
    eventually(lambda: ENDING in run.said.read_text())
    run.process.send_signal(signal.SIGINT)
    eventually(lambda: STILL_ENDING in run.said.read_text())
    run.process.communicate("\n", timeout=PATIENCE_S)

    assert (run.process.returncode, run.errors.read_text()) == (130, "")
    assert run.is_gone()


def test_an_exception_ends_a_run_with_an_announcement_and_nothing_left(start: Callable[..., Running]) -> None:
    run = start(RAISES)

    assert run.process.wait(PATIENCE_S) == 1
    assert run.said.read_text().count(ENDING) == 1
    assert run.errors.read_text().endswith("ValueError: of the story\n")
    assert run.is_gone()


def test_a_killed_run_leaves_nothing(start: Callable[..., Running], eventually: Eventually) -> None:
    run = start()

    run.process.kill()
    run.process.wait()

    eventually(run.is_gone)


def test_a_closed_terminal_ends_a_run_and_leaves_nothing(
    assembly: Path, tmp_path: Path, eventually: Eventually
) -> None:
    """The run is the leader of the terminal's session, as behind a shell that passes the hang-up on."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TMPDIR"] = str(tmp_path)
        starter = STARTER.format(story=WAITS, close=AT_ONCE)
        words = [sys.executable, "-c", starter, str(assembly), str(tmp_path / "environment")]
        os.execv(sys.executable, words)  # noqa: S606
    said = b""
    while not (up := re.search(rb"up (\d+) \S+ \S+\r\n", said)):
        said += os.read(terminal, 1024)
    group = int(up[1])
    assert members(group)

    os.close(terminal)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 129
    eventually(lambda: not members(group) and not list(tmp_path.iterdir()))


def test_a_run_that_is_killed_while_it_synthesises_leaves_nothing(tmp_path: Path, eventually: Eventually) -> None:
    """CDK's process of Node writes its files at first."""
    temporary, out = tmp_path / "temporary", tmp_path / "out"
    temporary.mkdir()
    starter = "import sys; from pathlib import Path; from local.story.assembly import SETTINGS, synthesise\n"
    starter += "synthesise(SETTINGS, Path(sys.argv[1]))"
    command, variables = [sys.executable, "-c", starter, str(out)], os.environ | {"TMPDIR": str(temporary)}
    with subprocess.Popen(command, env=variables, cwd=ROOT) as process:  # noqa: S603  the text above
        eventually(lambda: any("jsii" in path.name for path in temporary.rglob("*")))
        group = group_of(str(out), but=process.pid)
        process.kill()

    eventually(lambda: not members(group) and not list(temporary.iterdir()))


def group_of(argument: str, but: int) -> int:
    """The process group of the other process with this argument."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,pgid=,args="], capture_output=True, text=True, check=True)  # noqa: S607
    lines = (line.split(None, 2) for line in listed.stdout.splitlines() if argument in line)
    [found] = [int(pgid) for pid, pgid, _ in lines if int(pid) != but]
    return found
