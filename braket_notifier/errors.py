"""Every error of the functions, in one tree.

    NotifierError
    ├── BraketError
    │   ├── UnreadableError
    │   │   └── NotKnownError
    │   └── BusyError
    │       └── LateError
    ├── EventHistoryError
    ├── UnusablePricesError
    ├── ChannelError
    │   ├── TryLaterError
    │   ├── UnacknowledgedError
    │   ├── MendableError
    │   ├── RefusedError
    │   └── GoneError
    ├── MalformedError
    │   ├── MalformedEventError
    │   └── MalformedNotificationError
    ├── NewerVersionError
    └── DeferError
        └── HoldError

The adapters' own errors derive from this tree too. `SettingsError` stays in `braket_notifier.settings`, because that
package imports nothing of the library.
"""


class NotifierError(Exception):
    """The root of the tree; callers catch its subclasses."""


class BraketError(NotifierError):
    """Braket gave no usable answer; callers catch its two kinds, because only one of them is worth a repeat."""


class UnreadableError(BraketError):
    """Braket denies the read or its answer cannot be parsed; the caller goes on with the event or the listing alone."""


class NotKnownError(UnreadableError):
    """Braket has no such resource, yet or any more; the sweep counts this and records GONE after three days of it."""


class BusyError(BraketError):
    """Braket throttles or fails for the moment; the caller reads the resource again later."""


class LateError(BusyError):
    """The invocation has no time left for Braket; the caller stops reading and keeps its results."""


class EventHistoryError(NotifierError):
    """CloudTrail refuses or fails to list events; the caller goes on without names, and looks again later."""


class UnusablePricesError(NotifierError):
    """A price list cannot be read or states no price; the caller keeps the last good one, or shows no amount."""


class ChannelError(NotifierError):
    """A channel did not accept a message; each subclass states whether the caller sends it again."""


class TryLaterError(ChannelError):
    """The channel did not accept the message; the caller sends it again.

    It waits `after_s` seconds, or its own back-off if that is None. With `perhaps_sent` it marks the repeat, because a
    channel may show a message that it refused for its rate.
    """

    def __init__(self, why: str, after_s: float | None = None, *, perhaps_sent: bool = False) -> None:
        super().__init__(why)
        self.after_s = after_s
        self.perhaps_sent = perhaps_sent


class UnacknowledgedError(ChannelError):
    """The channel may have accepted the message, but its answer was lost; the caller sends a marked repeat."""


class MendableError(ChannelError):
    """The channel refuses every message until somebody mends it; the caller sends the message again for three days.

    `one_person`: only this person's destination refuses, so the channel itself is not down.
    """

    def __init__(self, why: str, *, one_person: bool = False) -> None:
        super().__init__(why)
        self.one_person = one_person


class RefusedError(ChannelError):
    """The channel will never accept the message; the caller keeps it as undelivered with this reason."""


class GoneError(ChannelError):
    """The message to edit or reply to was deleted or is closed to changes; the caller posts a new one."""


class MalformedError(NotifierError):
    """A queue record cannot be parsed, and no retry will change that; the caller keeps its text as undelivered."""


class MalformedEventError(MalformedError):
    """An event is not one of Braket's events for this installation; the caller keeps its text as undelivered."""


class MalformedNotificationError(MalformedError):
    """A record of a channel's queue is no notification; the caller keeps its text as undelivered."""


class NewerVersionError(NotifierError):
    """A queue record or a row has a version or a word that only a newer version of the notifier knows.

    The caller defers the record, because that version may come back; it loses nothing and stops no other record.
    """


class DeferError(NotifierError):
    """The queue record is not finished; the caller makes it visible again after `seconds`.

    `in_doubt` means that the channel may have accepted the message.
    """

    def __init__(self, seconds: int, why: str, *, reason: str = "", in_doubt: bool = False) -> None:
        super().__init__(f"{why}; again in {seconds} s")
        self.seconds = seconds
        self.in_doubt = in_doubt
        #: The name of the decision's reason, where one decided.
        self.reason = reason
        #: The notifications that one person's destination refused.
        self.refused: tuple[object, ...] = ()
        #: The channel's fallback, if it got the notification now.
        self.passed_on_to = ""

    @property
    def about(self) -> dict[str, str]:
        """Members of a log line."""
        passed_on = {"passed_on_to": self.passed_on_to} if self.passed_on_to else {}
        return passed_on | ({"outcome": str(self), "reason": self.reason} if self.reason else {"reason": str(self)})


class HoldError(DeferError):
    """A notification waits for its group or for the end of quiet hours; the caller defers it without a warning."""
