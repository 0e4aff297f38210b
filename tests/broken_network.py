"""A network that fails for Slack's channels alone, while the emulators of the same process go on answering."""

from typing import Literal

import pytest
from notifier.adapters.slack.opener import _Http

#: The steps of a request, by the members of http.client's connections that make them.
Step = Literal["_create_connection", "request", "getresponse"]


def break_network(monkeypatch: pytest.MonkeyPatch, step: Step, error: Exception) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    # each connection has its own _create_connection, and only a property comes before it
    patch = property(lambda _: broken, lambda *_: None) if step == "_create_connection" else broken
    monkeypatch.setattr(_Http, step, patch, raising=False)
