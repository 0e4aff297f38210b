"""The check of `preflight` for records that wait for a removed or renamed channel, whose queue would be deleted."""

from collections.abc import Iterator
from dataclasses import dataclass

from braket_notifier.adapters.dynamodb.groups import DynamoGroups
from braket_notifier.cli.checks.finding import Finding, bad, needs
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
    for each in removed:
        if loss := each.loss():
            deleted = f"{each.name} is no longer a channel, and its queue would be deleted with {loss}"
            message = "; ".join([deleted, *_waiting(place, each.url)])
            yield needs(message) if drop else bad(f"{message}; {REMEDY}")


def _waiting(place: Installation, url: str) -> Iterator[str]:
    """The visible notifications of the queue. Delayed ones cannot be read."""
    seen = place.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=SHOWN, VisibilityTimeout=0)
    for record in seen.get("Messages", []):
        try:
            transition = decode(record["Body"]).transition
        except (MalformedNotificationError, NewerVersionError):
            continue
        yield f"{transition.status} of {transition.arn}"
