"""Runs the command line: `python -m braket_notifier.cli`."""

import sys

from braket_notifier.cli.main import main

sys.exit(main())
