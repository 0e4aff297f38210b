"""Differences between templates of other settings or another event source."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.template import Synth, Template

HEAD = 'name = "lab"\nhome = "eu-north-1"\nregions = ["eu-north-1"]\n'
BOT = '[channels.alice]\ntype = "slack"\nchannel = "C0123456789"\ntoken = "ssm:/lab/alice"\n'
WEBHOOK = '[channels.bob-2]\ntype = "slack"\nwebhook = "ssm:/lab/bob/webhook"\n'
SIGNED = '[channels.signed]\ntype = "webhook"\nhost = "hooks.example.org"\nurl = "ssm:/lab/url"\nkey = "ssm:/lab/key"\n'
CHAT = '[channels.chat]\ntype = "discord"\nurl = "ssm:/lab/chat"\n'
BUS = '[channels.events]\ntype = "bus"\nbus = "lab-events"\n'
ROUTE = '[[routes]]\nto = ["alice", "bob-2"]\n'


@pytest.fixture(scope="module")
def lab(synthesised: Synth, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Settings with a Slack bot, a Slack webhook and a signed one, without e-mail."""
    settings = tmp_path_factory.mktemp("settings") / "lab.toml"
    settings.write_text(HEAD + 'defaults.sweep_every = "1h"\n' + BOT + WEBHOOK + SIGNED + CHAT + BUS + ROUTE)
    return synthesised(settings)


def test_only_the_source_name_differs_between_local_and_real_template(template: Template, synthesised: Synth) -> None:
    """A client cannot put events of a source named aws.*; each difference is a path in the template."""
    local = synthesised(event_source="braket.local")

    rules = [f"Resources.{each}.Properties.EventPattern.source.0" for each in _ids(template, "Events::Rule")]
    [function] = [each for each in _ids(template, "Lambda::Function") if each.startswith("Observe")]
    places = [*rules, f"Resources.{function}.Properties.Environment.Variables.EVENT_SOURCE"]

    assert dict(_differences(template.content, local.content)) == dict.fromkeys(places, ("aws.braket", "braket.local"))


def test_the_same_settings_make_the_same_template(template: Template, synthesised: Synth) -> None:
    assert synthesised().content == template.content


def test_each_channel_has_its_own_queue_function_and_secret(lab: Template) -> None:
    alice, bob = lab.environment("Deliveralice"), lab.environment("Deliverbob2")

    assert (alice["SLACK_CHANNEL"], alice["SLACK_TOKEN"]) == ("C0123456789", "ssm:/lab/alice")
    assert bob["SLACK_WEBHOOK"] == "ssm:/lab/bob/webhook"
    assert not {"SLACK_CHANNEL", "SLACK_TOKEN"} & bob.keys()
    assert lab.environment("Observe")["CHANNEL_QUEUES"] == (
        '{"alice":"DeliveraliceQueue","bob-2":"Deliverbob2Queue","signed":"DeliversignedQueue",'
        '"chat":"DeliverchatQueue","events":"DelivereventsQueue"}'
    )
    assert {name: _parameters(lab.grants(name)) for name in ("Deliveralice", "Deliverbob2")} == {
        "Deliveralice": ["arn:aws:ssm:eu-north-1:{AWS::AccountId}:parameter/lab/alice"],
        "Deliverbob2": ["arn:aws:ssm:eu-north-1:{AWS::AccountId}:parameter/lab/bob/webhook"],
    }


def test_a_service_has_its_host_and_the_secrets_of_its_url_and_key(lab: Template) -> None:
    """Nothing sets the address of an emulator, which only the local cloud has."""
    environment = lab.environment("Deliversigned")

    given = {name: environment.get(name) for name in ("CHANNEL_TYPE", "HOST", "URL", "KEY", "SERVICES_ENDPOINT_URL")}
    chat = lab.environment("Deliverchat")
    assert (chat["HOST"], chat["URL"], "KEY" in chat) == ("discord.com", "ssm:/lab/chat", False)
    assert list(given.values()) == ["webhook", "hooks.example.org", "ssm:/lab/url", "ssm:/lab/key", None]
    parameters = "arn:aws:ssm:eu-north-1:{AWS::AccountId}:parameter/lab"
    assert _parameters(lab.grants("Deliversigned")) == [f"{parameters}/key", f"{parameters}/url"]


def test_a_bus_gets_events_under_the_installation_s_name_alone(lab: Template) -> None:
    environment = lab.environment("Deliverevents")
    [policy] = [each for id_, each in lab.of("IAM::Policy").items() if id_.startswith("Deliverevents")]
    said = [each for each in policy["PolicyDocument"]["Statement"] if "events:" in str(each["Action"])]

    assert (environment["CHANNEL_TYPE"], environment["BUS"], environment["SOURCE"]) == ("bus", "lab-events", "lab")
    assert {each["Action"]: each.get("Condition") for each in said} == {
        "events:PutEvents": {"StringEquals": {"events:source": ["lab"]}},
        "events:DescribeEventBus": None,
    }


def test_without_an_email_channel_there_is_no_topic(lab: Template) -> None:
    assert not lab.of("SNS::Topic")
    assert not lab.of("SNS::Subscription")


def test_names_and_region_are_those_of_the_settings(lab: Template) -> None:
    manifest = json.loads((lab.assembly / "manifest.json").read_text())

    assert manifest["artifacts"]["lab"]["environment"] == "aws://unknown-account/eu-north-1"
    assert {each["QueueName"] for each in lab.of("SQS::Queue").values()} == {
        "lab-events",
        "lab-undelivered",
        "lab-deliver-alice",
        "lab-deliver-bob-2",
        "lab-deliver-chat",
        "lab-deliver-events",
        "lab-deliver-signed",
    }


def test_a_sweep_may_be_rarer_than_a_function_may_run_long(lab: Template) -> None:
    [schedule] = lab.of("Scheduler::Schedule").values()

    assert schedule["ScheduleExpression"] == "rate(1 hour)"
    assert lab.of("Lambda::Function")["SweepFunction"]["Timeout"] == 900


@pytest.mark.parametrize("name", ["template", "lab"])
def test_nothing_in_the_template_looks_like_a_secret(request: pytest.FixtureRequest, name: str) -> None:
    """A template may have references only, because its readers would see a token, a URL, a password or a key."""
    text = json.dumps(request.getfixturevalue(name).content)

    assert not re.findall(r"xox[a-z]-|xapp-|hooks\.slack|AKIA[A-Z0-9]{16}|(?i:password|secretstring)", text)


def _ids(template: Template, kind: str) -> list[str]:
    return [id_ for id_, each in template.content["Resources"].items() if each["Type"] == f"AWS::{kind}"]


def _parameters(grants: dict[str, set[str]]) -> list[str]:
    return [resource for resource, actions in grants.items() if "ssm:GetParameter" in actions]


def _differences(one: Any, other: Any, path: str = "") -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The path of each different value, with both values."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _differences(one.get(key), other.get(key), f"{path}.{key}".lstrip("."))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True)):
            yield from _differences(*pair, f"{path}.{number}")
    elif one != other:
        yield path, (one, other)
