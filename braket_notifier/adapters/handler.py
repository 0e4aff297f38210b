"""Call a user's own function as a channel: `lambdas/custom/NAME.py` with `def handle(transition)`."""

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from inspect import isasyncgenfunction, iscoroutine, iscoroutinefunction, isgeneratorfunction
from traceback import extract_tb
from typing import cast

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.reminder import for_programs
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import MendableError, RefusedError, TryLaterError, UnacknowledgedError

#: The kinds of function of which a call alone runs no code.
_RUN_LATER = (iscoroutinefunction, isgeneratorfunction, isasyncgenfunction)
#: The type of the user's function.
Handler = Callable[[Transition], object]


class HandlerChannel:
    """The port `Channel` over a user's function, which is imported with the first notification."""

    def __init__(self, name: str) -> None:
        self._name = name

    def send(self, notification: Notification, *, may_repeat: bool) -> None:  # noqa: ARG002 - a handler is idempotent
        """Call the handler; any other error leaves a doubt, because the handler may have done its work."""
        handle = self._handle
        try:
            answer: object = handle(for_programs(notification.transition))
        except (RefusedError, TryLaterError, UnacknowledgedError):
            raise
        except BaseException as error:  # noqa: BLE001 - also asyncio's; its text may hold a secret
            raise UnacknowledgedError(self._place(error)) from None
        if iscoroutine(answer):  # its code did not run
            raise MendableError(f"handle(transition) in custom/{self._name}.py returns a coroutine")

    @cached_property
    def _handle(self) -> Handler:
        """Import the function; raises MendableError, because a new deployment helps."""
        file = f"custom/{self._name}.py"
        try:
            handle = getattr(import_module(f"custom.{self._name}"), "handle", None)
        except (ImportError, SyntaxError) as error:
            raise MendableError(f"{file} cannot be imported: {error}") from error
        except BaseException as error:  # noqa: BLE001 - as above
            raise MendableError(f"{file} cannot be imported: {self._place(error)}") from None
        if not callable(handle) or any(runs_later(handle) for runs_later in _RUN_LATER):
            raise MendableError(f"{file} has no function handle(transition)")
        return cast("Handler", handle)

    def _place(self, error: BaseException) -> str:
        """Name the error's class and line without its text, which may hold a URL with a secret."""
        own = [frame for frame in extract_tb(error.__traceback__) if frame.filename.endswith(f"custom/{self._name}.py")]
        return f"{type(error).__name__} in custom/{self._name}.py" + (f", line {own[-1].lineno}" if own else "")
