"""A terminal of its own for a command, at which a test answers what is asked."""

import os
import pty
import re
import select
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

#: Seconds in which a command prints something, or asks a question that the test does not know.
PATIENCE_S = 180
_STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def at_a_terminal(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], answers: Mapping[str, str]
) -> tuple[int, str]:
    """The exit code and everything that the terminal shows; an answer follows the pattern with which a line ends."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - our own words
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env={**environment, "TERM": "dumb"},
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown, asked = "", 0
        while more := _read(ours):
            shown += _STYLES.sub("", more.decode(errors="replace"))
            for question, answer in answers.items():
                if re.search(f"(?:{question})$", shown[asked:].rsplit("\n", 1)[-1]):
                    os.write(ours, f"{answer}\n".encode())
                    asked = len(shown)
        try:
            process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError(f"nothing more was printed after: {shown[-500:]}") from None
    os.close(ours)
    return process.returncode, shown


def _read(terminal: int) -> bytes:
    """Return the next output, which is empty at the terminal's end, or if nothing comes."""
    ready, _, _ = select.select([terminal], [], [], PATIENCE_S)
    try:
        return os.read(terminal, 65536) if ready else b""
    except OSError:  # how Linux names the end of a terminal
        return b""
