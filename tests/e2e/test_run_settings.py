"""The story of `make run` with settings of one's own, whose routes alone say what it expects."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from braket_notifier.settings.notifier_toml import read_settings
from local.story.assembly import synthesise
from local.story.play import logged_stage, play_story
from local.story.played import as_played

#: Other names, home and regions, Slack by bot and by webhook, each further service, quiet hours all day, and programs.
LAB = """
home = "eu-west-2"
regions = ["us-east-1", "us-west-1", "eu-west-2"]
time_zone = "Europe/Berlin"
name = "qc"

[channels.lab]
type = "slack"
channel = "C0LAB000000"
token = "ssm:/lab/bot"

[channels.hook]
type = "slack"
webhook = "ssm:/lab/hook"

[channels.night]
type = "slack"
channel = "C0NIGHT0000"

[channels.letters]
type = "email"
to = ["lab@example.org"]

[channels.signed]
type = "webhook"
host = "hooks.example.org"
url = "ssm:/lab/url"
key = "ssm:/lab/key"

[channels.meeting]
type = "teams"
host = "prod-12.westeurope.logic.azure.com"
url = "ssm:/lab/teams"

[channels.chat]
type = "discord"
url = "ssm:/lab/discord"

[channels.machines]
type = "topic"

[channels.events]
type = "bus"
bus = "lab-events"

[alarms]
email = []

[[routes]]
to = ["lab", "hook", "signed", "meeting", "chat", "letters", "night"]
status = ["COMPLETED", "FAILED", "CANCELLED"]

[[routes]]
to = ["machines", "events"]
status = ["QUEUED", "COMPLETED", "FAILED", "FAILING"]

[[ignore]]
tags = { batch = "qaoa-*" }

[[people]]
name = "Anna"
slack = "U01ABCDEF"
owns = ["s3:*/ghz*"]

[quiet]
night = { from = "00:00", to = "23:59" }
"""
#: The shipped file without its Slack channel, so that e-mail has the default routes.
MAIL = """
home = "us-east-1"
regions = ["us-east-1", "us-west-1", "us-west-2", "eu-west-2", "eu-north-1"]
time_zone = "UTC"

[channels.mail]
type = "email"
to = ["your-group@example.org"]
collect = "15m"
"""


@pytest.mark.parametrize(
    ("text", "as_run", "sent", "held"),
    [
        pytest.param(
            LAB,
            False,
            {"lab", "hook", "signed", "meeting", "chat", "letters", "machines", "events"},
            {"hook", "signed", "meeting", "letters", "night"},
            id="a lab's settings",
        ),
        pytest.param(MAIL, False, {"mail"}, {"mail"}, id="only e-mail"),
        pytest.param(MAIL, True, {"mail"}, set(), id="only e-mail, as `make run` plays it"),
    ],
)
def test_a_story_with_own_settings_loses_and_repeats_nothing(
    text: str, sent: set[str], held: set[str], tmp_path: Path, *, as_run: bool
) -> None:
    path = tmp_path / "notifier.toml"
    path.write_text(text)
    if as_run:
        path = as_played(path, read_settings(path), tmp_path / "played.toml")
    said = StringIO()
    log, stage = logged_stage(Console(file=said, width=200), read_settings(path))
    with stage.up():
        stage.deploy(synthesise(path, tmp_path / "cdk.out"))
        result = play_story(stage, log)
        ledger = stage.ledger()

    assert result.good, f"{result.line()}\n{said.getvalue()}"
    assert {channel for channel, delivered in ledger.delivered.items() if delivered} == sent
    assert {each.channel for each in ledger.waiting.values()} == held
    assert result.delivered
    assert all(f"{channel} holds " in said.getvalue() for channel in held)
