"""Failures of a synthesis that its user can mend, each as one sentence."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from tempfile import gettempdir

from braket_notifier.settings.mistakes import SettingsError

#: Bytes of free room below which a command that failed without a reason has failed for want of it.
LITTLE = 10_000_000
BUILD = Path("build")


@contextmanager
def in_one_sentence(out: Path) -> Iterator[None]:
    """Exit with a sentence about the settings, the disk or the network; any other error keeps its traceback."""
    try:
        yield
    except SettingsError as error:
        sys.exit(str(error))
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        if full := no_space(error, out, BUILD):
            sys.exit(full)
        if isinstance(error, subprocess.CalledProcessError):  # of pip, which has printed its reason
            sys.exit("a layer's packages could not be fetched: check the network and the free disk, then run it again")
        if not isinstance(error, OSError):
            raise
        sys.exit(f"{error.filename or type(error).__name__}: {error.strerror or error}")


def no_space(error: BaseException, *folders: Path) -> str:
    """Name the fullest of the folders and of the temporary one; empty for an error of another kind.

    CDK's process of Node names the error in a text, and pip gives its exit code alone.
    """
    rooms = {each.absolute(): _room(each) for each in (*folders, Path(gettempdir()))}
    fullest = min(rooms, key=lambda each: rooms[each])  # the first one of several on one device
    is_named = getattr(error, "errno", None) == ENOSPC or any(
        each in str(error) for each in ("ENOSPC", os.strerror(ENOSPC))
    )
    if is_named or (isinstance(error, subprocess.CalledProcessError) and rooms[fullest] < LITTLE):
        return f"no space is left on the device of {fullest}: free 500 MB there"
    return ""


def _room(folder: Path) -> int:
    """Bytes that its device takes; a device without room for a further file takes none."""
    existing = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    found = os.statvfs(existing)
    return 0 if found.f_files and not found.f_favail else found.f_bavail * found.f_frsize
