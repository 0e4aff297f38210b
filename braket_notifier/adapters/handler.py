"""A user's own function as a channel: `lambdas/custom/NAME.py` with `def handle(transition)`."""

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from inspect import iscoroutinefunction
from traceback import extract_tb
from typing import cast

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import RefusedError, TryLaterError, UnacknowledgedError

#: What a user writes.
Handler = Callable[[Transition], None]


class HandlerChannel:
    """The port `Channel` over a function that anybody may have written; it is loaded with the first notification."""

    def __init__(self, name: str) -> None:
        self._name = name

    def send(self, notification: Notification, *, may_repeat: bool) -> None:  # noqa: ARG002 - a handler is idempotent
        """A handler that raises may have done its work, or half of it: that is a doubt, unless it says otherwise."""
        handle = self._handle
        try:
            handle(notification.transition)
        except (RefusedError, TryLaterError, UnacknowledgedError):
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stack trace would repeat its words
            raise UnacknowledgedError(self._place(error)) from None

    @cached_property
    def _handle(self) -> Handler:
        """The function, or RefusedError: no retry will mend a file; a redrive sends again what came before it was."""
        file = f"custom/{self._name}.py"
        try:
            handle = getattr(import_module(f"custom.{self._name}"), "handle", None)
        except (ImportError, SyntaxError) as error:
            raise RefusedError(f"{file} cannot be imported: {error}") from error
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stack trace would repeat its words
            raise RefusedError(f"{file} cannot be imported: {self._place(error)}") from None
        if not callable(handle) or iscoroutinefunction(handle):
            raise RefusedError(f"{file} has no function handle(transition)")
        return cast("Handler", handle)

    def _place(self, error: BaseException) -> str:
        """What was raised, and where; not in its own words, which like to hold URLs with secrets."""
        own = [frame for frame in extract_tb(error.__traceback__) if frame.filename.endswith(f"custom/{self._name}.py")]
        return f"{type(error).__name__} in custom/{self._name}.py" + (f", line {own[-1].lineno}" if own else "")
