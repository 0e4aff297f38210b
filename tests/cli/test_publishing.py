"""`settings push`, `mute` and `unmute` publish settings and mutes, or refuse them."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from boto3.session import Session

from braket_notifier.adapters.dynamodb.published import DynamoPublished
from braket_notifier.cli.in_force.state import in_force, policy_in_force
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.publishing import WOKEN_AFTER_S, mute, push, unmute
from braket_notifier.cli.sentences import CommandError
from braket_notifier.domain.policy import Route
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.routing.published import LOOK_EVERY_S, Origin, Published, followed
from braket_notifier.settings.keys import ORDER
from braket_notifier.settings.notifier_toml import read_settings
from tests.cli.cloudformation import CloudFormation
from tests.cli.conftest import HOME, TOKEN, Run

EVENING = datetime(2026, 11, 20, 18, tzinfo=UTC)
ANNA = Origin("anna", EVENING, "1a2b3c4d5e6f")
Change = Callable[[str, str], Installation]


@pytest.fixture
def place(as_deployed: Callable[..., None], settings: Path) -> Iterator[Installation]:
    """The notifier as deployed from the settings."""
    as_deployed()
    opened = Installation(read_settings(settings), Session(), HOME)
    yield opened
    opened.close()


@pytest.fixture
def change(settings: Path) -> Iterator[Callable[[str, str], Installation]]:
    """Change the settings file."""
    with ExitStack() as opened:

        def change(before: str, after: str) -> Installation:
            assert before in settings.read_text()
            settings.write_text(settings.read_text().replace(before, after))
            other = Installation(read_settings(settings), Session(), HOME)
            opened.callback(other.close)
            return other

        yield change


def pushed(place: Installation) -> Published:
    return push(place, in_force(place), ANNA)


def row(place: Installation) -> Published:
    return DynamoPublished(place.table("Snapshots")).read()


def routes(place: Installation, settings: Path) -> tuple[Route, ...]:
    """The routes that the functions of the deployment follow."""
    seen = in_force(place)
    deployed = parse_policy(read_settings(settings).policy())
    return followed(deployed, seen.deployment, row(place)).routes


@pytest.mark.usefixtures("place")
def test_changed_routes_are_published_with_their_origin_and_followed(change: Change, settings: Path) -> None:
    other = change('"team-slack", "mail"', '"mail"')

    published = pushed(other)

    assert published == row(other)
    assert published.origin == ANNA
    assert routes(other, settings)[0].to == ("mail",)


#: A change of the file, and the keys that the refusal names.
REFUSED = [
    ('"eu-north-1", "us-east-1"]', '"eu-north-1"]', "regions"),
    ("[channels.mail]", '[channels.machines]\ntype = "topic"\n[channels.mail]', "channels.machines.type"),
    ('"ben@example.org"', '"eve@example.org"', "channels.mail.to"),
    ('"C0123456789"', '"C9876543210"', "channels.team-slack.channel"),
    (f"ssm:{TOKEN}", "ssm:/another/bot", "channels.team-slack.token"),
    ("ops@example.org", "eve@example.org", "alarms.email"),
    ("[[routes]]", '[defaults]\nsweep_every = "1h"\nkey = "own"\n[[routes]]', "defaults.key, defaults.sweep_every"),
    ("[[routes]]", "[defaults]\ndashboard = true\n[[routes]]", "defaults.dashboard"),
    ("[alarms]", '[tags]\nteam = "lab"\n[alarms]', "tags.team"),
    (
        "[[routes]]",
        '[defaults]\nread_results = true\nresult_buckets = ["a-lab"]\n[[routes]]',
        "defaults.read_results, defaults.result_buckets",
    ),
]


@pytest.mark.parametrize(("before", "after", "keys"), REFUSED)
def test_every_key_that_takes_a_deployment_is_named_and_nothing_changes(
    place: Installation, change: Change, before: str, after: str, keys: str
) -> None:
    other = change(before, after)

    with pytest.raises(CommandError, match=rf"^only `braket-notifier deploy` changes {re.escape(keys)} \("):
        pushed(other)

    assert row(place) == Published()


def test_the_order_of_regions_is_no_change(place: Installation, change: Change, run: Run) -> None:
    change('"eu-north-1", "us-east-1"]', '"us-east-1", "eu-north-1", "us-east-1"]')

    assert run("settings", "push").out == "✓ nothing to publish, because these settings are in force\n"
    assert row(place) == Published()


def test_a_stack_without_the_settings_output_is_refused(place: Installation, stack: CloudFormation) -> None:
    stack.outputs.clear()

    with pytest.raises(CommandError, match="older than this command"):
        pushed(place)


def test_a_stack_of_a_version_that_did_not_number_its_settings_is_refused(
    place: Installation, stack: CloudFormation
) -> None:
    del stack.outputs["SettingsVersion"]

    with pytest.raises(CommandError, match="does not show its settings yet: `braket-notifier deploy` updates it"):
        pushed(place)


@pytest.mark.usefixtures("place")
def test_an_earlier_file_that_is_deployed_again_is_in_force_again(
    change: Change, settings: Path, as_deployed: Callable[..., None]
) -> None:
    """Deploy v1, push v2, deploy v2, deploy v1: the pushed v2 belonged to the first deployment of v1."""
    v1 = settings.read_text()
    v2 = change('"team-slack", "mail"', '"mail"')
    pushed(v2)
    assert routes(v2, settings)[0].to == ("mail",)

    as_deployed(2)
    settings.write_text(v1)
    as_deployed(3)

    again = Installation(read_settings(settings), Session(), HOME)
    assert routes(again, settings)[0].to == ("team-slack", "mail")
    assert not in_force(again).pushed
    again.close()


def test_an_upgrade_with_the_same_settings_keeps_pushed_ones(
    place: Installation, change: Change, settings: Path, as_deployed: Callable[..., None]
) -> None:
    before = settings.read_text()
    other = change('"team-slack", "mail"', '"mail"')
    pushed(other)
    settings.write_text(before)

    as_deployed(1)

    assert routes(other, settings)[0].to == ("mail",)
    seen = in_force(place)
    assert seen.outlast(place)
    assert replace(seen, deployed={key: each for key, each in seen.deployed.items() if key != ORDER}).outlast(place)


def test_a_push_is_refused_if_others_pushed_since_the_question(place: Installation, change: Change) -> None:
    other = change('"team-slack", "mail"', '"mail"')
    seen = in_force(other)
    mute(place, "mail", EVENING)

    with pytest.raises(CommandError, match="settings were published meanwhile: revision 1: nothing was changed"):
        push(other, seen, ANNA)


def test_a_mute_leaves_published_settings_and_unmute_ends_it(place: Installation) -> None:
    document = pushed(place).document

    muted = mute(place, "team-slack", EVENING)
    mute(place, "mail", EVENING)
    unmuted = unmute(place, "team-slack")

    assert (muted.document, muted.muted_until) == (document, {"team-slack": EVENING})
    assert (unmuted.document, unmuted.muted_until) == (document, {"mail": EVENING})


def test_a_push_leaves_mutes(place: Installation) -> None:
    mute(place, "mail", EVENING)

    assert pushed(place).muted_until == {"mail": EVENING}


def test_an_unknown_channel_cannot_be_muted(place: Installation) -> None:
    with pytest.raises(CommandError, match="lab is not a channel of braket-notifier"):
        mute(place, "lab", EVENING)


def test_the_commands_mute_and_unmute(place: Installation, run: Run) -> None:
    muted = run("mute", "mail", "4h")

    assert muted.out.startswith("✓ mail is muted until ")
    assert row(place).muted_until.keys() == {"mail"}
    assert run("mute", "mail", "7d").code == 0
    assert run("unmute", "mail").code == 0
    assert run("settings", "wake").out.startswith("✓ channels send within two minutes")
    assert row(place).muted_until == {}
    assert run("mute", "mail", "soon").err.strip().endswith("allowed: like 30m, 2h, 3d")


def test_the_command_reserve_names_lists_and_forgets_reservations(place: Installation, run: Run) -> None:
    times = ("--from", "2990-12-01T14:00:00Z", "--to", "2990-12-01T16:00:00+01:00")
    booked, device = (
        "arn:aws:braket:us-east-1:111122223333:reservation/3f2a",
        "arn:aws:braket:us-east-1::device/qpu/ionq/F",
    )
    mute(place, "mail", EVENING)
    assert run("reserve").out == "nothing is reserved\n"

    assert run("reserve", booked, *times[:3], "2990-12-01T17:00:00+01:00").code == 0
    assert run("reserve", booked, *times).out.startswith(f"✓ {booked} from 2990-12-01 14:00 UTC to 2990-12-01 15:00")
    assert run("reserve", device, *times).code == 0

    assert [each.split()[0] for each in run("reserve").out.splitlines()] == [booked, device]
    assert [(each.arn, each.device) for each in row(place).reserved] == [(booked, ""), ("", device)]
    assert policy_in_force(place).reserved == row(place).reserved
    assert run("reserve", booked, "--cancel").code == 0
    assert (len(row(place).reserved), row(place).muted_until) == (1, {"mail": EVENING})
    assert pushed(place).reserved == row(place).reserved


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("{arn} --from 2990-12-01T14:00:00Z", "--to: is missing; allowed: like 2026-12-01T14:00:00Z or"),
        ("{arn} --from 2990-12-01T14:00:00Z --to 2990-12-01T13:00:00Z", '--to: "2990-12-01T13:00:00Z" is not after'),
        (
            "{arn} --from 2990-12-01T14:00 --to 2990-12-01T15:00:00Z",
            '--from: "2990-12-01T14:00" is not a time with its',
        ),
        ("{arn} --from 2990-02-30T14:00Z --to 2990-12-01T15:00:00Z", '--from: "2990-02-30T14:00Z" is not in the calen'),
        ("{arn} --from 2020-12-01T14:00:00Z --to 2020-12-01T15:00:00Z", "--to 2020-12-01T15:00:00Z has passed; allow"),
        (
            "Forte --from 2990-12-01T14:00:00Z --to 2990-12-01T15:00:00Z",
            (
                'ARN: "Forte" is not a reservation\'s ARN; allowed: like '
                '"arn:aws:braket:us-east-1:111122223333:reservation/3f2a9c1e", or the ARN of its device\n'
            ),
        ),
        (
            "--to 2990-12-01T15:00:00Z",
            "--from, --to and --cancel need the ARN of a reservation or of its device",
        ),
        (
            "arn:aws:braket:us-west-2::device/qpu/a/B --from 2990-12-01T14:00:00Z --to 2990-12-01T15:00:00Z",
            'ARN: "us-west-2" is not a watched region',
        ),
        ("{arn} --cancel", "`reserve` has no reservation of arn:aws:braket:us-east-1:111122223333:reservation/3f2a; "),
    ],
)
def test_a_reservation_that_cannot_be_is_refused_by_a_sentence(
    place: Installation, run: Run, words: str, error: str
) -> None:
    done = run("reserve", *words.format(arn="arn:aws:braket:us-east-1:111122223333:reservation/3f2a").split())

    assert (done.code, row(place).reserved) == (2, ())
    assert done.err.startswith(f"braket-notifier: {error}")


@pytest.mark.parametrize(
    ("publish", "woken"),
    [
        (lambda place: mute(place, "mail", EVENING), {"mail"}),
        (lambda place: unmute(place, "mail"), {"mail"}),
        (pushed, {"mail", "team-slack"}),
    ],
)
def test_a_change_wakes_its_channels_once_every_function_follows_it(
    place: Installation, publish: Callable[[Installation], object], woken: set[str]
) -> None:
    publish(place)

    assert {name for name, url in place.channel_queues.items() if _delayed(place, url) == 1} == woken
    assert LOOK_EVERY_S < WOKEN_AFTER_S < 120


def test_settings_wake_lets_every_channel_try_again_at_once_and_people_s_once_they_follow_the_settings(
    place: Installation, run: Run, waiting: Callable[[str], list[str]]
) -> None:
    run("settings", "wake")

    for name, url in place.channel_queues.items():
        assert [json.loads(body)["mended"] for body in waiting(f"deliver-{name}")] == [True]
        assert _delayed(place, url) == 1


def _delayed(place: Installation, url: str) -> int:
    name = "ApproximateNumberOfMessagesDelayed"
    answer = place.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return int(answer["Attributes"][name])
