"""A person to whom the settings have no way, in a channel that writes to owners."""

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import MendableError
from braket_notifier.sending.ports import Channel, Probed


class UnreachablePerson:
    """The port `EditableChannel` that refuses every message, because only the settings can mend it."""

    def __init__(self, why: str, channel: Channel) -> None:
        """`channel`: the one that the person's messages would go through, for its probe."""
        self._why = why
        self._channel = channel

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:  # noqa: ARG002 - the port's
        raise self._refusal()

    def reply(self, place: str, content: Notification | Digest, *, may_repeat: bool, loud: bool) -> bool:  # noqa: ARG002
        raise self._refusal()

    def edit(self, place: str, content: Notification | Digest) -> None:  # noqa: ARG002 - as above
        raise self._refusal()

    def probe(self) -> None:
        if isinstance(self._channel, Probed):
            self._channel.probe()

    def _refusal(self) -> MendableError:
        return MendableError(self._why, one_person=True)
