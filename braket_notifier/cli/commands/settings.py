"""`settings`: shows the settings in force, publishes those of notifier.toml without a deployment, and ends holds."""

from argparse import Namespace
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime

from braket_notifier.cli.arguments import Commands, command, installation
from braket_notifier.cli.checks.deployment import clone
from braket_notifier.cli.checks.finding import print_findings
from braket_notifier.cli.checks.in_force import of_state
from braket_notifier.cli.in_force.origin import origin, origin_json
from braket_notifier.cli.in_force.reservations import to_come
from braket_notifier.cli.in_force.state import InForce, in_force
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.publishing import push, to_push, wake, wake_mended
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import confirmed, print_json, print_line
from braket_notifier.settings.keys import PUSHED, Change, changes, is_pushed
from braket_notifier.text.wording import plural

REFUSED = 1
MORE = f"""actions:
  push    publish the settings file: followed within a minute, until other settings are deployed
  show    print the settings in force, who made them, the difference to the settings file, mutes and reservations
  wake    let channels send what nothing holds any more, and probe a channel that is down
  origin  print who deploys, when and from which commit; `braket-notifier deploy` records it in the stack

A push changes these keys, and names and refuses every other one, because only `braket-notifier deploy` changes it:
{", ".join(PUSHED)}

Exit code 0: done, or nothing to do; 1: not confirmed; 2: refused."""


def add(commands: Commands) -> None:
    summary = "show and publish routes, people, hints, quiet hours"
    parser = command(commands, "settings", run, summary, more=MORE, json=True)
    parser.add_argument("what", metavar="ACTION", choices=list(ACTIONS), help="one of those below")
    parser.add_argument("--yes", action="store_true", help="push without a question")


def run(arguments: Namespace) -> int:
    if arguments.json and arguments.what not in ANSWERS:
        raise CommandError(f"settings {arguments.what} prints no JSON; allowed: {', '.join(ANSWERS)}")
    if arguments.yes and arguments.what != "push":
        raise CommandError(f"settings {arguments.what} asks nothing: --yes is for push")
    if arguments.state and arguments.what not in ON_STATE:
        raise CommandError(
            f"settings {arguments.what} needs a deployed notifier; on a state file: {', '.join(ON_STATE)}"
        )
    return ACTIONS[arguments.what](installation(arguments), arguments)


def _push(place: Installation, arguments: Namespace) -> int:
    seen = in_force(place)
    found = to_push(place, seen)
    if not found:
        print_line("✓ nothing to publish, because these settings are in force")
        return 0
    print_findings(clone(place, seen), as_json=False)
    lines = [line for each in found for line in each.lines()]
    for line in lines:
        print_line(f"  {line}")
    if not confirmed(f"Publish {plural(len(lines), 'change')}?", yes=arguments.yes):
        return REFUSED
    published = push(place, seen, origin(place))
    print_line(f"✓ published as revision {published.revision}: followed within a minute")
    return 0


def _show(place: Installation, arguments: Namespace) -> int:
    seen = in_force(place)
    found = changes(seen.keys, place.settings.keys)
    if arguments.json:
        print_json(_document(seen, found))
        return 0
    print_findings(of_state(place, seen), as_json=False)
    for each in found:
        for line in each.lines():
            print_line(f"  {line} (by `{_made_by(each)}`)")
    return 0


def _made_by(change: Change) -> str:
    return "settings push" if is_pushed(change.key) else "braket-notifier deploy"


def _document(seen: InForce, found: Iterable[Change]) -> dict[str, object]:
    """A mute that has ended is no member, because the row keeps it until the next one."""
    published, now = seen.published, datetime.now(UTC)
    return {
        "deployment": seen.version,
        "deployed": asdict(seen.deployed_by),
        "pushed": {"revision": published.revision, **asdict(published.origin)} if seen.pushed else None,
        "differences": [{**asdict(each), "by": _made_by(each)} for each in found],
        "muted_until": {channel: until for channel, until in published.muted_until.items() if until > now},
        "reservations": [asdict(each) for each in to_come(seen.reservations, now)],
    }


def _wake(place: Installation, _: Namespace) -> int:
    wake_mended(place, place.policy.channels)
    wake(place, place.policy.channels)
    print_line("✓ channels send within two minutes what nothing holds any more")
    return 0


def _origin(place: Installation, _: Namespace) -> int:
    print_line(origin_json(origin(place)))
    return 0


Action = Callable[[Installation, Namespace], int]
ACTIONS: dict[str, Action] = {"push": _push, "show": _show, "wake": _wake, "origin": _origin}
#: Actions that change nothing and answer a script.
ANSWERS = ("show", "origin")
ON_STATE = ("show", "wake")
