"""The CDK app: synthesises `notifier.toml` into cdk.out, for `python app.py` and the CDK command line."""

import os
import signal
import sys
import tempfile
from pathlib import Path

from braket_notifier.settings.mistakes import SettingsError

INTERRUPTED = 130

try:
    from infra.synth import OUT, synth  # starts CDK's process of Node, which writes files at once

    synth(out_dir=Path(os.environ.get("CDK_OUTDIR", OUT)), warn=lambda line: print(line, file=sys.stderr))  # noqa: T201 - the command's output
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # from here on, CDK's process of Node ends by itself
except SettingsError as error:
    sys.exit(str(error))
except OSError as error:
    sys.exit(f"{error.filename or type(error).__name__}: {error.strerror or error}")
except RuntimeError as error:  # of CDK's process of Node
    if "ENOSPC" not in str(error):
        raise
    sys.exit(f"no space is left on the device of this folder or of {tempfile.gettempdir()}: free 500 MB there")
except KeyboardInterrupt:
    os._exit(INTERRUPTED)  # without the traceback of the pipe to CDK's process, which Ctrl-C ends too
