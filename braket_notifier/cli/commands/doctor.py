"""`doctor`: checks everything that a delivery needs, and prints ✓ or a remedy for each."""

from argparse import Namespace
from collections.abc import Callable, Iterator

from botocore.exceptions import ClientError

from braket_notifier.cli.arguments import Commands, command, installation
from braket_notifier.cli.checks.channels import addresses, deliveries, secrets
from braket_notifier.cli.checks.finding import Finding, bad, good
from braket_notifier.cli.checks.in_force import in_force
from braket_notifier.cli.checks.leftovers import leftovers
from braket_notifier.cli.checks.stack import queues, regions, rules, schedule, stack, sweeps, version
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import is_denied, sentence
from braket_notifier.cli.show import print_json, print_line

Check = Callable[[Installation], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    stack,
    version,
    regions,
    rules,
    schedule,
    queues,
    leftovers,
    sweeps,
    secrets,
    addresses,
    deliveries,
    in_force,
)
TO_DO = 1
MORE = """Exit code 0: every check passed; 1: something is left to do; 2: the checks could not run.
If your credentials may not run a check, its line names the missing right."""


def add(commands: Commands) -> None:
    command(commands, "doctor", run, "check everything that a delivery needs, and print remedies", more=MORE, json=True)


def run(arguments: Namespace) -> int:
    found = []
    for finding in findings(installation(arguments)):
        found.append(finding)
        if not arguments.json:
            print_line(finding.line())
    if arguments.json:
        print_json([{"mark": finding.mark, "message": finding.message} for finding in found])
    return TO_DO if any(finding.mark != "✓" for finding in found) else 0


def findings(place: Installation) -> Iterator[Finding]:
    """Run every check. Missing credentials or a missing stack raise an error instead."""
    _ = place.resources
    yield good(f"credentials for account {place.account}")
    for check in CHECKS:
        try:
            yield from check(place)
        except ClientError as error:
            if not is_denied(error):
                raise
            yield bad(sentence(error))
