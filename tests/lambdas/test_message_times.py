"""The time of a message, which decides whether the times in it need their day."""

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import Mock

import pytest

from braket_notifier.bootstrap import channels, shared
from braket_notifier.cli.process import channels as of_process
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.results import no_results
from braket_notifier.domain.transition import Transition
from tests.conftest import NOON


def test_a_message_of_a_function_and_of_a_process_has_the_time_of_its_sending(
    a_task: Callable[..., Snapshot],
    a_transition: Callable[..., Transition],
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notification, process = (
        Notification(a_transition(a_task()), "mail"),
        Mock(policy=lambda: policy, read_results=no_results),
    )
    process.place.option = "--state state"
    for module in (shared, of_process):
        monkeypatch.setattr(module, "now", lambda: NOON + timedelta(days=3))
    monkeypatch.setattr(shared, "policy", lambda: policy)

    messages = (channels._compose("mail")(notification), of_process._message(process, "mail", notification))  # noqa: SLF001

    assert [each.lines[1].partition(" CET")[0] for each in messages] == [
        "Submitted 20 Nov 09:12, done 20 Nov 12:53"
    ] * 2
