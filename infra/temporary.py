"""The temporary folder of a synthesis, because Ctrl-C ends CDK's process of Node before it removes its files."""

import atexit
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from shutil import rmtree


@contextmanager
def own_temporary_folder() -> Iterator[None]:
    """Let the block and its processes write into one folder, which is removed at the end of this process or by Ctrl-C.

    Import `infra` before, because CDK's unpacked code stays in the system's folder.
    """
    before, folder = os.environ.get("TMPDIR"), tempfile.mkdtemp(prefix="braket-notifier-")
    remove = partial(rmtree, folder, ignore_errors=True)
    atexit.register(remove)  # the last registered is called first, so CDK's process has ended by then
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    try:
        yield
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        remove()
        raise
    finally:
        tempfile.tempdir = None
        os.environ.pop("TMPDIR")
        if before is not None:
            os.environ["TMPDIR"] = before
