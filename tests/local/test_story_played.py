"""The settings as the story plays them: e-mail alone comes within the story, any other settings are as they are."""

from pathlib import Path

import pytest

from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.settings.notifier_toml import read_settings
from local.story.played import as_played
from local.story.workspace import workspace_of

START = """
home = "us-east-1"
regions = ["us-east-1", "eu-north-1"]
time_zone = "UTC"

[channels.mail]
type = "email"
to = ["your-group@example.org"]
"""
TOPIC = '\n[channels.machines]\ntype = "topic"\n'
SLACK = '\n[channels.lab]\ntype = "slack"\nchannel = "C0LAB000000"\n'
ROUTE = '\n[[routes]]\nto = ["mail"]\nstatus = ["FAILED"]\n'


@pytest.mark.parametrize("more", ["", 'collect = "2h"\n', TOPIC, f"{ROUTE}\n[defaults]\ndigest_after = 7\n"])
def test_e_mail_alone_comes_within_the_story_and_other_settings_stay(more: str, tmp_path: Path) -> None:
    own = tmp_path / "notifier.toml"
    own.write_text(START + more)
    before = read_settings(own)

    played = read_settings(as_played(own, before, tmp_path / "build" / "played.toml"))

    hurried = {"collect_s": {"mail": 60}, "flood_after": 1000}
    assert played.policy() == {**before.policy(), **hurried}
    assert played.channels == before.channels
    assert own.read_text() == START + more
    assert workspace_of(before.channels, parse_policy(before.policy())).channels == ()


@pytest.mark.parametrize("more", [SLACK, SLACK + TOPIC])
def test_settings_with_another_channel_for_people_are_played_as_they_are(more: str, tmp_path: Path) -> None:
    own = tmp_path / "notifier.toml"
    own.write_text(START + more)

    assert as_played(own, read_settings(own), tmp_path / "played.toml") == own
    assert [*tmp_path.iterdir()] == [own]
