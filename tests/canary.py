"""The made-up secrets of the tests, which share a word, and the search for that word after each test."""

from collections.abc import Callable
from dataclasses import dataclass
from traceback import format_exception
from types import TracebackType
from typing import Any

import pytest

from local.canary import CANARY

__all__ = ["CANARY", "HOOK", "HOOK_URL", "TOKEN", "WEBHOOK", "Secret", "found_in", "look_at_what_is_caught", "shown"]

TOKEN = f"xoxb-{CANARY}"
HOOK = f"T000/B000/{CANARY}"
WEBHOOK = f"https://hooks.slack.com/services/{HOOK}"
HOOK_URL = f"https://hooks.example.org/{CANARY}"


@dataclass
class Secret:
    """A token or a webhook's URL, and whether it has been replaced."""

    value: str = TOKEN
    is_replaced: bool = False

    def read(self) -> str:
        return self.value

    def replaced(self) -> bool:
        return self.is_replaced


def found_in(*texts: object) -> bool:
    return any(CANARY in f"{text}" for text in texts)


def shown(error: BaseException) -> str:
    """The text that a stack trace prints of an error and of its causes."""
    return "".join(format_exception(error, limit=0))


def look_at_what_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check errors and output that a test captures, because no test report contains them."""
    monkeypatch.setattr(pytest.RaisesExc, "__exit__", _watched_error(pytest.RaisesExc.__exit__))
    monkeypatch.setattr(pytest.CaptureFixture, "readouterr", _watched_output(pytest.CaptureFixture.readouterr))


def _watched_error(leave: Callable[..., bool]) -> Callable[..., bool]:
    def watched(
        raises: Any, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> bool:
        if error and found_in(shown(error)):
            raise AssertionError(f"{type(error).__name__} shows a secret") from None
        return leave(raises, kind, error, at)

    return watched


def _watched_output(read: Callable[..., Any]) -> Callable[..., Any]:
    def watched(capture: Any) -> Any:
        output = read(capture)
        assert not found_in(output), "a secret was printed"
        return output

    return watched
