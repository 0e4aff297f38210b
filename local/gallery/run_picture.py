"""A picture of `braket-notifier run` for docs: `python -m local.gallery.run_picture`, with Braket's emulator alone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from tempfile import TemporaryDirectory
from threading import Thread

import boto3

from local.braket.emulator import Braket, CreateRequest, Script
from local.gallery.terminal import COMMAND, CURSOR, REDRAWN, WIDTH, picture
from local.story import chapters
from local.story.story import EMERALD, FORTE, GARNET, Act, create, way


def _open(status: str, ahead: int, hours: int) -> Script:
    """The life of a task that stays in a status."""
    steps = ((0.1, "QUEUED"), *(((0.1, "RUNNING"),) if status == "RUNNING" else ()))
    return Script(steps=steps, queue_ahead=ahead, aged=timedelta(hours=hours, minutes=7))


def _ends(act: Act, steps: tuple[tuple[float, str], ...]) -> Act:
    """The task of the story, with an end after the first round."""
    return replace(act, script=replace(act.script, steps=steps))


#: Two tasks that end soon, and three that stay open; their names are those of the pages.
ACTS = (
    Act(name="vqe-scan-2", device=EMERALD, script=_open("QUEUED", ahead=14, hours=2)),
    Act(name="maxcut-5", device=FORTE, script=_open("QUEUED", ahead=3, hours=1)),
    Act(name="ghz-13", device=GARNET, script=_open("RUNNING", ahead=0, hours=3)),
    _ends(chapters.TASKS[0], way("COMPLETED", after=4.0)),
    _ends(chapters.TASKS[1], ((0.3, "QUEUED"), (6.0, "FAILED"))),
)
SCRIPTS = {act.name: act.script for act in ACTS}
KEYS = {"aws_access_key_id": "-", "aws_secret_access_key": "-"}
#: The words before the table, and those of an empty one.
TABLE, EMPTY = "open resource", "nothing is open"
#: Seconds between two rounds, and until the picture must be there.
EVERY_S, PATIENCE_S = 1, 90


def main() -> int:
    with TemporaryDirectory() as folder, Braket(choose=_choose) as braket:
        environ = {"AWS_ENDPOINT_URL": braket.url, **{name.upper(): key for name, key in KEYS.items()}}
        environ |= {"PATH": os.environ["PATH"], "COLUMNS": str(WIDTH), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
        words = ["run", "--yes", "--every", str(EVERY_S), "--state", "state.sqlite"]
        with subprocess.Popen([COMMAND, *words], env=environ, cwd=folder, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own words
            shown: list[str] = []
            reader = Thread(target=_read, args=(process, shown))
            reader.start()
            _until(lambda: "first round" in "".join(shown))
            _submit(braket)
            _until(lambda: "rydberg-scan-7 FAILED" in "".join(shown) and "ghz-12 done" in "".join(shown))
            process.send_signal(signal.SIGINT)
            reader.join()
    picture("run", ["run"], last_screen(CURSOR.sub("", "".join(shown))))
    return 0


def last_screen(output: str) -> str:
    """The lines so far and the last table that shows something open; each frame has new lines before its table."""
    lines, last = "", ""
    for frame in REDRAWN.split(output):
        at = frame.find(TABLE)
        start = frame.rfind("\n", 0, at) + 1 if at >= 0 else len(frame)
        lines += frame[:start].replace(f"{EMPTY}\n", "")
        if at >= 0:
            last = lines + frame[start:]
    return "\n".join(line for line in last.splitlines() if line.strip() and "  ended; " not in line)


def _read(process: "subprocess.Popen[str]", shown: list[str]) -> None:
    while process.stdout and (found := process.stdout.read(1)):
        shown.append(found)


def _submit(braket: Braket) -> None:
    for act in ACTS:
        client = boto3.client("braket", act.region, endpoint_url=braket.url, **KEYS)  # type: ignore[call-overload]  # the keys
        create(act, client, braket)
        client.close()


def _choose(request: CreateRequest) -> Script:
    return SCRIPTS[request.name]


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
