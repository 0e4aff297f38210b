"""Synthesise a cloud assembly of local settings in a process of its own: SETTINGS OUT EVENT_SOURCE CUSTOM."""

import os
import shutil
import signal
import sys
import threading
from pathlib import Path

from infra.failures import in_one_sentence

STARTER = 0  # standard input: a pipe without data that closes when the starter closes it or dies


def end_with_the_starter(files: str) -> None:
    """End this process and CDK's process of Node, then remove their files, which Node would go on to write."""
    while os.read(STARTER, 1):
        pass
    group = os.getpgrp()
    if os.fork() == 0:
        os.setsid()
        os.killpg(group, signal.SIGKILL)
        shutil.rmtree(files, ignore_errors=True)
        os._exit(0)


if __name__ == "__main__":
    settings, out, event_source, custom = sys.argv[1:]
    threading.Thread(target=end_with_the_starter, args=[os.environ["TMPDIR"]], daemon=True).start()
    with in_one_sentence(Path(out)):
        from infra.synth import synth  # starts CDK's process of Node, which writes files at once

        synth(Path(settings), Path(out), event_source, Path(custom))
