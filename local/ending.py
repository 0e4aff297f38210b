"""The end of a run: announced once, and not cut short by a second Ctrl-C."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

#: Ctrl-C, a request to end, and the end of the terminal.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ENDING = "Ending the local cloud, Braket and the inbox; this takes a few seconds.\n"
STILL_ENDING = "Still ending.\n"
#: Exit code of a process that a signal ended, less the signal's number.
ENDED_BY = 128
_OUTPUT, _ERRORS = 1, 2


def end_on_signals() -> None:
    """Let the first signal raise SystemExit, so that every `with` block ends."""
    for each in SIGNALS:
        signal.signal(each, _end)  # set also because a shell's background process ignores SIGINT


@contextmanager
def announced_end() -> Iterator[None]:
    """Announce the end of the block, however it comes; from then on signals change nothing."""
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is not _again:
            _announce()


def _end(number: int, _frame: object) -> None:
    if number == signal.SIGHUP:
        _leave_terminal()
    _announce()
    sys.exit(ENDED_BY + number)


def _again(_number: int, _frame: object) -> None:
    _write(STILL_ENDING)


def _announce() -> None:
    for each in SIGNALS:
        signal.signal(each, _again)
    with suppress(OSError, RuntimeError):  # the signal may have come within another write
        sys.stdout.flush()
    _write(ENDING)


def _write(line: str) -> None:
    with suppress(OSError):
        os.write(_OUTPUT, line.encode())


def _leave_terminal() -> None:
    """Write nothing to a closed terminal, because each write would raise; a file or a pipe is written to the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for each in (_OUTPUT, _ERRORS):
        if os.isatty(each) or _is_closed(each):
            os.dup2(nowhere, each)


def _is_closed(output: int) -> bool:
    try:
        os.write(output, b"")
    except OSError:
        return True
    return False
