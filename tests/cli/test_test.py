"""`test` sends a marked notification and waits until the channel accepts or refuses it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.sending.wire import decode

Waiting = Callable[[str], list[str]]


@pytest.fixture
def delivers(ledger: DynamoLedger, waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Run the channels' functions while the command waits. The named channel refuses."""

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


def test_every_channel_accepts_the_test_notification(run: Any, delivers: Any) -> None:
    delivers(refuses="")

    done = run("test", "--yes")

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [f"✓ {name} accepted the test notification" for name in ("team-slack", "mail")]


def test_the_command_prints_the_reason_of_a_refusing_channel(run: Any, delivers: Any) -> None:
    delivers(refuses="team-slack")

    done = run("test", "--yes")

    assert done.code == 1
    assert done.out.splitlines()[0].startswith("✗ team-slack refused it (channel_not_found)")
    assert done.out.splitlines()[1] == "✓ mail accepted the test notification"


def test_a_notification_not_accepted_in_time_stays_in_the_queue(run: Any, waiting: Waiting) -> None:
    done = run("test", "mail", "--timeout", "0.1")

    [body] = waiting("deliver-mail")
    assert done.code == 1
    assert done.out.startswith("✗ mail has not accepted it within 0.1 s")
    assert decode(body).transition.snapshot.tags["Name"] == "TEST of mail (nothing ran)"
    assert waiting("deliver-team-slack") == []


@pytest.mark.parametrize(("answer", "code"), [("", 0), ("y", 0), ("n", 1)])
def test_the_answer_to_the_question_decides_the_exit_code(
    run: Any, delivers: Any, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    """Slack and SNS may accept a message that no reader sees."""
    delivers(refuses="")
    monkeypatch.setattr("braket_notifier.cli.commands.test.sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("braket_notifier.cli.show.input", lambda _: answer, raising=False)

    assert run("test", "mail").code == code
