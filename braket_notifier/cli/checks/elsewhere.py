"""The checks for the notifier's stacks outside the settings: another home, another name, regions no longer watched."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from braket_notifier import PRODUCT
from braket_notifier.cli.checks.bootstrap import CLOSED
from braket_notifier.cli.checks.finding import Finding, answered, asked, bad, good, needs
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import is_denied, sentence
from braket_notifier.domain.resource import TERMINAL_RANK
from braket_notifier.settings.notifier_toml import Settings
from braket_notifier.settings.schema import REGIONS
from braket_notifier.text.wording import plural

#: States of a stack without resources that another deployment could meet.
NOT_THERE = {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_COMPLETE"}
#: The most resources that one finding names.
SHOWN = 3
UNSEEN = "nobody is notified of the ends of what is open there"
MOVE = "docs/life-cycle.md#another-home-region-or-name"


@dataclass(frozen=True, slots=True)
class NotifierStack:
    """A stack of any installation. Only a home stack watches regions; one of an old version does not name them."""

    name: str
    region: str
    is_home: bool
    watches: tuple[str, ...] = ()


def elsewhere(place: Installation, agreed: Callable[[str], bool]) -> Iterator[Finding]:
    """Find other installations, and regions that this deployment would no longer watch, before anything is deployed."""
    stacks, found = list[NotifierStack](), list[Finding]()
    for region in REGIONS:
        try:
            stacks += notifier_stacks(place, region)
        except ClientError as error:
            if CLOSED not in str(error):  # a closed region has no stacks
                mark = needs if is_denied(error) else bad  # the next try may find them
                found.append(mark(f"other installations in {region} cannot be found: {sentence(error)}"))
    found += answered(other_installations(place.settings, stacks, agreed), _unwatched(place, stacks))
    yield from found or [good("no other installation watches these regions")]


def notifier_stacks(place: Installation, region: str) -> list[NotifierStack]:
    """List the notifier's stacks of one region, under any name."""
    pages = place.client("cloudformation", region).get_paginator("describe_stacks").paginate()
    return [_stack(each, region) for page in pages for each in page["Stacks"] if _is_ours(each)]


def other_installations(
    settings: Settings, stacks: Sequence[NotifierStack], agreed: Callable[[str], bool]
) -> Iterator[Finding]:
    """A finding for each other home or name; one that would double every message stops the first deployment.

    The stacks of two homes have names in common, so that the deployment of the second one would fail halfway.
    """
    homes = [each for each in stacks if each.is_home]
    is_deployed = any(_is_own(each, settings) for each in homes)
    for other in homes:
        shared = [region for region in settings.regions if region in (other.watches or settings.regions)]
        if other.name == settings.name and other.region != settings.home:
            yield bad(
                f"{other.name} is installed in {other.region}, and a second home would be made in {settings.home}: "
                f'set `home = "{other.region}"`, or remove it there first ({MOVE})'
            )
        elif other.name != settings.name and shared:
            double = f"{other.name} in {other.region} watches {', '.join(shared)} too, so both send each message"
            if is_deployed or agreed(f"{double}. Install {settings.name} beside it?"):
                yield needs(double)
            else:
                yield bad(
                    f'{double}: set `name = "{other.name}"` to update it, remove it first ({MOVE}), or agree to a '
                    "second one by `--yes`"
                )


def left_stack(region: str, name: str) -> str:
    return (
        f"the stack {name} stays in {region}, whose events are then kept as undelivered: "
        f"`aws cloudformation delete-stack --region {region} --stack-name {name}`"
    )


def _unwatched(place: Installation, stacks: Sequence[NotifierStack]) -> Iterator[Finding]:
    """A finding for each region without a place in the settings that is watched until now, or keeps its stack."""
    settings = place.settings
    watched = {region for each in stacks if _is_own(each, settings) for region in each.watches}
    forwarding = {(each.region, each.name) for each in stacks if not each.is_home}
    for region in REGIONS:
        if region in settings.regions:
            continue
        name = f"{settings.name}-{region}"
        refused: list[Finding] = []
        parts = [asked(partial(_open_there, place, region), refused) or UNSEEN] if region in watched else []
        parts += [left_stack(region, name)] if (region, name) in forwarding else []
        if parts:
            yield needs(f"{region} is not among `regions` any more; {'; '.join(parts)}")
        yield from refused


def _is_own(stack: NotifierStack, settings: Settings) -> bool:
    return stack.is_home and (stack.name, stack.region) == (settings.name, settings.home)


def _open_there(place: Installation, region: str) -> str:
    arns = [row.arn.text for row in place.snapshots.open(region) if row.rank < TERMINAL_RANK]
    if not arns:
        return "nothing is open there"
    named = ", ".join(arns[:SHOWN]) + (", …" if len(arns) > SHOWN else "")
    return f"nobody is notified of the ends of {plural(len(arns), 'resource')} open there ({named})"


def _is_ours(stack: Mapping[str, Any]) -> bool:
    return f"({PRODUCT} " in stack.get("Description", "") and stack["StackStatus"] not in NOT_THERE


def _stack(stack: Mapping[str, Any], region: str) -> NotifierStack:
    """Only a home stack has outputs; its first deployment has none until it is complete."""
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    is_home = bool(outputs) or not stack["StackName"].endswith(f"-{region}")
    watches = json.loads(outputs.get("Settings", "{}")).get("regions", [])
    return NotifierStack(stack["StackName"], region, is_home, tuple(watches))
