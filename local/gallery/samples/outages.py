"""What a fallback is sent about a channel that cannot be reached."""

from datetime import timedelta

from braket_notifier.domain.notification import Notification
from braket_notifier.errors import ChannelError, MendableError, UnacknowledgedError
from braket_notifier.rendering.message import Beside
from braket_notifier.sending.fallback import unreachable
from braket_notifier.sending.health import HEALTHY
from local.gallery.samples.answers import NOON, reached
from local.gallery.samples.sample import UNREACHABLE_CHANNEL, Sample
from local.gallery.samples.tasks import GHZ


def _unreachable(name: str, about: str, error: ChannelError, hours: int = 0) -> Sample:
    """The outage began at noon in UTC, and is announced and sent some hours later."""
    now = NOON + timedelta(hours=hours)
    ended = Notification(reached(GHZ), UNREACHABLE_CHANNEL)
    announced = unreachable(ended, "mail", HEALTHY.refused(error, NOON), NOON, now, "us-east-1")
    return Sample(name, about, announced.transition, Beside(as_of=now))


OUTAGES = (
    _unreachable("channel-token-revoked", "Slack refuses a channel's token", MendableError("200 token_revoked")),
    _unreachable("channel-archived", "a Slack channel was archived a day ago", MendableError("200 is_archived"), 24),
    _unreachable("channel-outage", "Slack has not answered for three hours", UnacknowledgedError("503"), 3),
)
