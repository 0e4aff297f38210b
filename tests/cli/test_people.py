"""Commands about channels that write to owners: `test`, `mute`, `explain`, `doctor`, `resend-confirmation`, `init`."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.domain.notification import Wake
from braket_notifier.sending.wire import decode, decode_record
from local.inbox.inbox import Inbox, Workspace
from tests.cli.cloudformation import CloudFormation
from tests.cli.conftest import HOME, NAME, SETTINGS, TOKEN
from tests.conftest import NOON

Waiting = Callable[[str], list[str]]
PEOPLE = """
[channels.dm]
type = "slack"
to = "owner"
[channels.mine]
type = "email"
to = "owner"
[[people]]
name = "Anna"
slack = "U01ABCDEF"
email = "anna@example.org"
owns = ["tag:owner=anna"]
[[people]]
name = "Ben Ott"
email = "ben@example.org"
owns = ["tag:owner=ben"]
[[people]]
name = "Chiara"
slack = "U03CDEFGH"
owns = ["tag:owner=chiara"]
"""


@pytest.fixture
def settings(settings: Path) -> Path:
    settings.write_text(
        SETTINGS.replace('to = ["team-slack", "mail"]', 'to = ["team-slack", "mail", "dm", "mine"]') + PEOPLE
    )
    return settings


@pytest.fixture
def stack(stack: CloudFormation) -> CloudFormation:
    """The stack with the queues and the topic of the channels that write to owners."""
    urls = [
        boto3.client("sqs", HOME).create_queue(QueueName=f"{NAME}-deliver-{each}")["QueueUrl"]
        for each in ("dm", "mine")
    ]
    topic = boto3.client("sns", HOME).create_topic(Name=f"{NAME}-deliver-mine")["TopicArn"]
    queues = (("AWS::SQS::Queue", f"Owners{number}", url) for number, url in enumerate(urls))
    stack.stacks[HOME, NAME] = [*stack.stacks[HOME, NAME], ("AWS::SNS::Topic", "Owners", topic), *queues]
    return stack


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    people = {"U01ABCDEF": "Anna", "U03CDEFGH": "Chiara"}
    with Inbox(Workspace(people=people)) as inbox:
        monkeypatch.setenv("SLACK_ENDPOINT_URL", inbox.url)
        yield inbox


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(
    ("words", "to"),
    [
        (("--person", "anna"), ["dm for Anna", "mine for Anna"]),
        (("--person", "Ben Ott"), ["mine for Ben Ott"]),
        (("dm", "--person", "Anna"), ["dm for Anna"]),
        ((), ["team-slack", "mail"]),  # nobody's phone rings unless named
    ],
)
def test_a_test_message_goes_to_the_named_person_in_each_channel_that_reaches_them(
    run: Any,
    ledger: DynamoLedger,
    waiting: Waiting,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    to: list[str],
) -> None:
    def work(_: float) -> None:
        for queue in ("team-slack", "mail", "dm", "mine"):
            for each in map(decode, waiting(f"deliver-{queue}")):
                assert each.channel.partition("#")[0] == queue
                ledger.claim(each, owner="test", now=NOON)
                ledger.delivered(each, now=NOON)

    monkeypatch.setattr("braket_notifier.cli.commands.test.sleep", work)
    done = run("test", *words, "--yes")

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [f"✓ {each} accepted the test notification" for each in to]


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("test", "dm"), "dm writes to owners: name one by --person"),
        (("test", "--person", "Zoe"), "Zoe is not in [[people]]: Anna, Ben Ott, Chiara"),
        (("test", "dm", "--person", "Ben Ott"), "dm does not reach Ben Ott: Ben Ott has no Slack ID in the settings"),
        (
            ("test", "mail", "--person", "Anna"),
            "mail does not write to owners, so it has no people; channels that do: dm",
        ),
        (("mute", "mine", "1h", "--person", "Chiara"), "mine does not reach Chiara: Chiara has no e-mail address"),
    ],
)
def test_a_person_whom_the_channel_does_not_reach_is_named(run: Any, words: tuple[str, ...], error: str) -> None:
    done = run(*words)

    assert done.code == 2
    assert error in done.err


def test_a_mute_of_a_person_wakes_that_person_and_ends_by_name(
    run: Any, stack: CloudFormation, waiting: Waiting, as_deployed: Callable[..., None]
) -> None:
    as_deployed()
    assert stack.outputs
    muted = run("mute", "mine", "2h", "--person", "ben ott")
    shown = run("settings", "show")
    ended = run("unmute", "mine", "--person", "Ben Ott")

    assert muted.out.startswith("✓ mine for Ben Ott is muted until")
    assert "mine for Ben Ott is muted until" in shown.out
    assert "`braket-notifier unmute mine --person 'Ben Ott'` ends it" in shown.out
    assert ended.out == "✓ mine for Ben Ott is notified again within a minute\n"
    woken = [decode_record(each) for each in waiting("deliver-mine")]
    assert {each.channel for each in woken if isinstance(each, Wake)} <= {"mine#Ben Ott"}


def test_explain_names_each_person_and_the_reason(run: Any, tmp_path: Path, an_event: Callable[..., Any]) -> None:
    event = an_event("COMPLETED")
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event))

    done = run("explain", str(path))

    assert "- dm, not notified: no owner is known" in done.out
    assert "- mine, not notified: no owner is known" in done.out


@pytest.mark.usefixtures("stack")
def test_the_link_that_is_sent_again_brings_the_filter_of_the_person_s_mails(run: Any) -> None:
    done = run("resend-confirmation", "mine")

    sns = boto3.client("sns", HOME)
    found = [each for each in sns.list_subscriptions()["Subscriptions"] if each["TopicArn"].endswith("deliver-mine")]
    attributes = [
        sns.get_subscription_attributes(SubscriptionArn=each["SubscriptionArn"])["Attributes"] for each in found
    ]
    assert done.code == 0
    assert {each["Endpoint"]: json.loads(each["FilterPolicy"]) for each in attributes} == {
        "anna@example.org": {"person": ["Anna"]},
        "ben@example.org": {"person": ["Ben Ott"]},
    }
    assert all("undelivered" in each["RedrivePolicy"] for each in attributes)


def lines_of(done: Any, *channels: str) -> list[str]:
    return [each for each in done.out.splitlines() if any(each[2:].startswith(f"{name}:") for name in channels)]


@pytest.fixture
def with_token(stack: CloudFormation, slack: Inbox, as_deployed: Callable[..., None]) -> Inbox:
    as_deployed()
    assert stack.outputs
    boto3.client("ssm", HOME).put_parameter(Name=TOKEN, Value=slack.workspace.token, Type="SecureString")
    return slack


def test_doctor_names_people_who_are_unknown_or_have_left(run: Any, with_token: Inbox) -> None:
    assert "✓ dm: Slack knows everybody of [[people]] with a Slack ID" in lines_of(run("doctor"), "dm")

    with_token.workspace = replace(
        with_token.workspace, people={"U01ABCDEF": "Anna"}, deactivated=frozenset({"U01ABCDEF"})
    )
    found = lines_of(run("doctor"), "dm")

    assert any(each.startswith("✗ dm: Anna (U01ABCDEF) is deactivated, so nobody reads the messages") for each in found)
    assert any(each.startswith("✗ dm: Slack does not know Chiara (U03CDEFGH)") for each in found)
    assert not any("invite" in each for each in found)


def test_doctor_names_an_address_that_gets_mails_of_others(run: Any, with_token: Inbox) -> None:
    assert with_token.url
    sns = boto3.client("sns", HOME)
    topic = next(each["TopicArn"] for each in sns.list_topics()["Topics"] if each["TopicArn"].endswith("deliver-mine"))
    policy = {"FilterPolicy": json.dumps({"person": ["Anna"]})}
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="anna@example.org", Attributes=policy)
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ben@example.org")

    [wrong] = [each for each in lines_of(run("doctor"), "mine") if each.startswith("✗")]

    assert wrong.startswith("✗ mine: ben@example.org gets mails of others, because its subscription has no filter")
    assert """--attribute-value '{"person": ["Ben Ott"]}'""" in wrong


def test_the_app_s_manifest_has_a_messages_tab_where_a_channel_writes_to_members(run: Any, settings: Path) -> None:
    assert run("init", "--no-page", "--home", HOME).code == 0

    manifest = json.loads((settings.parent / "slack-app-manifest.json").read_text())
    assert manifest["features"]["app_home"]["messages_tab_enabled"]
    assert "users:read" in manifest["oauth_config"]["scopes"]["bot"]
    assert 'to = "owner"' in settings.read_text()  # the answers about shared channels leave it alone


def test_doctor_counts_what_went_elsewhere_because_a_person_cannot_be_reached(
    run: Any, stack: CloudFormation, ledger: DynamoLedger, a_notification: Any
) -> None:
    people = [a_notification(number=number, channel="dm#Anna") for number in (1, 2, 3)]
    for each in (*people, a_notification(channel="team-slack")):
        ledger.passed_on(each, to="mail", now=NOON)
    ledger.claim(people[2], owner="one", now=NOON)
    ledger.delivered(people[2], now=NOON)  # Anna can be reached again

    out = " ".join(run("doctor").out.split())

    assert "! dm for Anna: 2 notifications went to the other address or to the team" in out
    assert "team-slack: 1 notification went" not in out
    assert stack.stacks
