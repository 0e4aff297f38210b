"""Settings pushed to a running notifier: applied without a deployment, or refused without any effect."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.braket.emulator import Script, usual
from local.story.assembly import synthesise
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
Command = Callable[..., Done]


@pytest.fixture
def command(stage: Stage) -> Command:
    def command(settings: Path, *words: str) -> Done:
        surroundings = {"PATH": os.environ["PATH"], **stage.environment(), "BRAKET_NOTIFIER_SETTINGS": str(settings)}
        given = [str(COMMAND), *words]
        return subprocess.run(given, env=surroundings, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603 - our own words

    return command


@pytest.fixture
def push(command: Command, talkative: Path, tmp_path: Path) -> Iterator[Push]:
    """Push other settings. The earlier settings are restored at the end."""

    def changed(text: str) -> Done:
        settings = tmp_path / "notifier.toml"
        settings.write_text(talkative.read_text() + text)
        return command(settings, "settings", "push", "--yes")

    yield changed
    command(talkative, "settings", "push", "--yes")


def test_a_pushed_route_is_followed_within_a_minute_and_a_broken_push_changes_nothing(
    stage: Stage, submit: Submit, push: Push
) -> None:
    assert "✓ published" in push(MAIL_TOO).stdout

    def is_followed() -> bool:
        arn = submit("wants-mail", Script(steps=usual("task", "COMPLETED")), tags={"wants": "mail"})
        eventually(lambda: ("team-slack", "COMPLETED") in deliveries(stage, arn))
        return sorted(deliveries(stage, arn)) == BOTH

    assert eventually(is_followed)

    broken = push(MAIL_TOO.replace('"mail"', '"nobody"'))
    assert (broken.returncode, broken.stdout) == (2, "")
    assert '"nobody"' in broken.stderr
    assert eventually(is_followed)


def test_an_earlier_file_that_is_deployed_again_is_in_force_again(
    stage: Stage, talkative: Path, push: Push, command: Command, tmp_path: Path
) -> None:
    """Deploy v1, push v2, deploy v2, deploy v1 again: CloudFormation numbers each deployment of other settings."""

    def in_force() -> str:
        return command(talkative, "settings", "show").stdout.splitlines()[0]

    def deployed(settings: Path, folder: str) -> str:
        stage.stack = stage.cloud.deploy(synthesise(settings, tmp_path / folder))
        return in_force()

    [first] = re.findall(r"settings of deployment (\d+)", in_force())
    assert "✓ published" in push(MAIL_TOO).stdout
    assert in_force().startswith("✓ in force: revision ")

    assert f"settings of deployment {int(first) + 1}, " in deployed(tmp_path / "notifier.toml", "v2")
    assert f"settings of deployment {int(first) + 2}, " in deployed(talkative, "v1")
    assert f"settings of deployment {int(first) + 2}, " in deployed(talkative, "v1-again")
    stage.sweep()
    assert f"settings of deployment {int(first) + 2}, " in in_force()
    assert "published settings ended" in stage.cloud.logs()
