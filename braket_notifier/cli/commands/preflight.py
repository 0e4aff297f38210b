"""`preflight`: checks what a deployment needs, and prints ✓ or a remedy for each."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from braket_notifier.cli.arguments import Commands, command, installation
from braket_notifier.cli.checks.bootstrap import ready
from braket_notifier.cli.checks.channels import alarms_addressee, bus
from braket_notifier.cli.checks.deployment import deployment, python
from braket_notifier.cli.checks.dropped import dropped
from braket_notifier.cli.checks.elsewhere import elsewhere
from braket_notifier.cli.checks.finding import Finding, answered, good, needs, one, print_findings
from braket_notifier.cli.checks.parameters import command_for, exists
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import confirmed
from braket_notifier.settings.channels import Bus, Handler, references_of

#: Functions of one queue that run at once; the sweep adds one.
RUNNING_PER_QUEUE = 2
STOPPED = 2
SUMMARY = "check what a deployment needs; `braket-notifier deploy` runs it first"
MORE = """Exit code 0: nothing stops a deployment; 2: something does, or is not agreed to.
With --json nothing is asked, so that only --yes agrees."""


def add(commands: Commands) -> None:
    parser = command(commands, "preflight", run, SUMMARY, more=MORE, json=True, unused=("state", "region"))
    parser.add_argument("--drop", action="store_true", help="delete notifications that wait for removed channels")
    parser.add_argument("--yes", action="store_true", help="agree to what is asked, except about the functions' Python")


def run(arguments: Namespace) -> int:
    found = findings(installation(arguments), drop=arguments.drop, yes=arguments.yes, asks=not arguments.json)
    return STOPPED if any(finding.stops for finding in print_findings(found, as_json=arguments.json)) else 0


def findings(place: Installation, *, drop: bool, yes: bool, asks: bool = True) -> Iterator[Finding]:
    """Run every check, in the order in which a deployment would fail."""
    settings = place.settings

    def asked(question: str) -> bool:
        """No option stands for this agreement."""
        return asks and sys.stdin.isatty() and confirmed(question, yes=False)

    def agreed(question: str) -> bool:
        return yes or asked(question)

    yield good(f"credentials for account {place.account}")
    yield from answered(
        *(one(ready, place, region) for region in settings.regions),
        *(question for name in settings.channels for question in _of_channel(place, name)),
        one(alarms_addressee, settings),
        one(_concurrency, place),
        one(lambda: python(_deployed_python(place), settings.python, asked)),
        elsewhere(place, agreed),
        dropped(place, drop=drop),
        deployment(place, agreed),
    )


def _of_channel(place: Installation, name: str) -> Iterator[Iterator[Finding]]:
    channel = place.settings.channels[name]
    for number, reference in enumerate(() if isinstance(channel, Handler) else references_of(channel)):
        yield one(_secret, place.client("ssm"), name, reference, key=number > 0)
    if isinstance(channel, Bus):
        yield one(bus, place.client("events"), name, channel.bus)


def _secret(ssm: Any, channel: str, reference: str, *, key: bool) -> Finding:  # noqa: ANN401 - a client
    """A missing secret stops no deployment, but notifications wait for it."""
    kind = "key" if key else "secret"
    if exists(ssm, reference.removeprefix("ssm:")):
        return good(f"the {kind} of {channel} is in {reference}")
    wanted = command_for(channel, key=key)
    return needs(f"the {kind} of {channel} does not exist yet; its notifications wait for it: `{wanted}`")


def _deployed_python(place: Installation) -> str:
    """The deployed functions' Python, empty before the first deployment."""
    try:
        return place.outputs.get("Python", "")
    except CommandError:
        return ""


def _concurrency(place: Installation) -> Finding:
    needed = RUNNING_PER_QUEUE * (len(place.settings.channels) + 1) + 1
    limits = place.client("lambda").get_account_settings()["AccountLimit"]
    free = limits["UnreservedConcurrentExecutions"]
    if free >= needed:
        return good(f"Lambda may run {free} functions at once; {needed} are needed at most")
    return needs(f"Lambda may run only {free} functions at once; {needed} may be needed: ask AWS for a higher quota")
