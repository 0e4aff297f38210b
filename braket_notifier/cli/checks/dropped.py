"""What would be lost with a channel that was renamed or removed: its queue goes with it, and what waits in there."""

from collections.abc import Iterator

from braket_notifier.cli.checks.finding import Finding, bad, needs
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.errors import MalformedNotificationError
from braket_notifier.sending.wire import decode
from braket_notifier.text.wording import plural

SHOWN = 10


def dropped(place: Installation, *, drop: bool) -> Iterator[Finding]:
    """For each such channel with something waiting, what it is; nothing before the first deployment."""
    try:
        queues = place.channel_queues
    except CommandError:
        return
    for name, url in queues.items():
        waiting = place.depth(url) if name not in place.settings.channels else 0
        if waiting:
            says = f"{name} is no longer a channel, and {plural(waiting, 'notification')} would go with its queue"
            told = "; ".join([says, *_waiting(place, url)])
            yield needs(told) if drop else bad(f"{told}; put it back until they are told, or `make deploy DROP=1`")


def _waiting(place: Installation, url: str) -> Iterator[str]:
    """What can be seen of it now; what waits for its next attempt cannot."""
    seen = place.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=SHOWN, VisibilityTimeout=0)
    for record in seen.get("Messages", []):
        try:
            transition = decode(record["Body"]).transition
        except MalformedNotificationError:
            continue
        yield f"{transition.status} of {transition.arn}"
