"""The installed command against the local cloud, from an empty folder: it needs neither a clone nor settings."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from local.braket.emulator import Script, usual
from local.story.stage import NAME, Stage
from tests.e2e.at_work import eventually
from tests.e2e.test_notifier import Submit, deliveries
from tests.wheel import built, installed

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
WHERE = ["--name", NAME, "--region", "us-east-1"]


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(built(tmp_path_factory.mktemp("wheel")), tmp_path_factory.mktemp("environment"))


@pytest.fixture
def run(stage: Stage, command: Path, tmp_path: Path) -> Run:
    leads_here = {key: value for key, value in stage.environment().items() if key != "BRAKET_NOTIFIER_SETTINGS"}
    surroundings = {"PATH": os.environ["PATH"], "COLUMNS": "200", **leads_here}

    def run(*words: str) -> Done:
        return subprocess.run(  # noqa: S603 - our own words
            [command, *words], cwd=tmp_path, env=surroundings, capture_output=True, text=True, timeout=300, check=False
        )

    return run


def test_four_commands_follow_a_task_without_settings(stage: Stage, run: Run, submit: Submit) -> None:
    arn = submit("package-watched", Script(steps=usual("task", "FAILED")))

    watched = run("watch", arn, "--every", "0.2")
    eventually(lambda: len(deliveries(stage, arn)) == 2)
    history, listed = run("history", arn, "--json", *WHERE), run("list", "--json", *WHERE)

    assert (watched.returncode, watched.stderr) == (1, "")
    assert watched.stdout.splitlines()[-1] == f"FAILED · package-watched · {arn}"
    assert {f"{channel} was notified of FAILED" for channel in ("team-slack", "mail")} <= {
        each["what"] for each in json.loads(history.stdout)["timeline"]
    }
    assert (listed.returncode, arn in listed.stdout) == (0, False)


def test_every_channel_that_the_stack_shows_takes_a_test_notification(run: Run) -> None:
    done = run("test", *WHERE)

    assert (done.returncode, done.stderr) == (0, "")
    assert "✓ team-slack accepted the test notification" in done.stdout
    assert "✓ mail accepted the test notification" in done.stdout
