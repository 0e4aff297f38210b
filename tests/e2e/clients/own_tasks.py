"""Quantum tasks that amazon-braket-sdk submits, watched by `braket-notifier run` as one process."""

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from local.braket.emulator import Braket, CreateRequest, Script
from local.braket.script import TERMINAL
from local.inbox.inbox import Inbox, Mail, Post
from local.story.tally import id_of, is_digest, of_post

ROOT = Path(__file__).parents[3]
#: Tasks, each of which is queued, runs and ends.
TASKS = 100
#: Every tenth task fails.
FAILS = 10
CHANNEL = "C0123456789"
REGIONS = "eu-north-1,us-east-1,us-west-1"
#: Seconds until every end must be accepted, and until a repeat would show.
PATIENCE_S, SETTLED_S = 300, 5


def check_own_tasks(settings: Mapping[str, str], python: Path, script: Path) -> int:
    """The number of failed checks: each end is in Slack once, with the same words as in the terminal."""
    accepted: Counter[str] = Counter()
    posts: list[Post] = []

    def accept(message: Post | Mail) -> None:
        if isinstance(message, Post):
            posts.append(message)
            accepted.update(each.id for each in of_post(message))

    def edit(post: Post) -> None:
        if is_digest(post):  # a card's other edits announce nothing
            accepted.update(each.id for each in of_post(post))

    with TemporaryDirectory() as folder, Braket(choose=_choose) as braket, Inbox(None, accept, edit) as inbox:
        environ = {**settings, "AWS_ENDPOINT_URL_BRAKET": braket.url}
        output = Path(folder) / "output"
        with output.open("w") as out, _begun(Path(folder), environ, inbox, out) as process:
            try:
                _until(lambda: "first round" in output.read_text())
                arguments = [str(python), str(script), str(TASKS)]
                done = subprocess.run(arguments, env=environ, timeout=PATIENCE_S, check=False)  # noqa: S603 - our own words
                _until(lambda: len(_ends(braket)) == TASKS and _ends(braket) <= set(accepted))
                time.sleep(SETTLED_S)
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(60)
        expected, changes = _ends(braket), len(braket.changes)
        shown = output.read_text()
    repeated = accepted.total() - len(accepted)
    found = {
        f"amazon-braket-sdk submitted {TASKS} tasks, with {changes} status changes": done.returncode == 0
        and changes >= 3 * TASKS,
        f"each end is in Slack: {len(expected - set(accepted))} lost": len(expected) == TASKS
        and expected <= set(accepted),
        f"each end is there once: {repeated} repeated": not repeated and set(accepted) <= expected,
        "a task alone has the same words in Slack as in the terminal": _same_words(posts, shown),
        "the process ended in order": process.returncode == 0 and "ended; " in shown,
    }
    for what, is_right in found.items():
        print(f"{'ok  ' if is_right else 'FAIL'} run: {what}")  # noqa: T201  its output
    return sum(not each for each in found.values())


def _ends(braket: Braket) -> set[str]:
    return {id_of(("slack", each.arn, each.status)) for each in braket.changes if each.status in TERMINAL}


def _same_words(posts: list[Post], shown: str) -> bool:
    alone = [post.text for post in posts if post.metadata and not is_digest(post) and post.thread_ts is None]
    both = [text for text in alone if text in shown]
    return bool(both) and len(both) == len(alone)


def _choose(asked: CreateRequest) -> Script:
    number = int(asked.name.rpartition("-")[2])
    end = "COMPLETED" if number % FAILS else "FAILED"
    return Script(
        steps=((0.2, "QUEUED"), (1.0, "RUNNING"), (1.0 + number % 7, end)), failure_reason="Qubit 17 is offline"
    )


def _begun(folder: Path, environ: Mapping[str, str], inbox: Inbox, out: IO[str]) -> "subprocess.Popen[bytes]":
    token = folder / "token"
    token.touch(mode=0o600)
    token.write_text(inbox.workspace.token)
    words = ["--plain", "--yes", "--every", "2", "--regions", REGIONS, "--state", str(folder / "state.sqlite")]
    words += ["--slack", f"file:{token}", "--slack-channel", CHANNEL]
    return subprocess.Popen(  # noqa: S603 - our own words
        [ROOT / "bin" / "braket-notifier", "run", *words],
        env={**environ, "SLACK_ENDPOINT_URL": inbox.url, "COLUMNS": "200"},
        cwd=folder,
        stdout=out,
    )


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
