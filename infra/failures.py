"""Failures of a synthesis that its user can mend, each as one sentence."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from braket_notifier.settings.mistakes import SettingsError


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Exit with a sentence about the settings, the disk or the network; any other error keeps its traceback."""
    try:
        yield
    except SettingsError as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError:  # of pip, which has printed its reason
        sys.exit("a layer's packages could not be fetched: check the network and the free disk, then run it again")
    except OSError as error:
        sys.exit(f"{error.filename or type(error).__name__}: {error.strerror or error}")
    except RuntimeError as error:  # of CDK's process of Node
        if "ENOSPC" not in str(error):
            raise
        sys.exit(f"no space is left on the device of this folder or of {tempfile.gettempdir()}: free 500 MB there")
