"""The CDK app: synthesises `notifier.toml` into cdk.out, for `python app.py` and the CDK command line."""

import os
import signal
import sys
from pathlib import Path

INTERRUPTED = 130
OUT = Path(os.environ.get("CDK_OUTDIR", "cdk.out"))

try:
    from infra.failures import in_one_sentence
    from infra.temporary import own_temporary_folder

    with in_one_sentence(OUT), own_temporary_folder():
        from infra.synth import synth  # starts CDK's process of Node, which writes files at once

        synth(out_dir=OUT, warn=lambda line: print(line, file=sys.stderr))  # noqa: T201 - the command's output
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # from here on, CDK's process of Node ends by itself
except KeyboardInterrupt:
    os._exit(INTERRUPTED)  # without the traceback of the pipe to CDK's process, which Ctrl-C ends too
