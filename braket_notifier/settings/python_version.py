"""The functions' Python: the settings' or the machine's, because byte code fits one Python only."""

import sys

#: Python versions that Lambda and the library run on.
SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
#: The value of the setting that follows the machine.
OF_THE_MACHINE = "machine"
MACHINE = "{}.{}".format(*sys.version_info)


def functions_python(setting: str, machine: str = MACHINE) -> str:
    """The minor version; the newest one for a machine whose Python Lambda does not have."""
    if setting != OF_THE_MACHINE:
        return setting
    return machine if machine in SUPPORTED else SUPPORTED[-1]
