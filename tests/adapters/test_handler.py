"""A user's own function as a channel: each of its outcomes is one of the port's four."""

from collections.abc import Callable
from pathlib import Path

import pytest

from braket_notifier.adapters.handler import HandlerChannel, Words
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.errors import MendableError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.rendering.compose import message_of
from braket_notifier.rendering.formats.handler import handler_message
from tests import canary
from tests.handler_signatures import SIGNATURES

ANotification = Callable[..., Notification]
Write = Callable[[str], HandlerChannel]


@pytest.fixture
def loaded() -> list[str]:
    """What the channel loaded to put notifications into words."""
    return []


@pytest.fixture
def words(policy: Policy, loaded: list[str]) -> Callable[[], Words]:
    def load() -> Words:
        loaded.append("words")
        return lambda content, again: handler_message(message_of(content, policy, "mine"), may_repeat=again)

    return load


@pytest.fixture
def handler(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: Callable[[], Words],
    policy: Policy,
    unread_handlers: None,  # noqa: ARG001 - as its name says
) -> Write:
    """Write `custom/mine.py` with a handler of these lines."""
    (tmp_path / "custom").mkdir()
    (tmp_path / "custom" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    def write(text: str) -> HandlerChannel:
        (tmp_path / "custom" / "mine.py").write_text(text)
        return HandlerChannel("mine", words, lambda: policy)

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


@pytest.mark.parametrize("verdict", [RefusedError, TryLaterError, UnacknowledgedError])
@pytest.mark.parametrize("fails", ["return None", "raise ValueError(self.page)", "raise SystemExit", "str(self)"])
def test_a_verdict_survives_its_own_words(
    handler: Write, a_notification: ANotification, verdict: type[Exception], fails: str
) -> None:
    name = verdict.__name__
    own = f"class Own({name}):\n    def __str__(self):\n        {fails}\n"
    channel = handler(
        f"from braket_notifier.handlers import {name}\n{own}def handle(transition):\n    raise Own('no bucket')\n"
    )

    with pytest.raises(verdict, match=r"^Own in custom/mine\.py, line 6$") as raised:
        channel.send(a_notification(), may_repeat=False)

    assert type(raised.value) is verdict


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("60", 60.0),
        ("'60'", 60.0),  # as the header Retry-After has it
        ("10**400", None),
        ("1e30", 12 * 3600.0),
        ("float('inf')", 12 * 3600.0),
        ("float('nan')", None),
        ("-5", None),
        ("'soon'", None),
        ("__import__('datetime').timedelta(minutes=1)", None),
        ("None", None),
    ],
)
def test_a_handler_may_ask_for_any_wait_and_waits_its_own_if_that_is_no_number_of_seconds(
    handler: Write, a_notification: ANotification, asked: str, seconds: float | None
) -> None:
    lines = f"def handle(transition):\n    raise TryLaterError('busy', after_s={asked})\n"
    channel = handler(f"from braket_notifier.handlers import TryLaterError\n{lines}")

    with pytest.raises(TryLaterError, match="busy") as later:
        channel.send(a_notification(), may_repeat=False)

    assert later.value.after_s == seconds


def test_a_handler_may_say_that_what_it_does_later_was_perhaps_sent(
    handler: Write, a_notification: ANotification
) -> None:
    lines = "def handle(transition):\n    raise TryLaterError('limited', 30, perhaps_sent=True)\n"
    channel = handler(f"from braket_notifier.handlers import TryLaterError\n{lines}")

    with pytest.raises(TryLaterError, match="limited") as later:
        channel.send(a_notification(), may_repeat=False)

    assert (later.value.after_s, later.value.perhaps_sent) == (30, True)


