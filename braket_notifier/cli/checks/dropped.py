"""The check of `preflight` for records that wait for a removed or renamed channel, whose queue would be deleted."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from braket_notifier.adapters.dynamodb.groups import DynamoGroups
from braket_notifier.cli.checks.finding import Finding, asked, bad, needs
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.errors import MalformedNotificationError, NewerVersionError
from braket_notifier.sending.wire import decode
from braket_notifier.text.wording import plural

SHOWN = 10
RENAME = "docs/life-cycle.md#rename-or-remove-a-channel"
REMEDY = f"add it until nothing waits ({RENAME}), or `braket-notifier deploy --drop`"


@dataclass(frozen=True, slots=True)
class RemovedChannel:
    """A channel of the stack that the settings lack: its queue, and what waits in the queue or in a group."""

    name: str
    url: str
    records: int
    groups: tuple[str, ...]

    def loss(self) -> str:
        """The records and groups that a deployment deletes, in words; empty if nothing waits."""
        records = [plural(self.records, "notification")] if self.records else []
        groups = [f"{plural(len(self.groups), 'group')} ({', '.join(self.groups)})"] if self.groups else []
        return " and ".join([*records, *groups])


def removed_channels(place: Installation) -> Iterator[RemovedChannel]:
    """List the removed channels. A group may wait without a record, whose place the sweep then takes."""
    for name, url in place.channel_queues.items():
        if name not in place.settings.channels:
            groups = tuple(sorted(set(DynamoGroups(place.deliveries).to_visit(name))))
            yield RemovedChannel(name, url, place.depth(url), groups)


def dropped(place: Installation, *, drop: bool) -> Iterator[Finding]:
    """A finding for each removed channel with waiting notifications; none before the first deployment."""
    try:
        removed = list(removed_channels(place))
    except CommandError:
        return
    refused: list[Finding] = []
    for each in removed:
        if loss := each.loss():
            deleted = f"{each.name} is no longer a channel, and its queue would be deleted with {loss}"
            message = "; ".join([deleted, *(asked(partial(_waiting, place, each.url), refused) or [])])
            yield needs(message) if drop else bad(f"{message}; {REMEDY}")
    yield from refused


def _waiting(place: Installation, url: str) -> list[str]:
    """The visible notifications of the queue. Delayed ones cannot be read."""
    seen = place.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=SHOWN, VisibilityTimeout=0)
    found = []
    for record in seen.get("Messages", []):
        with suppress(MalformedNotificationError, NewerVersionError):
            found.append(decode(record["Body"]).transition)
    return [f"{each.status} of {each.arn}" for each in found]
