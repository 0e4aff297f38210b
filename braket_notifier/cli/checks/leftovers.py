"""The check of `doctor` for queues and stacks of channels and regions that the settings no longer have."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from braket_notifier.cli.checks.bootstrap import CLOSED
from braket_notifier.cli.checks.dropped import RENAME, RemovedChannel, removed_channels
from braket_notifier.cli.checks.elsewhere import REGIONS, left_stack
from braket_notifier.cli.checks.finding import Finding, good, needs
from braket_notifier.cli.checks.stack_status import stack_status
from braket_notifier.cli.installation import Installation


def leftovers(place: Installation) -> Iterator[Finding]:
    channels = [
        f"{each.loss() or 'nothing'} waits for {each.name}, which is not in the settings: {_remedy(each)}"
        for each in removed_channels(place)
    ]
    found = [*channels, *_stacks(place)]
    yield from [needs(each) for each in found] or [good("nothing is left of a removed channel or region")]


def _remedy(channel: RemovedChannel) -> str:
    return f"deploy when nothing waits ({RENAME})" if channel.loss() else "`braket-notifier deploy` removes its queue"


def _stacks(place: Installation) -> Iterator[str]:
    """The forwarding stacks of regions that are not watched. A closed region has none."""
    for region in REGIONS:
        name = f"{place.settings.name}-{region}"
        try:
            if region not in place.settings.regions and stack_status(place.client("cloudformation", region), name):
                yield left_stack(region, name)
        except ClientError as error:
            if CLOSED not in str(error):
                raise
