"""Settings pushed to a running notifier: applied without a deployment, or refused without any effect."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.braket.emulator import Script, usual
from local.story.stage import Stage
from tests.e2e.at_work import eventually
from tests.e2e.test_command import COMMAND, Done
from tests.e2e.test_notifier import Submit, deliveries

MAIL_TOO = """
[[routes]]
to = ["mail"]
kind = "task"
status = ["COMPLETED"]
tags = { wants = "mail" }
"""
BOTH = [("mail", "COMPLETED"), ("team-slack", "COMPLETED")]

Push = Callable[[str], Done]


@pytest.fixture
def push(stage: Stage, talkative: Path, tmp_path: Path) -> Iterator[Push]:
    """Push other settings. The earlier settings are restored at the end."""

    def of(path: Path) -> Done:
        surroundings = {"PATH": os.environ["PATH"], **stage.environment(), "BRAKET_NOTIFIER_SETTINGS": str(path)}
        command = [str(COMMAND), "settings", "push"]
        return subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603 - our own words

    def changed(text: str) -> Done:
        settings = tmp_path / "notifier.toml"
        settings.write_text(talkative.read_text() + text)
        return of(settings)

    yield changed
    of(talkative)


def test_a_pushed_route_is_followed_within_a_minute_and_a_broken_push_changes_nothing(
    stage: Stage, submit: Submit, push: Push
) -> None:
    assert push(MAIL_TOO).stdout.startswith("✓ published")

    def is_followed() -> bool:
        arn = submit("wants-mail", Script(steps=usual("task", "COMPLETED")), tags={"wants": "mail"})
        eventually(lambda: ("team-slack", "COMPLETED") in deliveries(stage, arn))
        return sorted(deliveries(stage, arn)) == BOTH

    assert eventually(is_followed)

    broken = push(MAIL_TOO.replace('"mail"', '"nobody"'))
    assert (broken.returncode, broken.stdout) == (2, "")
    assert '"nobody"' in broken.stderr
    assert eventually(is_followed)
