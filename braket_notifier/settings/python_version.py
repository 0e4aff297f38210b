"""The functions' Python: the settings' or the machine's, because byte code fits one Python only."""

import sys
from collections.abc import Sequence

#: Python versions that Lambda and the library run on.
SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
#: The value of the setting that follows the machine.
OF_THE_MACHINE = "machine"
MACHINE = "{}.{}".format(*sys.version_info)


def functions_python(setting: str, machine: str = MACHINE, supported: Sequence[str] = SUPPORTED) -> str:
    """The minor version; the newest one for a machine whose Python Lambda does not have."""
    if setting != OF_THE_MACHINE:
        return setting
    return machine if machine in supported else supported[-1]
