"""`python -m cli` and `braket-notifier`: the folder of the library is put within reach, then the command runs."""

import sys

from braket_notifier.cli.main import main  # the library must be within reach first

sys.exit(main())