@pytest.mark.parametrize("verdict", [RefusedError, TryLaterError, UnacknowledgedError])
def test_the_words_of_a_handler_s_verdict_fit_a_row_of_the_ledger(
    handler: Write, a_notification: ANotification, verdict: type[Exception]
) -> None:
    """A handler may raise the whole page of a service."""
    name = verdict.__name__
    lines = f"def handle(transition):\n    raise {name}('\\ud800' * 500_000)\n"
    channel = handler(f"from braket_notifier.handlers import {name}\n{lines}")

    with pytest.raises(verdict) as raised:
        channel.send(a_notification(), may_repeat=False)

    assert len(f"{raised.value}".encode()) <= 4096


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import aprise\n", "custom/mine.py cannot be imported: No module named 'aprise'"),
        ("def handle(transition)\n", r"custom/mine.py cannot be imported: expected ':' \(mine.py, line 1\)"),
        (f"{{}}['{canary.TOKEN}']\n", "custom/mine.py cannot be imported: KeyError in custom/mine.py, line 1"),
        ("raise SystemExit\n", "custom/mine.py cannot be imported: SystemExit in custom/mine.py, line 1"),
        (
            "def handel(transition): ...\n",
            r"custom/mine.py has no function handle\(transition\[, message\]\)",
        ),
        ("handle = 7\n", r"custom/mine.py has no function handle\(transition\[, message\]\)"),
        (
            "async def handle(transition): ...\n",
            "handle in custom/mine.py is async or has a yield, so that a call runs nothing of it",
        ),
        (
            "def handle(transition):\n    yield\n",
            "handle in custom/mine.py is async or has a yield, so that a call runs nothing of it",
        ),
        (
            "async def handle(transition):\n    yield\n",
            "handle in custom/mine.py is async or has a yield, so that a call runs nothing of it",
        ),
    ],
)
def test_a_handler_that_cannot_be_called_waits_for_the_next_deployment(
    handler: Write, a_notification: ANotification, text: str, reason: str
) -> None:
    channel = handler(text)

    with pytest.raises(MendableError, match=f"^{reason}$"):
        channel.send(a_notification(), may_repeat=False)


def test_a_handler_that_changes_what_it_is_given_changes_nothing_else(
    handler: Write, a_notification: ANotification
) -> None:
    """Seen: the ledger marked a changed status as delivered, and the notification's own row stayed claimed."""
    given, before = a_notification(), a_notification()

    handler(
        "def handle(transition):\n"
        "    object.__setattr__(transition, 'status', 'CHANGED')\n"
        "    transition.snapshot.tags['Name'] = 'changed'\n"
    ).send(given, may_repeat=False)

    assert given == before


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


@pytest.mark.parametrize(("signature", "taken"), SIGNATURES.items())
def test_the_signature_decides_what_a_handler_is_given(
    handler: Write,
    a_notification: ANotification,
    loaded: list[str],
    capsys: pytest.CaptureFixture[str],
    signature: str,
    taken: int | None,
) -> None:
    """Words are loaded for a handler that takes them, and for no other one."""
    shown = "each for each in locals().values() if type(each).__name__ in ('Transition', 'HandlerMessage')"
    text = f"def handle({signature}):\n    print([type(given).__name__ for given in ({shown})])\n"
    channel = handler(text.replace("locals().values()", "[*locals().values(), *locals().get('everything', ())]"))

    if taken is None:
        with pytest.raises(MendableError, match=r"handle\(transition\[, message\]\)$"):
            channel.send(a_notification(), may_repeat=False)
        return
    channel.send(a_notification(), may_repeat=False)

    assert capsys.readouterr().out == f"{['Transition', 'HandlerMessage'][:taken]}\n"
    assert loaded == ["words"][: taken - 1]


def test_a_callable_that_shows_no_signature_gets_the_transition(
    handler: Write, a_notification: ANotification, loaded: list[str]
) -> None:
    handler("handle = type\n").send(a_notification(), may_repeat=False)

    assert not loaded


def test_a_handler_gets_the_message_in_its_forms(
    handler: Write, a_notification: ANotification, capsys: pytest.CaptureFixture[str]
) -> None:
    channel = handler("def handle(transition, message):\n    print(message.severity, message.push)\n")

    channel.send(a_notification(), may_repeat=True)

    line = capsys.readouterr().out
    assert line.startswith("success ✅ ")
    assert line.endswith(" · may repeat\n")


def test_a_digest_comes_without_a_transition(
    handler: Write, a_notification: ANotification, capsys: pytest.CaptureFixture[str]
) -> None:
    channel = handler("def handle(transition, message):\n    print(transition, message.push)\n")
    ends = tuple(a_notification(number=number).transition for number in range(3))

    place = channel.send(Digest("Anna on SV1", ends), may_repeat=False)

    assert capsys.readouterr().out == "None ✅ Anna on SV1: 3 ended — 3 ok\n"
    assert place == ""
