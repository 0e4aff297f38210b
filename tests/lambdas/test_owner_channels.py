"""The functions with channels that write to owners: from an event to each person's own conversation or mails."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.dynamodb.confirmed import DynamoConfirmed
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.memory.braket import MemoryBraket
from braket_notifier.bootstrap import channels, shared
from braket_notifier.domain.destination import direct
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Snapshot
from braket_notifier.sending.wire import decode, encode
from local.inbox.inbox import Inbox, Workspace
from tests.lambdas.conftest import SETTINGS

ASnapshot = Callable[..., Snapshot]
NAMES = [f"P {number}" for number in range(40)]
SLACK = {name: f"U{number:08}" for number, name in enumerate(NAMES)}


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox(Workspace(people={its_id: name for name, its_id in SLACK.items()})) as inbox:
        yield inbox


@pytest.fixture
def forty(account: Any, inbox: Inbox, noon: datetime, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Forty people in one channel of direct messages, with its one queue, function and token."""
    people = [
        {"name": name, "slack": its_id, "owns": [f"tag:owner={name}"], "email_digest": "a1"}
        for name, its_id in SLACK.items()
    ]
    policy = {"channels": {"dm": {"type": "slack"}}, "to_owner": ["dm"], "people": people}
    routes = [{"to": ["dm"], "status": ["RUNNING", "COMPLETED"], "silent": ["RUNNING"]}]
    shared.SETTINGS.write_text(json.dumps({**SETTINGS, **policy, "routes": routes}))
    boto3.client("ssm").put_parameter(Name="/token", Value=inbox.workspace.token, Type="SecureString")
    environment = {
        "CHANNEL": "dm",
        "CHANNEL_QUEUES": json.dumps({"dm": account.queues["slack"]}),
        "SLACK_TOKEN": "ssm:/token",
        "SLACK_ENDPOINT_URL": inbox.url,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(channels, "channel", lambda: channels._bot("dm", ""))  # noqa: SLF001 - the real one
    monkeypatch.setattr(shared, "now", lambda: noon)
    return account


def run(function: str, account: Any, context: Any, queue: str, *bodies: str) -> list[str]:
    """Run a function, and delete the records that it does not report as failed; return the others' ids."""
    event = account.batch(queue, *bodies)
    failed = [each["itemIdentifier"] for each in account.function(function)(event, context)["batchItemFailures"]]
    delete(account, queue, [each["receiptHandle"] for each in event["Records"] if each["messageId"] not in failed])
    return failed


def delete(account: Any, queue: str, receipts: list[str]) -> None:
    for each in receipts:
        boto3.client("sqs").delete_message(QueueUrl=account.queues[queue], ReceiptHandle=each)


def deliver(account: Any, context: Any, *bodies: str) -> list[str]:
    return run("deliver", account, context, "slack", *bodies)


def test_each_end_reaches_its_owner_s_id_alone_through_one_queue_and_one_function(
    forty: Any, context: Any, inbox: Inbox, a_task: ASnapshot, an_event: Any
) -> None:
    tasks = [a_task("COMPLETED", number, tags={"owner": name}) for number, name in enumerate(NAMES)]
    forty.braket = MemoryBraket({each.arn: each for each in tasks})
    sent: list[str] = []
    for first in range(0, len(NAMES), 10):
        events = [json.dumps(an_event("COMPLETED", number)) for number in range(first, first + 10)]
        run("observe", forty, context, "events", *events)
        records = forty.waiting("slack")
        delete(forty, "slack", [each["ReceiptHandle"] for each in records])
        bodies = [each["Body"] for each in records]
        assert {decode(each).channel for each in bodies} == {direct("dm", each) for each in NAMES[first : first + 10]}
        assert deliver(forty, context, *bodies) == []
        sent += bodies

    assert len(sent) == len(inbox.posts) == len(NAMES)
    found = {post.channel: post.metadata["event_payload"]["arn"] for post in inbox.posts if post.metadata}
    assert found == {f"D{SLACK[each.tags['owner']][1:]}": each.arn.text for each in tasks}


def test_one_task_for_two_people_gives_two_messages_ids_and_cards_and_later_statuses_edit_them(
    forty: Any, context: Any, inbox: Inbox, a_task: ASnapshot, a_transition: Any, noon: datetime
) -> None:
    tags = {"owner": NAMES[0], "notify": "p-1", "notify-on": "RUNNING COMPLETED"}
    people = [direct("dm", each) for each in NAMES[:2]]
    running = a_transition(a_task("RUNNING", tags=tags), at=noon)
    deliver(forty, context, *(encode(Notification(running, each)) for each in people))
    ended = a_transition(a_task("COMPLETED", tags=tags))
    deliver(forty, context, *(encode(Notification(ended, each)) for each in people))

    posts = {each: [post for post in inbox.posts if post.channel == f"D{SLACK[each][1:]}"] for each in NAMES[:2]}
    assert [len(each) for each in posts.values()] == [2, 2]  # a card, and the line beside it
    for card, line in posts.values():
        assert "COMPLETED" in card.plain()
        assert card.edits
        assert line.thread_ts == card.ts
    ids = {post.metadata["event_payload"]["id"] for each in posts.values() for post in each if post.metadata}
    assert ids == {Notification(ended, each).id for each in people}
    assert f"named by the tag notify of {NAMES[0]}'s task" in posts[NAMES[1]][0].plain()
    assert "named by" not in posts[NAMES[0]][0].plain()
    rows = [each["partition"]["S"] for each in boto3.client("dynamodb").scan(TableName="deliveries")["Items"]]
    assert {each.split("#")[1] for each in rows} == {*NAMES[:2], "lease"}


def test_a_person_who_left_the_settings_is_refused_alone_and_counted(
    forty: Any,
    context: Any,
    inbox: Inbox,
    a_task: ASnapshot,
    a_transition: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    gone = Notification(a_transition(a_task("COMPLETED", 1, tags={})), "dm#Zoe")
    there = Notification(a_transition(a_task("COMPLETED", 2, tags={"owner": NAMES[0]})), direct("dm", NAMES[0]))

    capsys.readouterr()
    assert len(deliver(forty, context, encode(gone), encode(there))) == 1
    assert [each.channel for each in inbox.posts] == [f"D{SLACK[NAMES[0]][1:]}"]
    assert '"NotificationsUnreachable":[1.0]' in capsys.readouterr().out
    assert deliver(forty, context, encode(there)) == []
    assert "NotificationsUnreachable" not in capsys.readouterr().out
    lease = Table(boto3.client("dynamodb"), "deliveries").get({"partition": "dm#lease", "sort": "lease"}) or {}
    assert "down_since" not in lease


def test_the_sweep_wakes_each_person_with_an_overdue_group_by_one_read_of_the_channel(
    forty: Any, context: Any, a_task: ASnapshot, a_transition: Any, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, name in enumerate(NAMES[:2]):
        ends = [a_transition(a_task("COMPLETED", 10 * place + number, tags={"owner": name})) for number in range(5)]
        deliver(forty, context, *(encode(Notification(each, direct("dm", name))) for each in ends))
    boto3.client("sqs").purge_queue(QueueUrl=forty.queues["slack"])
    monkeypatch.setattr(shared, "now", lambda: noon + timedelta(minutes=5))

    forty.function("sweep")({}, context)

    woken = {json.loads(each["Body"]).get("wakes") for each in forty.waiting("slack")}
    assert woken == {direct("dm", each) for each in NAMES[:2]}


def test_ben_s_mails_go_to_the_team_while_his_address_is_not_confirmed_and_anna_s_are_mailed(
    forty: Any, context: Any, a_task: ASnapshot, a_transition: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = {name: sha256(f"{name}@example.org".encode()).hexdigest() for name in ("anna", "ben")}
    people = [{"name": name, "owns": [f"tag:owner={name}"], "email_digest": each} for name, each in digests.items()]
    mail = {"mine": {"type": "email"}, "team": {"type": "slack"}}
    policy = {"channels": mail, "to_owner": ["mine"], "people": people, "routes": [{"to": ["mine"]}]}
    shared.SETTINGS.write_text(json.dumps({**SETTINGS, **policy}))
    topic = boto3.client("sns").create_topic(Name="mine")["TopicArn"]
    team = boto3.client("sqs").create_queue(QueueName="team")["QueueUrl"]
    monkeypatch.delenv("SLACK_TOKEN")
    environment = {
        "CHANNEL": "mine",
        "CHANNEL_TYPE": "email",
        "TOPIC_ARN": topic,
        "FALLBACK": json.dumps({"team": team}),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(channels, "channel", channels._topic)  # noqa: SLF001 - the real one
    published: list[dict[str, Any]] = []
    sns = clients.sns(clients.ONCE)
    monkeypatch.setattr(sns, "publish", lambda **call: published.append(call))
    DynamoConfirmed(shared.snapshots_table()).save({topic: ["anna@example.org"]})
    ends = [a_transition(a_task("COMPLETED", number, tags={"owner": name})) for number, name in enumerate(digests)]
    bodies = [encode(Notification(each, direct("mine", name))) for each, name in zip(ends, digests, strict=True)]

    assert len(deliver(forty, context, *bodies)) == 1

    assert [each["MessageAttributes"]["person"]["StringValue"] for each in published] == ["anna"]
    [passed] = boto3.client("sqs").receive_message(QueueUrl=team)["Messages"]
    found = decode(passed["Body"])
    assert (found.channel, found.passed_from) == ("team", "mine#ben")
    assert found.transition.snapshot.tags.keys() == {"Name"}
