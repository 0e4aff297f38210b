"""A network that fails for Slack's channels alone, while the emulators of the same process go on answering."""

from http.client import HTTPConnection
from typing import Literal

import pytest

from braket_notifier.adapters.https import call as https

#: Methods of http.client's connections, by the step of a request.
Step = Literal["connect", "request", "getresponse"]


def break_network(monkeypatch: pytest.MonkeyPatch, step: Step, error: Exception) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(https, "HTTPConnection", type("BrokenConnection", (HTTPConnection,), {step: broken}))
