"""`python -m cli` and `braket-notifier`: the folder of the library is put within reach, then the command runs."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "lambdas"))

from cli.main import main  # the library must be within reach first

sys.exit(main())
