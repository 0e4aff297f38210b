"""Each channel's function knows its fallback's queue, and may put records into that queue and no other channel's."""

import pytest

from tests.infra.template import Synth, Template

SETTINGS = """
name = "lab"
home = "eu-north-1"
regions = ["eu-north-1"]

[channels.team]
type = "slack"
channel = "C0EXAMPLE00"
fallback = "hook"

[channels.hook]
type = "slack"
webhook = "ssm:/lab/webhook"

[channels.mail]
type = "email"
to = ["lab@example.org"]
fallback = "nobody"

[channels.signed]
type = "webhook"
host = "hooks.example.org"
url = "ssm:/lab/url"
key = "ssm:/lab/key"

[channels.meeting]
type = "teams"
host = "prod-1.logic.azure.com"
url = "ssm:/lab/teams"

[channels.machines]
type = "topic"
"""


@pytest.fixture(scope="module")
def lab(synthesised: Synth, tmp_path_factory: pytest.TempPathFactory) -> Template:
    path = tmp_path_factory.mktemp("fallbacks") / "lab.toml"
    path.write_text(SETTINGS)
    return synthesised(path)


def test_each_channel_puts_records_into_the_queue_of_its_fallback_alone(lab: Template) -> None:
    known, reached = {}, {}
    for name in ("team", "hook", "mail", "signed", "meeting", "machines"):
        known[name] = lab.environment(f"Deliver{name}").get("FALLBACK", "")
        queues = [on for on, actions in lab.grants(f"Deliver{name}").items() if "sqs:SendMessage" in actions]
        reached[name] = {each for each in queues if each not in {f"Deliver{name}Queue.Arn", "Undelivered.Arn"}}

    assert known == {
        "team": '{"hook":"DeliverhookQueue"}',  # as the settings name it
        "hook": '{"mail":"DelivermailQueue"}',  # the first e-mail channel
        "mail": "",  # nobody
        "signed": '{"mail":"DelivermailQueue"}',  # the first e-mail channel
        "meeting": '{"mail":"DelivermailQueue"}',
        "machines": "",
    }
    assert reached == {
        "team": {"DeliverhookQueue.Arn"},
        "hook": {"DelivermailQueue.Arn"},
        "mail": set(),
        "signed": {"DelivermailQueue.Arn"},
        "meeting": {"DelivermailQueue.Arn"},
        "machines": set(),
    }
