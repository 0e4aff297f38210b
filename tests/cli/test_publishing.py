"""`settings push`, `mute` and `unmute` publish settings and mutes, or refuse them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session

from braket_notifier.adapters.dynamodb.published import DynamoPublished
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.publishing import WOKEN_AFTER_S, mute, push, unmute
from braket_notifier.cli.sentences import CommandError
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.routing.published import LOOK_EVERY_S, Published, followed
from braket_notifier.settings.notifier_toml import read_settings
from infra.asset import deployed
from tests.cli.cloudformation import CloudFormation
from tests.cli.conftest import HOME

EVENING = datetime(2026, 11, 20, 18, tzinfo=UTC)


@pytest.fixture
def place(stack: CloudFormation, settings: Path) -> Iterator[Installation]:
    """The notifier as deployed from the settings."""
    read = read_settings(settings)
    stack.outputs["Settings"] = json.dumps(deployed(read.policy()))
    opened = Installation(read, Session(), HOME)
    yield opened
    opened.close()


def changed(settings: Path, before: str, after: str) -> Installation:
    assert before in settings.read_text()
    settings.write_text(settings.read_text().replace(before, after))
    return Installation(read_settings(settings), Session(), HOME)


def row(place: Installation) -> Published:
    return DynamoPublished(place.table("Snapshots")).read()


def test_changed_routes_are_published_and_followed(place: Installation, settings: Path) -> None:
    before = parse_policy(place.settings.policy())
    other = changed(settings, '"team-slack", "mail"', '"mail"')

    published = push(other)

    assert published == row(other)
    assert followed(before, published.base, published).routes[0].to == ("mail",)
    other.close()


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('"eu-north-1", "us-east-1"]', '"eu-north-1"]', "regions"),
        ("[channels.mail]", '[channels.machines]\ntype = "topic"\n[channels.mail]', "channels"),
    ],
)
def test_keys_that_take_a_deployment_are_refused_and_change_nothing(
    place: Installation, settings: Path, before: str, after: str, key: str
) -> None:
    other = changed(settings, before, after)

    with pytest.raises(CommandError, match=f"`{key}` is not as in the stack braket-notifier: `make deploy`"):
        push(other)

    assert row(place) == Published()
    other.close()


def test_a_stack_without_the_settings_output_is_refused(place: Installation, stack: CloudFormation) -> None:
    stack.outputs.clear()

    with pytest.raises(CommandError, match="older than this command"):
        push(place)


def test_a_mute_leaves_published_settings_and_unmute_ends_it(place: Installation) -> None:
    document = push(place).document

    muted = mute(place, "team-slack", EVENING)
    mute(place, "mail", EVENING)
    unmuted = unmute(place, "team-slack")

    assert (muted.document, muted.muted_until) == (document, {"team-slack": EVENING})
    assert (unmuted.document, unmuted.muted_until) == (document, {"mail": EVENING})


def test_a_push_leaves_mutes(place: Installation) -> None:
    mute(place, "mail", EVENING)

    assert push(place).muted_until == {"mail": EVENING}


def test_an_unknown_channel_cannot_be_muted(place: Installation) -> None:
    with pytest.raises(CommandError, match="lab is not a channel of braket-notifier"):
        mute(place, "lab", EVENING)


def test_the_commands_publish_mute_and_unmute(place: Installation, run: Callable[..., Any]) -> None:
    pushed, muted = run("settings", "push"), run("mute", "mail", "4h")

    assert (pushed.code, pushed.out.strip()) == (0, "✓ published as revision 1: followed within a minute")
    assert muted.out.startswith("✓ mail is muted until ")
    assert row(place).muted_until.keys() == {"mail"}
    assert run("mute", "mail", "7d").code == 0
    assert run("unmute", "mail").code == 0
    assert run("settings", "wake").out.startswith("✓ channels send within two minutes")
    assert row(place).muted_until == {}
    assert run("mute", "mail", "soon").err.strip().endswith("allowed: 30m, 2h, 3d")


@pytest.mark.parametrize(
    ("publish", "woken"),
    [
        (lambda place: mute(place, "mail", EVENING), {"mail"}),
        (lambda place: unmute(place, "mail"), {"mail"}),
        (push, {"mail", "team-slack"}),
    ],
)
def test_a_change_wakes_its_channels_once_every_function_follows_it(
    place: Installation, publish: Callable[[Installation], object], woken: set[str]
) -> None:
    publish(place)

    assert {name for name, url in place.channel_queues.items() if _delayed(place, url) == 1} == woken
    assert LOOK_EVERY_S < WOKEN_AFTER_S < 120


def test_settings_wake_lets_every_channel_try_again_at_once_and_people_s_once_they_follow_the_settings(
    place: Installation, run: Callable[..., Any], waiting: Callable[[str], list[str]]
) -> None:
    run("settings", "wake")

    for name, url in place.channel_queues.items():
        assert [json.loads(body)["mended"] for body in waiting(f"deliver-{name}")] == [True]
        assert _delayed(place, url) == 1


def _delayed(place: Installation, url: str) -> int:
    name = "ApproximateNumberOfMessagesDelayed"
    answer = place.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return int(answer["Attributes"][name])
