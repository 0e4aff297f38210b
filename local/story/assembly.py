"""Synthesise the template of local settings for the local cloud."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

SETTINGS = Path("local/notifier.toml")
OUT = Path("build/local/cdk.out")
CUSTOM = Path("lambdas/custom")
SOURCE = "braket.local"  # clients cannot put events of `aws.*`, here as on AWS


def synthesise(settings: Path = SETTINGS, out: Path = OUT, custom: Path = CUSTOM) -> Path:
    """The cloud assembly of local settings; only the events' source differs from a deployed one.

    CDK starts a process of Node. A terminal's Ctrl-C would reach it too and leave its files and CDK's traceback behind.
    Therefore it runs in a session of its own, and ends with its files before anything else begins, also when the pipe
    to it closes because this process was killed. Templates of an earlier name would be deployed too.
    """
    rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "local.cloud.synthesis", str(settings), str(out), SOURCE, str(custom)]
    with TemporaryDirectory(prefix="braket-notifier-synth-", ignore_cleanup_errors=True) as files:
        environment = os.environ | {"TMPDIR": files}
        with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, start_new_session=True) as process:  # noqa: S603 - our own words
            code = process.wait()
    if code:
        sys.exit(code)  # the process has printed why
    return out
