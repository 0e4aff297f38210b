"""The check of `preflight` for records that wait for a removed or renamed channel, whose queue would be deleted."""

from collections.abc import Iterator

from braket_notifier.cli.checks.finding import Finding, bad, needs
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.errors import MalformedNotificationError
from braket_notifier.sending.wire import decode
from braket_notifier.text.wording import plural

SHOWN = 10


def dropped(place: Installation, *, drop: bool) -> Iterator[Finding]:
    """A finding for each removed channel with waiting notifications; none before the first deployment."""
    try:
        queues = place.channel_queues
    except CommandError:
        return
    for name, url in queues.items():
        waiting = place.depth(url) if name not in place.settings.channels else 0
        if waiting:
            loss = (
                f"{name} is no longer a channel, and its queue would be deleted with {plural(waiting, 'notification')}"
            )
            message = "; ".join([loss, *_waiting(place, url)])
            yield needs(message) if drop else bad(f"{message}; add it until they are sent, or `make deploy DROP=1`")


def _waiting(place: Installation, url: str) -> Iterator[str]:
    """The visible notifications of the queue. Delayed ones cannot be read."""
    seen = place.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=SHOWN, VisibilityTimeout=0)
    for record in seen.get("Messages", []):
        try:
            transition = decode(record["Body"]).transition
        except MalformedNotificationError:
            continue
        yield f"{transition.status} of {transition.arn}"
