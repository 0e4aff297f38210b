"""The local cloud leaves no process and no directory behind."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Eventually = Callable[[Callable[[], Any]], Any]

STARTER = """
import sys
from pathlib import Path
from local.cloud.cloud import Cloud
with Cloud() as cloud:
    stack = cloud.deploy(Path(sys.argv[1]))
    home = cloud.invoke(stack.resources["Bare"])["environment"]["HOME"]
    print(cloud.process_group, home, flush=True)
    input()
"""


@pytest.mark.parametrize("end", [None, signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=str)
def test_a_cloud_leaves_nothing_however_its_starter_ends(
    end: signal.Signals | None, assembly: Path, eventually: Eventually
) -> None:
    """A function's process is idle when the starter returns, is interrupted, terminated or killed."""
    command = [sys.executable, "-c", STARTER, str(assembly)]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere) as starter:  # noqa: S603  the text above
        assert starter.stdin
        assert starter.stdout
        group, directory = starter.stdout.readline().decode().split()
        assert len(members(int(group))) == 2, "the emulator and one function"  # so that an empty group is no accident
        if end:
            starter.send_signal(end)
        else:
            starter.stdin.write(b"\n")
            starter.stdin.flush()
        starter.wait(120)  # longer than the emulator's ten seconds to end by itself

    eventually(lambda: not members(int(group)))
    eventually(lambda: not Path(directory).exists())


def members(group: int) -> list[str]:
    """The running processes of a process group."""
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,stat=,args="], capture_output=True, text=True, check=True)  # noqa: S607  whichever ps there is
    processes = (line.split(None, 2) for line in listed.stdout.splitlines())
    return [args for pgid, stat, args in processes if int(pgid) == group and not stat.startswith("Z")]
