"""The checks of `preflight` for what a deployment changes, which the operator must agree to: settings and Python."""

from collections.abc import Callable, Iterator

from braket_notifier.cli.checks.finding import Finding, bad, good, needs
from braket_notifier.cli.in_force.origin import lacks, words
from braket_notifier.cli.in_force.state import InForce, in_force
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.settings.keys import changes
from braket_notifier.settings.python_version import OF_THE_MACHINE, functions_python
from braket_notifier.text.wording import plural


def deployment(place: Installation, agreed: Callable[[str], bool]) -> Iterator[Finding]:
    """The difference to the settings in force, and what becomes of pushed ones; nothing before a first deployment."""
    try:
        place.resources  # noqa: B018 - CommandError if there is no stack
    except CommandError:
        return
    try:
        seen = in_force(place)
    except CommandError:
        yield needs("the deployed stack is older and does not show its settings; pushed ones end with this deployment")
        return
    yield from clone(place, seen)
    lines = []
    if seen.outlast(place):
        yield good(f"{_pushed(place, seen)} stays in force, because this settings file is the deployed one")
    else:
        if seen.pushed:
            yield needs(f"{_pushed(place, seen)} ends with this deployment, and this settings file comes into force")
        lines = [line for each in changes(seen.keys, place.settings.keys) for line in each.lines()]
    yield from (needs(line) for line in lines)
    if not lines:
        yield good("this deployment changes no setting that is in force")
    elif not agreed(f"This deployment makes {plural(len(lines), 'change')} to the settings in force. Deploy?"):
        yield bad("not agreed, so nothing is deployed (`--yes` agrees)")


def clone(place: Installation, seen: InForce) -> Iterator[Finding]:
    """Who made the settings in force, and whether this clone has their commit."""
    who, commit = words(seen.origin, place.policy.time_zone), seen.origin.commit
    made = f"the settings in force were {'pushed' if seen.pushed else 'deployed'} {who}"
    if lacks(place.folder, commit):
        yield needs(f"{made}, which this clone does not have: pull it first, otherwise its changes are taken back")
    else:
        yield good(made)


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


def _pushed(place: Installation, seen: InForce) -> str:
    return f"revision {seen.published.revision} of the settings, pushed {words(seen.origin, place.policy.time_zone)},"
