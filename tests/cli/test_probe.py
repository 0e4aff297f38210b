"""`test`: a marked notification, followed until the channel took it or refused it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.sending.wire import decode

Waiting = Callable[[str], list[str]]


@pytest.fixture
def delivers(ledger: DynamoLedger, waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """While the command waits, the channels' functions do their work; one may refuse."""

    def install(refuses: str) -> None:
        def work(_: float) -> None:
            now = datetime.now(UTC)
            for channel in ("team-slack", "mail"):
                for notification in map(decode, waiting(f"deliver-{channel}")):
                    ledger.claim(notification, owner="test", now=now)
                    if channel == refuses:
                        ledger.undelivered(notification, owner="test", reason="channel_not_found", now=now)
                    else:
                        ledger.delivered(notification, now=now)

        monkeypatch.setattr("braket_notifier.cli.commands.test.sleep", work)

    return install


def test_every_channel_takes_it(run: Any, delivers: Any) -> None:
    delivers(refuses="")

    done = run("test", "--yes")

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == ["✓ team-slack took the test notification", "✓ mail took the test notification"]


def test_a_channel_that_refuses_is_named_with_its_reason(run: Any, delivers: Any) -> None:
    delivers(refuses="team-slack")

    done = run("test", "--yes")

    assert done.code == 1
    assert done.out.splitlines()[0].startswith("✗ team-slack refused it (channel_not_found)")
    assert done.out.splitlines()[1] == "✓ mail took the test notification"


def test_what_is_not_taken_in_time_goes_on_waiting(run: Any, waiting: Waiting) -> None:
    done = run("test", "mail", "--timeout", "0")

    [body] = waiting("deliver-mail")
    assert done.code == 1
    assert done.out.startswith("✗ mail has not taken it within 0 s")
    assert decode(body).transition.snapshot.tags["Name"] == "TEST of mail: nothing ran"
    assert waiting("deliver-team-slack") == []


@pytest.mark.parametrize(("answer", "code"), [("", 0), ("y", 0), ("n", 1)])
def test_whether_it_was_seen_is_asked(
    run: Any, delivers: Any, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    """Slack answers 200 and SNS accepts where nothing may be shown to anybody."""
    delivers(refuses="")
    monkeypatch.setattr("braket_notifier.cli.commands.test.sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("braket_notifier.cli.commands.test.input", lambda _: answer, raising=False)

    assert run("test", "mail").code == code
