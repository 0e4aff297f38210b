"""The check of `doctor` for queues and stacks of channels and regions that the settings no longer have."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from braket_notifier.cli.checks.bootstrap import CLOSED
from braket_notifier.cli.checks.dropped import RENAME, RemovedChannel, removed_channels
from braket_notifier.cli.checks.elsewhere import left_stack
from braket_notifier.cli.checks.finding import Finding, answered, good, needs
from braket_notifier.cli.checks.stack_status import stack_status
from braket_notifier.cli.installation import Installation
from braket_notifier.settings.schema import REGIONS


def leftovers(place: Installation) -> Iterator[Finding]:
    parts = (_channels(place), *(_stack(place, each) for each in REGIONS if each not in place.settings.regions))
    yield from [*answered(*parts)] or [good("nothing is left of a removed channel or region")]


def _channels(place: Installation) -> Iterator[Finding]:
    for each in removed_channels(place):
        waits = each.loss() or "nothing"
        yield needs(f"{waits} waits for {each.name}, which is not in the settings: {_remedy(each)}")


def _remedy(channel: RemovedChannel) -> str:
    return f"deploy when nothing waits ({RENAME})" if channel.loss() else "`braket-notifier deploy` removes its queue"


def _stack(place: Installation, region: str) -> Iterator[Finding]:
    """The forwarding stack of a region that is not watched. A closed region has none."""
    name = f"{place.settings.name}-{region}"
    try:
        if stack_status(place.client("cloudformation", region), name):
            yield needs(left_stack(region, name))
    except ClientError as error:
        if CLOSED not in str(error):
            raise
