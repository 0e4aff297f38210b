"""Runs the command line: `python -m braket_notifier.cli`, as `bin/braket-notifier` of a clone does."""

import sys

from braket_notifier.cli.main import main

sys.exit(main())
