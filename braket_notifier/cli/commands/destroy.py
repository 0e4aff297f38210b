"""`destroy`: removes the stacks, and says what remains and what it costs, or removes that too."""

from argparse import Namespace

from braket_notifier.cli.arguments import IN_CLONE, Commands, command, installation
from braket_notifier.cli.deploying.cdk import cdk
from braket_notifier.cli.deploying.remains import PENDING_DAYS, Remainder, remains, remove
from braket_notifier.cli.deploying.stacks import await_changes, deployed, why_kept
from braket_notifier.cli.deploying.steps import Steps
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import confirmed, print_line

AGAIN = "run `braket-notifier destroy` again"
STEPS = ("stacks", "what remains")
NOT_DONE = 1
MORE = f"""The stacks take their queues with them, and every notification that waits there.
Tables, a key of your own and secrets stay; --with-data removes them for good (a key after {PENDING_DAYS} days).
It can be repeated after any failure.
Exit code 0: removed; 1: not agreed to; 2: something could not be removed."""


def add(commands: Commands) -> None:
    summary = "remove the stacks, and say what remains and what it costs"
    parser = command(commands, "destroy", run, summary, more=MORE, unused=("state", "region"))
    parser.add_argument("--with-data", action="store_true", help="remove the tables, the key and the secrets too")
    parser.add_argument("--yes", action="store_true", help="remove without a question")


def run(arguments: Namespace) -> int:
    if not IN_CLONE:
        raise CommandError("`destroy` asks CDK, which needs a clone: `git clone` it, then `make setup`")
    place, steps = installation(arguments), Steps(STEPS, AGAIN)
    await_changes(place)
    stacks, left = deployed(place), remains(place)
    if not _agreed(place, stacks, left if arguments.with_data else [], yes=arguments.yes):
        return NOT_DONE
    with steps("stacks"):
        if not stacks:
            print_line(f"✓ {place.name} has no stack")
        elif cdk(["destroy", "--all", "--force"], arguments.settings, arguments.profile, {}):
            raise CommandError(f"{why_kept(place)}, then {AGAIN}")
    with steps("what remains"):
        for each in left:
            _keep_or_remove(place, each, with_data=arguments.with_data)
        print_line("• CDK's bootstrap stays, with the uploaded code in its bucket: docs/life-cycle.md#remove")
    if left and not arguments.with_data:
        print_line("`braket-notifier destroy --with-data` removes these too")
    return 0


def _agreed(place: Installation, stacks: dict[str, str], left: list[Remainder], *, yes: bool) -> bool:
    """Whether the operator agrees to remove exactly these; nothing to remove needs no agreement."""
    names = [f"the stack {name} in {region}" for region, name in stacks.items()]
    names += [f"the {each.kind} {each.name} ({each.words})" for each in left]
    for name in names:
        print_line(f"• removes {name}")
    return not names or confirmed(f"Remove all of it from account {place.account}?", yes=yes)


def _keep_or_remove(place: Installation, each: Remainder, *, with_data: bool) -> None:
    if not with_data:
        print_line(f"• {each.kind} {each.name} stays: {each.words}")
        return
    remove(place, each)
    when = f" in {PENDING_DAYS} days, until then `aws kms cancel-key-deletion` keeps it" if each.kind == "key" else ""
    print_line(f"✓ {each.kind} {each.name} is removed{when}")
