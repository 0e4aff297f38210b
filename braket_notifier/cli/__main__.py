"""`python -m braket_notifier.cli`, as `bin/braket-notifier` of a clone runs it."""

import sys

from braket_notifier.cli.main import main

sys.exit(main())
