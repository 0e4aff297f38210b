"""Call a user's own function as a channel: `lambdas/custom/NAME.py` with `def handle(transition, message)`."""

from collections.abc import Callable
from copy import deepcopy
from functools import cached_property
from importlib import import_module
from inspect import Parameter, isasyncgenfunction, iscoroutine, iscoroutinefunction, isgeneratorfunction, signature
from traceback import extract_tb
from typing import cast

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.transition import Transition, for_programs
from braket_notifier.errors import ChannelError, MendableError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.rendering.formats.handler_message import HandlerMessage
from braket_notifier.sending.retry import LONGEST_ASKED
from braket_notifier.sending.unwanted import as_allowed
from braket_notifier.text.json_fields import text

#: Puts a notification or digest into words that may say that they repeat earlier ones.
Words = Callable[[Notification | Digest, bool], HandlerMessage]
#: The kinds of function of which a call alone runs no code.
_RUN_LATER = (iscoroutinefunction, isgeneratorfunction, isasyncgenfunction)
_BY_PLACE = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_FURTHER = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
#: The parameters of `handle(transition, message)`.
BOTH = 2


class HandlerChannel:
    """The ports `Channel` and `HumanChannel` over a user's function, which is imported with the first notification."""

    def __init__(self, name: str, load_words: Callable[[], Words], settings: Callable[[], Policy]) -> None:
        """`load_words` is not called for a handler that takes the transition alone."""
        self._name, self._load_words, self._settings = name, load_words, settings

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:
        """Call the handler; any other error leaves a doubt, because the handler may have done its work.

        A digest has no single transition, so the handler gets None.
        """
        handle, takes_message = self._handle
        # a copy, because the ledger finds the notification by what a handler might change
        given: list[object] = [None if isinstance(content, Digest) else deepcopy(self._transition(content))]
        if takes_message:
            given.append(self._words(content, may_repeat))
        try:
            answer = handle(*given)
        except (RefusedError, TryLaterError, UnacknowledgedError) as error:
            raise _storable(error, self._place(error)) from None
        except BaseException as error:  # noqa: BLE001 - also asyncio's; its text may hold a secret
            raise UnacknowledgedError(self._place(error)) from None
        if iscoroutine(answer):  # its code did not run
            raise MendableError(f"handle in custom/{self._name}.py returns a coroutine")
        return ""

    def _transition(self, notification: Notification) -> Transition:
        return as_allowed(for_programs(notification.transition), self._settings)

    @cached_property
    def _words(self) -> Words:
        return self._load_words()

    @cached_property
    def _handle(self) -> tuple[Callable[..., object], bool]:
        """Import the function, and read whether it takes a message; MendableError, because a new deployment helps."""
        file = f"custom/{self._name}.py"
        try:
            handle = getattr(import_module(f"custom.{self._name}"), "handle", None)
        except (ImportError, SyntaxError) as error:
            raise MendableError(f"{file} cannot be imported: {_words_of(error, self._place(error))}") from error
        except BaseException as error:  # noqa: BLE001 - as above
            raise MendableError(f"{file} cannot be imported: {self._place(error)}") from None
        if any(runs_later(handle) for runs_later in _RUN_LATER):
            raise MendableError(f"handle in {file} is async or has a yield, so that a call runs nothing of it")
        takes = _takes(handle) if callable(handle) else None
        if not callable(handle) or takes is None:
            raise MendableError(f"{file} has no function handle(transition[, message])")
        return cast("Callable[..., object]", handle), takes == BOTH

    def _place(self, error: BaseException) -> str:
        """Name the error's class and line without its text, which may hold a URL with a secret."""
        own = [frame for frame in extract_tb(error.__traceback__) if frame.filename.endswith(f"custom/{self._name}.py")]
        return f"{type(error).__name__} in custom/{self._name}.py" + (f", line {own[-1].lineno}" if own else "")


def _words_of(error: BaseException, otherwise: str) -> str:
    """Return what the error says; a class of the handler's own may fail to say it."""
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 - as above
        return otherwise


def _storable(error: ChannelError, place: str) -> ChannelError:
    """Return a handler's verdict with words that fit a row, because it may hold a whole page of a service."""
    why = text(_words_of(error, place))
    if isinstance(error, TryLaterError):
        perhaps_sent = bool(getattr(error, "perhaps_sent", False))  # a subclass may not call TryLaterError's own
        return TryLaterError(why, _seconds(getattr(error, "after_s", None)), perhaps_sent=perhaps_sent)
    return RefusedError(why) if isinstance(error, RefusedError) else UnacknowledgedError(why)


def _seconds(asked: object) -> float | None:
    """Return the seconds that a handler asks to wait, also as a service's header has them; None for anything else."""
    try:
        seconds = float(asked) if isinstance(asked, int | float | str) else -1
    except (ValueError, OverflowError):
        return None
    return min(seconds, LONGEST_ASKED.total_seconds()) if seconds >= 0 else None


def _takes(handle: Callable[..., object]) -> int | None:
    """Return how many of transition and message the function takes; None if it can be called with neither.

    A second parameter is the message if it is required or has this name, because an older handler may have defaults.
    """
    try:
        parameters = signature(handle).parameters.values()
    except (TypeError, ValueError):  # a callable that is not written in Python
        return 1
    required = [each for each in parameters if each.default is each.empty and each.kind not in _FURTHER]
    names = [each.name for each in parameters if each.kind in _BY_PLACE]
    if any(each.kind is Parameter.KEYWORD_ONLY for each in required) or len(required) > BOTH:
        return None
    if len(required) == BOTH or names[1:BOTH] == ["message"]:
        return BOTH
    return 1 if names or any(each.kind is Parameter.VAR_POSITIONAL for each in parameters) else None
