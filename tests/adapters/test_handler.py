"""A user's own function as a channel: each of its outcomes is one of the port's four."""

from collections.abc import Callable
from pathlib import Path

import pytest

from braket_notifier.adapters.handler import HandlerChannel
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import MendableError, RefusedError, TryLaterError, UnacknowledgedError
from tests import canary

ANotification = Callable[..., Notification]
Write = Callable[[str], HandlerChannel]


@pytest.fixture
def handler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unread_handlers: None) -> Write:  # noqa: ARG001 - as its name says
    """Write `custom/mine.py` with a handler of these lines."""
    (tmp_path / "custom").mkdir()
    (tmp_path / "custom" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    def write(text: str) -> HandlerChannel:
        (tmp_path / "custom" / "mine.py").write_text(text)
        return HandlerChannel("mine")

    return write


@pytest.mark.parametrize("answer", ["None", "False", "object()", "{1, 2}", "(each for each in '')"])
def test_a_handler_that_returns_any_value_has_accepted_the_notification(
    handler: Write, a_notification: ANotification, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    channel = handler(f"def handle(transition):\n    print(transition.arn)\n    return {answer}\n")

    channel.send(a_notification(), may_repeat=False)

    assert capsys.readouterr().out == f"{a_notification().transition.arn}\n"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"raise ValueError('{canary.WEBHOOK}')", "ValueError in custom/mine.py, line 2"),
        ("int('x')", "ValueError in custom/mine.py, line 2"),
        ("import json; json.loads('{')", "JSONDecodeError in custom/mine.py, line 2"),  # raised in the standard library
        ("raise SystemExit(0)", "SystemExit in custom/mine.py, line 2"),
        ("raise MemoryError", "MemoryError in custom/mine.py, line 2"),
        ("handle(transition)", "RecursionError in custom/mine.py, line 2"),
        ("import asyncio; raise asyncio.CancelledError", "CancelledError in custom/mine.py, line 2"),  # a BaseException
    ],
)
def test_a_handler_that_raises_may_have_done_its_work(
    handler: Write, a_notification: ANotification, line: str, reason: str
) -> None:
    """The error's text is not shown, because it may hold a URL with a secret."""
    channel = handler(f"def handle(transition):\n    {line}\n")

    with pytest.raises(UnacknowledgedError) as raised:
        channel.send(a_notification(), may_repeat=False)

    assert str(raised.value) == reason


@pytest.mark.parametrize("verdict", [RefusedError, TryLaterError])
def test_a_handler_s_public_errors_are_passed_on(
    handler: Write, a_notification: ANotification, verdict: type[Exception]
) -> None:
    name = verdict.__name__
    channel = handler(
        f"from braket_notifier.handlers import {name}\ndef handle(transition):\n    raise {name}('no bucket')\n"
    )

    with pytest.raises(verdict, match="no bucket"):
        channel.send(a_notification(), may_repeat=False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import aprise\n", "custom/mine.py cannot be imported: No module named 'aprise'"),
        ("def handle(transition)\n", r"custom/mine.py cannot be imported: expected ':' \(mine.py, line 1\)"),
        (f"{{}}['{canary.TOKEN}']\n", "custom/mine.py cannot be imported: KeyError in custom/mine.py, line 1"),
        ("raise SystemExit\n", "custom/mine.py cannot be imported: SystemExit in custom/mine.py, line 1"),
        ("def handel(transition): ...\n", r"custom/mine.py has no function handle\(transition\)"),
        ("handle = 7\n", r"custom/mine.py has no function handle\(transition\)"),
        ("async def handle(transition): ...\n", r"custom/mine.py has no function handle\(transition\)"),
        ("def handle(transition):\n    yield\n", r"custom/mine.py has no function handle\(transition\)"),
        ("async def handle(transition):\n    yield\n", r"custom/mine.py has no function handle\(transition\)"),
    ],
)
def test_a_handler_that_cannot_be_called_waits_for_the_next_deployment(
    handler: Write, a_notification: ANotification, text: str, reason: str
) -> None:
    channel = handler(text)

    with pytest.raises(MendableError, match=f"^{reason}$"):
        channel.send(a_notification(), may_repeat=False)


@pytest.mark.filterwarnings("ignore:coroutine 'send' was never awaited")
def test_a_handler_that_returns_a_coroutine_has_accepted_nothing(handler: Write, a_notification: ANotification) -> None:
    channel = handler("async def send(t): ...\nhandle = lambda transition: send(transition)\n")

    with pytest.raises(MendableError, match=r"mine\.py returns a coroutine$"):
        channel.send(a_notification(), may_repeat=False)


def test_a_handler_is_loaded_with_its_first_notification_and_then_kept(
    handler: Write, a_notification: ANotification, capsys: pytest.CaptureFixture[str]
) -> None:
    channel = handler("print('loaded')\ndef handle(transition): ...\n")
    before = capsys.readouterr().out

    channel.send(a_notification(), may_repeat=False)
    channel.send(a_notification(), may_repeat=True)

    assert before == ""
    assert capsys.readouterr().out == "loaded\n"
