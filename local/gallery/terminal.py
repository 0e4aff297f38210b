"""Pictures of `braket-notifier`'s output for docs: `python -m local.gallery.terminal` on the local cloud."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from rich.cells import chop_cells
from rich.console import Console
from rich.text import Text

from local.story import chapters
from local.story.assembly import synthesise
from local.story.stage import Stage

COMMAND = Path(__file__).parents[2] / "bin" / "braket-notifier"
DOCS = Path("docs")
WIDTH = 116
#: Escape sequence between two frames of a live table.
REDRAWN = re.compile(r"(?:\r?\x1b\[[12]?[AK])+")
CURSOR = re.compile(r"\x1b\[\?25[lh]")
FAILS, JOB, TASK = chapters.TASKS[1], chapters.JOBS[0], chapters.TASKS[0]
AHEAD_S = 1.0
#: End of a question; a terminal shows the answer behind it.
ASKED = "[y/N] "


def main() -> int:
    with Stage().up() as stage:
        stage.deploy(synthesise())
        stage.sweep()
        job = stage.submit(JOB)
        time.sleep(AHEAD_S)
        task, failed = stage.submit(TASK), stage.submit(FAILS)
        frames = REDRAWN.split(run(stage, "watch", job, task, failed, "--every", "0.1"))
        running = [frame for frame in frames if "RUNNING" in frame and "ahead" in frame]
        picture("watch", ["watch", "ARN", "ARN", "ARN"], [*frames, *running][-1])
        picture("explain", ["explain", failed], run(stage, "explain", failed))
        picture("verify", ["verify", "--yes"], run(stage, "verify", "--yes"))
    return 0


def run(stage: Stage, *words: str, answer: str = "", width: int = WIDTH) -> str:
    """The output as on a terminal of that width with colours, where the operator gives this answer."""
    keyboard, terminal = os.openpty()
    os.write(keyboard, f"{answer}\n".encode())
    surroundings = {"PATH": os.environ["PATH"], "COLUMNS": str(width), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    done = subprocess.run(  # noqa: S603 - our own words
        [COMMAND, *words],
        env=surroundings | stage.environment(),
        stdin=terminal,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(terminal)
    os.close(keyboard)
    return CURSOR.sub("", done.stdout).replace(ASKED, f"{ASKED}{answer}\n")


def picture(name: str, words: Sequence[str], output: str, width: int = WIDTH) -> None:
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=width, file=nowhere, force_terminal=True)
        console.print(Text(f"$ braket-notifier {' '.join(words)}", style="bold"))
        for line in Text.from_ansi(output.strip("\n")).split("\n", allow_blank=True):
            console.print(*_as_terminals_break(line, width), sep="\n")
        console.save_svg(str(DOCS / f"{name}.svg"), title="braket-notifier")


def _as_terminals_break(line: Text, width: int) -> list[Text]:
    """The rows of a long line; a terminal breaks it at its edge, not between words."""
    rows = chop_cells(line.plain, width)
    return [*line.divide(list(accumulate(map(len, rows)))[:-1])] if rows else [line]


if __name__ == "__main__":
    sys.exit(main())
