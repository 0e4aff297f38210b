"""The CDK app: synthesises `notifier.toml` into cdk.out, for `python app.py` and the CDK command line."""

import os
import sys
from pathlib import Path

from braket_notifier.settings.mistakes import SettingsError
from infra.synth import OUT, synth

try:
    synth(out_dir=Path(os.environ.get("CDK_OUTDIR", OUT)), warn=lambda line: print(line, file=sys.stderr))  # noqa: T201 - the command's output
except SettingsError as error:
    sys.exit(str(error))
except OSError as error:
    sys.exit(f"{error.filename or type(error).__name__}: {error.strerror or error}")
