"""The check of `preflight` for the functions' Python, because a user's handlers may not run on another one."""

from collections.abc import Callable

from braket_notifier.cli.checks.finding import Finding, bad, good, needs
from braket_notifier.settings.python_version import OF_THE_MACHINE, functions_python


def python(deployed: str, setting: str, agreed: Callable[[str], bool]) -> Finding:
    """A change that follows from the machine needs an agreement; a change of the setting is one."""
    wanted = functions_python(setting)
    if not deployed or deployed == wanted:
        return good(f"the functions run Python {wanted}")
    change = f"the functions run Python {deployed}, and this deployment changes them to {wanted}"
    if setting != OF_THE_MACHINE or agreed(f"{change}, your own handlers too. Change them?"):
        return needs(change)
    keep, follow = (f'`python = "{each}"`' for each in (deployed, wanted))
    return bad(f"{change}, because this machine has it: set {keep} under [defaults] to keep it, or {follow}")
