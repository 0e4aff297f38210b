"""`doctor`: checks everything that a delivery needs, and prints ✓ or a remedy for each."""

from argparse import Namespace
from collections.abc import Callable, Iterator
from time import monotonic, sleep

from braket_notifier.adapters.aws.braket import BotoBraket
from braket_notifier.braket.rate_limit import RateLimiter
from braket_notifier.cli.arguments import Commands, command, installation
from braket_notifier.cli.checks.channels import addresses, buses, deliveries, secrets
from braket_notifier.cli.checks.finding import Finding, answered, good, noted, print_findings
from braket_notifier.cli.checks.in_force import in_force
from braket_notifier.cli.checks.leftovers import leftovers
from braket_notifier.cli.checks.people import unreached
from braket_notifier.cli.checks.stack import regions, rules, schedule, stack, sweeps, undeployed, version
from braket_notifier.cli.checks.waiting import queues, undelivered
from braket_notifier.cli.in_force.state import policy_in_force
from braket_notifier.cli.installation import Installation
from braket_notifier.errors import BraketError
from braket_notifier.rendering.spending import limit_in_words

Check = Callable[[Installation], Iterator[Finding]]


def spending_limits(place: Installation) -> Iterator[Finding]:
    """List the spending limits at Braket, which this command need not be allowed to read."""
    braket = BotoBraket(lambda region: place.client("braket", region), RateLimiter({}, monotonic, sleep))
    for region in place.policy.regions if policy_in_force(place).money else ():
        try:
            found = braket.spending_limits(region)
        except BraketError as error:
            yield noted(f"the spending limits of {region} could not be listed ({error})")
            continue
        yield from (noted(f"{limit_in_words(each, place.policy.time_zone)} ({region})") for each in found)


CHECKS: tuple[Check, ...] = (
    stack,
    version,
    regions,
    rules,
    schedule,
    undeployed,
    undelivered,
    queues,
    leftovers,
    sweeps,
    secrets,
    buses,
    addresses,
    deliveries,
    unreached,
    in_force,
    spending_limits,
)
TO_DO = 1
MORE = """✓ fine, • as intended, ! needs something, ✗ stops deliveries.
Exit code 0: nothing needs doing; 1: something is left to do; 2: the checks could not run.
If your credentials may not run a check, its line names the missing right."""


def add(commands: Commands) -> None:
    summary = "check everything that a delivery needs, and print remedies"
    command(commands, "doctor", run, summary, more=MORE, json=True, unused=("state",))


def run(arguments: Namespace) -> int:
    found = print_findings(findings(installation(arguments)), as_json=arguments.json)
    return TO_DO if any(finding.asks for finding in found) else 0


def findings(place: Installation) -> Iterator[Finding]:
    """Run every check, also after one that fails. Missing credentials or a missing stack raise an error instead."""
    _ = place.resources
    yield good(f"credentials for account {place.account}")
    yield from answered(*(check(place) for check in CHECKS))
