"""Each command of `braket-notifier` against the local cloud, in a process of its own, as an operator runs it."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.braket.emulator import Script, usual
from local.inbox.inbox import Fault
from local.story import story
from local.story.stage import NAME, Stage
from tests import canary
from tests.e2e.at_work import eventually
from tests.e2e.test_notifier import Submit, deliveries

COMMAND = Path(__file__).parents[2] / "bin" / "braket-notifier"
Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture
def run(stage: Stage, talkative: Path) -> Run:
    deployed = {"BRAKET_NOTIFIER_SETTINGS": str(talkative)}  # its published settings stay in force for every later test
    surroundings = {"PATH": os.environ["PATH"], "COLUMNS": "200", **stage.environment(), **deployed}

    def run(*words: str, typed: str = "") -> Done:
        done = subprocess.run(  # noqa: S603 - our own words
            [COMMAND, *words], input=typed, env=surroundings, capture_output=True, text=True, timeout=300, check=False
        )
        assert not canary.found_in(done.stdout, done.stderr)
        return done

    return run


@pytest.fixture(scope="module")
def ended(stage: Stage, scripts: dict[str, Script]) -> str:
    """A quantum task that failed and was announced in every channel."""
    script = Script(steps=usual("task", "FAILED"), failure_reason="Internal device error")
    scripts["command-failed"] = script
    arn = stage.submit(story.Act(name="command-failed", device=story.FORTE, script=script, batch="command-failed"))
    eventually(lambda: len(deliveries(stage, arn)) == 2)
    return arn


def test_the_settings_are_checked(run: Run) -> None:
    assert run("check").stdout.startswith("✓ ")


def test_a_secret_is_stored_where_the_function_reads_it(stage: Stage, run: Run) -> None:
    done = run("secret", "set", "team-slack", typed=stage.inbox.workspace.token)

    assert (done.returncode, done.stderr) == (0, "")
    assert "Slack knows Braket notifier" in done.stdout


def test_a_test_notification_is_taken_by_every_channel(stage: Stage, run: Run) -> None:
    done = run("test")

    assert (done.returncode, done.stderr) == (0, "")
    assert any("TEST of team-slack" in post.text for post in stage.inbox.posts)
    assert any("TEST of mail" in mail.subject for mail in stage.inbox.mails)


def test_the_doctor_checks_everything(stage: Stage, run: Run, ended: str) -> None:
    """Only the address of the settings stays unconfirmed, because the mailbox subscribes beside it."""
    stage.sweep()

    def looked() -> Done | None:
        """Run the doctor again after other tests' notifications have left the queues."""
        done = run("doctor")
        return None if "check again in a minute" in done.stdout else done

    done = eventually(looked)

    assert done.stderr == ""
    assert [line for line in done.stdout.splitlines() if line[0] not in "✓•"] == []
    assert ended


def test_an_unconfirmed_address_is_asked_again(run: Run) -> None:
    assert run("resend-confirmation").returncode == 0
    assert run("resend-confirmation", "mail").returncode == 0


def test_a_task_is_explained(run: Run, ended: str) -> None:
    done = run("explain", ended)

    assert (done.returncode, done.stderr) == (0, "")
    assert "✓ team-slack, aloud: " in done.stdout
    assert "Internal device error" in done.stdout


def test_the_history_shows_each_channel_s_delivery(run: Run, ended: str) -> None:
    done = run("history", ended, "--json")

    timeline = [entry["what"] for entry in json.loads(done.stdout)["timeline"]]
    assert "team-slack was notified of FAILED" in timeline
    assert "mail was notified of FAILED" in timeline


def test_a_task_is_watched_to_its_end(stage: Stage, run: Run, submit: Submit) -> None:
    arn = submit("command-watched", Script(steps=usual("task", "CANCELLED")))

    done = run("watch", arn, "--every", "0.2", "--notify", "mail")

    assert (done.returncode, done.stderr) == (3, "")
    assert f"CANCELLED · command-watched · {arn}" in done.stdout
    assert eventually(lambda: ("mail", "CANCELLED") in deliveries(stage, arn))


def test_open_resources_are_listed_with_their_place_in_the_queue(run: Run, submit: Submit) -> None:
    arn = submit("command-open", Script(steps=((0.1, "QUEUED"),)), batch="command-batch")

    def found() -> Any:
        return [
            each
            for each in json.loads(run("list", "--json").stdout)
            if each["arn"] == arn and each["status"] == "QUEUED"
        ]

    [line] = eventually(found)
    assert line["queue_position"]
    assert arn in run("list", "--batch", "command-batch", "--arn").stdout


def test_a_replay_skips_delivered_notifications_unless_asked_to_repeat_them(stage: Stage, run: Run, ended: str) -> None:
    once = run("replay", ended, "--yes")
    before = deliveries(stage, ended)
    again = run("replay", ended, "--again", "--yes")

    assert "nothing is missing" in once.stdout
    assert len(before) == 2
    assert again.stdout.endswith("✓ 2 notifications on the way\n")
    assert eventually(lambda: deliveries(stage, ended)[2:])


def test_a_notification_that_slack_refused_is_redriven(stage: Stage, run: Run, submit: Submit) -> None:
    stage.inbox.fault(Fault("error", error="invalid_metadata_format", calls=None))
    try:
        arn = submit("command-refused", Script())
        eventually(lambda: arn in run("redrive").stdout)
    finally:
        stage.inbox.clear_faults()

    done = run("redrive", "--yes")

    assert f"team-slack: COMPLETED of {arn}" in done.stdout
    assert eventually(lambda: deliveries(stage, arn)) == [("team-slack", "COMPLETED")]


@pytest.mark.parametrize("words", [["settings", "push", "--yes"], ["mute", "mail", "1m"], ["unmute", "mail"]])
def test_settings_that_need_no_deployment_are_published(run: Run, words: list[str]) -> None:
    done = run(*words)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("✓ ")


def test_a_mistake_is_reported_in_one_sentence(run: Run) -> None:
    done = run("doctor", "--region", "us-west-2")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"braket-notifier: there is no stack {NAME} in us-west-2: `braket-notifier deploy`, or name its --region\n"
    )
