"""`doctor`: everything that has to be right for a message to arrive, each with ✓ or with what to do."""

from argparse import Namespace
from collections.abc import Callable, Iterator

from botocore.exceptions import ClientError

from braket_notifier.cli.arguments import Commands, command, installation
from braket_notifier.cli.checks.channels import addresses, deliveries, secrets
from braket_notifier.cli.checks.finding import Finding, bad, good
from braket_notifier.cli.checks.stack import queues, regions, rules, schedule, stack, sweeps, version
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import is_denied, sentence
from braket_notifier.cli.show import say, say_json

Check = Callable[[Installation], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (stack, version, regions, rules, schedule, queues, sweeps, secrets, addresses, deliveries)
TO_DO = 1
MORE = """Exit code 0: all is well; 1: something is left to do; 2: it could not be looked at.
The right that a look needs and your credentials lack is named in its line."""


def add(commands: Commands) -> None:
    command(commands, "doctor", run, "look at everything a message passes, and say what to do", more=MORE, json=True)


def run(arguments: Namespace) -> int:
    found = []
    for finding in look(installation(arguments)):
        found.append(finding)
        if not arguments.json:
            say(finding.line())
    if arguments.json:
        say_json([{"mark": finding.mark, "says": finding.says} for finding in found])
    return TO_DO if any(finding.mark != "✓" for finding in found) else 0


def look(place: Installation) -> Iterator[Finding]:
    """Without credentials or a stack there is nothing to look at: that is raised."""
    _ = place.resources
    yield good(f"credentials for account {place.account}")
    for check in CHECKS:
        try:
            yield from check(place)
        except ClientError as error:
            if not is_denied(error):
                raise
            yield bad(sentence(error))
