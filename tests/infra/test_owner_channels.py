"""Channels that write to owners need no resource for each person, apart from the subscription of an address."""

import json
from pathlib import Path

import pytest

from braket_notifier.adapters.aws.sns import PERSON
from infra import deliver
from tests.infra.template import Synth, Template

HEAD = """home = "eu-north-1"
regions = ["eu-north-1"]

[channels.team]
type = "slack"
channel = "C0123456789"

[channels.dm]
type = "slack"
to = "owner"

[channels.mine]
type = "email"
to = "owner"
"""
PEOPLE = 40


def of_people(synthesised: Synth, folder: Path, count: int) -> Template:
    people = (
        f'[[people]]\nname = "P {number}"\nslack = "U{number:08}"\nemail = "p{number}@example.org"\n'
        f'owns = ["tag:o={number}"]\n'
        for number in range(count)
    )
    settings = folder / f"{count}.toml"
    settings.write_text("\n".join([HEAD, *people]))
    return synthesised(settings)


@pytest.fixture(scope="module")
def one(synthesised: Synth, tmp_path_factory: pytest.TempPathFactory) -> Template:
    return of_people(synthesised, tmp_path_factory.mktemp("settings"), 1)


@pytest.fixture(scope="module")
def forty(synthesised: Synth, tmp_path_factory: pytest.TempPathFactory) -> Template:
    return of_people(synthesised, tmp_path_factory.mktemp("settings"), PEOPLE)


def test_forty_people_need_as_many_functions_queues_and_roles_as_one(one: Template, forty: Template) -> None:
    for kind in ("Lambda::Function", "SQS::Queue", "IAM::Role", "IAM::Policy", "SNS::Topic", "Lambda::LayerVersion"):
        assert forty.of(kind).keys() == one.of(kind).keys()
    assert len(forty.of("SNS::Subscription")) == len(one.of("SNS::Subscription")) + PEOPLE - 1


def test_each_address_is_subscribed_once_to_its_person_s_mails(forty: Template) -> None:
    subscribed = [each for each in forty.of("SNS::Subscription").values() if "FilterPolicy" in each]

    found = {each["Endpoint"]: each["FilterPolicy"] for each in subscribed}
    assert found == {f"p{number}@example.org": {PERSON: [f"P {number}"]} for number in range(PEOPLE)}
    assert len(subscribed) == PEOPLE
    assert all("RedrivePolicy" in each for each in subscribed)
    assert deliver.PERSON == PERSON


def test_the_function_of_direct_messages_names_no_slack_channel(forty: Template) -> None:
    environment = forty.environment("Deliverdm")

    assert environment["CHANNEL"] == "dm"
    assert "SLACK_CHANNEL" not in environment
    assert environment["SLACK_TOKEN"] == "ssm:/braket-notifier/slack-token"


def test_no_address_and_no_person_s_slack_id_is_in_an_environment(forty: Template) -> None:
    shown = json.dumps([each.get("Environment") for each in forty.of("Lambda::Function").values()])

    assert "@example.org" not in shown
    assert "U0000" not in shown


def test_a_channel_may_pass_on_to_the_other_address_and_the_team_alone(forty: Template) -> None:
    found = {name: json.loads(forty.environment(f"Deliver{name}")["FALLBACK"]) for name in ("dm", "mine")}

    assert {name: [*each] for name, each in found.items()} == {"dm": ["mine", "team"], "mine": ["dm", "team"]}
