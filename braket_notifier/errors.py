"""Every error of the notifier, and what each asks of its caller."""


class MalformedEventError(ValueError):
    """An event that no retry will make readable; it is kept with its raw text."""


class DeferError(Exception):
    """The record must come again, not before `seconds` from now; in doubt, it may have been taken all the same."""

    def __init__(self, seconds: int, why: str, *, in_doubt: bool = False) -> None:
        super().__init__(f"{why}; again in {seconds} s")
        self.seconds = seconds
        self.in_doubt = in_doubt


class UnreadableError(Exception):
    """Braket refuses to tell or does not know the resource (yet)."""


class NotKnownError(UnreadableError):
    """Braket does not know the resource: not yet, or no longer."""


class BusyError(Exception):
    """Braket throttles or fails for the moment; the same question may be asked later."""


class LateError(BusyError):
    """No time was left to ask."""


class TryLaterError(Exception):
    """The channel certainly did not take it; it may after `after_s` seconds (None: the pipeline's own back-off)."""

    def __init__(self, why: str, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


class UnacknowledgedError(Exception):
    """The channel may have taken it: the answer was lost."""


class RefusedError(Exception):
    """The channel will never take it; the message says why, without any secret."""


class GoneError(Exception):
    """A message that was to be edited or answered is not there any more, or cannot be edited any more."""


class HoldError(DeferError):
    """It waits on purpose: for others that are told with it, or for the end of quiet hours."""


class MalformedNotificationError(ValueError):
    """A queue record that is no notification of ours; no retry will make it one."""
