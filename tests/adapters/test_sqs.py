"""The channels' queues, the visibility of a record and the undelivered queue on SQS."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.aws.sqs import NotEnqueuedError, SqsChannelQueues, SqsCloseTimer, SqsUndelivered, SqsWaits
from braket_notifier.adapters.memory.queues import MemoryCloseTimer
from braket_notifier.domain.notification import Carried, Closing, Notification, Wake
from braket_notifier.grouping.ports import CloseTimer
from braket_notifier.sending.wire import decode, decode_record

ANotification = Callable[..., Notification]


@pytest.fixture
def queue(aws: None) -> Callable[[str], str]:  # noqa: ARG001 - inside the mock
    return lambda name: boto3.client("sqs").create_queue(QueueName=name)["QueueUrl"]


def received(url: str) -> list[Any]:
    client, found = boto3.client("sqs"), []
    while batch := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
        "Messages"
    ):
        found += batch
    return found


def test_each_notification_is_put_into_its_channel_s_queue(
    queue: Callable[[str], str], a_notification: ANotification
) -> None:
    urls = {"team-slack": queue("slack"), "mail": queue("mail")}
    slack = [a_notification(number=number) for number in range(25)]  # more than one batch
    mail = [a_notification(channel="mail")]

    SqsChannelQueues(boto3.client("sqs"), urls).enqueue([*slack, *mail])

    assert sorted(decode(each["Body"]).id for each in received(urls["team-slack"])) == sorted(each.id for each in slack)
    assert [decode(each["Body"]) for each in received(urls["mail"])] == mail


def test_a_batch_that_would_be_too_large_is_divided(queue: Callable[[str], str], a_notification: ANotification) -> None:
    urls = {"team-slack": queue("slack")}
    transition = a_notification("FAILED").transition
    loud = replace(transition, snapshot=replace(transition.snapshot, failure_reason="🟠" * 8000))
    notifications = [replace(a_notification("FAILED"), transition=loud)] * 5

    SqsChannelQueues(boto3.client("sqs"), urls).enqueue(notifications)

    assert len(received(urls["team-slack"])) == 5


def test_no_batch_exceeds_the_limits_of_sqs(a_notification: ANotification) -> None:
    sizes = []

    class Counting:
        def send_message_batch(self, Entries: list[dict[str, str]], **_: object) -> dict[str, Any]:  # noqa: N803 - boto3's own name
            sizes.append(sum(len(entry["MessageBody"].encode()) for entry in Entries))
            return {"Successful": Entries}

    transition = a_notification("FAILED").transition
    loud = replace(transition, snapshot=replace(transition.snapshot, failure_reason="🟠" * 8000))
    notifications = [replace(a_notification("FAILED"), transition=loud)] * 10

    SqsChannelQueues(Counting(), {"team-slack": "url"}).enqueue(notifications)  # type: ignore[arg-type]  # one call

    assert len(sizes) > 1
    assert max(sizes) <= 256 * 1024


@pytest.mark.parametrize("left", [0, 11, 12, 13, 14, 500, 5000])
@pytest.mark.parametrize("letter", ["x", "ü", "🟠"])
def test_the_reason_beside_an_undelivered_record_takes_the_bytes_that_are_left(letter: str, left: int) -> None:
    """SQS counts the bytes of the body and of each attribute's name, type and value."""
    sent: list[dict[str, Any]] = []

    class Keeping:
        def send_message(self, **message: Any) -> dict[str, str]:
            sent.append(message)
            return {"MessageId": "1"}

    raw = "🟠" * 1000 + "x" * (256 * 1024 - 4000 - left)
    SqsUndelivered(Keeping(), "url").put(raw, letter * 1000)  # type: ignore[arg-type]  # one call

    [message] = sent
    attributes = message["MessageAttributes"]
    size = sum(len(f"{name}{each['DataType']}{each['StringValue']}".encode()) for name, each in attributes.items())
    assert message["MessageBody"] == raw
    assert size <= min(left, 1012)
    assert all(each["StringValue"] for each in attributes.values())  # SQS refuses an empty value
    assert bool(attributes) is (left >= 12 + len(letter.encode()))


def test_a_notification_that_sqs_refuses_raises(a_notification: ANotification) -> None:
    class Partial:
        def send_message_batch(self, **_: object) -> dict[str, Any]:
            return {"Successful": [], "Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]}

    with pytest.raises(NotEnqueuedError, match="InternalError"):
        SqsChannelQueues(Partial(), {"team-slack": "url"}).enqueue([a_notification()])  # type: ignore[arg-type]  # one call


class Empty:
    """An SQS, or a proxy in its place, that answers 200 and nothing else."""

    def send_message(self, **_: object) -> dict[str, Any]:
        return {}

    send_message_batch = send_message


PUTS: dict[str, Callable[[Any, Notification], object]] = {
    "notification": lambda client, each: SqsChannelQueues(client, {"team-slack": "url"}).enqueue([each]),
    "wake": lambda client, _: SqsChannelQueues(client, {"team-slack": "url"}).wake([Wake("team-slack")]),
    "closing": lambda client, _: SqsCloseTimer(client, "url").schedule(Closing("team-slack", "key", 1), 60),
    "copy": lambda client, _: SqsWaits(client, "url").renew("body", 60),
    "undelivered": lambda client, _: SqsUndelivered(client, "url").put("body", "reason"),
}


@pytest.mark.parametrize("put", PUTS)
def test_a_record_that_sqs_does_not_confirm_is_not_taken_for_put(a_notification: ANotification, put: str) -> None:
    """Otherwise its row would count as dispatched, or the record that it replaces would be deleted."""
    with pytest.raises(NotEnqueuedError, match="SQS"):
        PUTS[put](Empty(), a_notification())


@pytest.mark.parametrize("urls", [{"team-slack": "http://localhost/gone"}, {}])
def test_a_channel_that_cannot_be_woken_stops_no_other(queue: Callable[[str], str], urls: dict[str, str]) -> None:
    mail = queue("mail")

    with pytest.raises(NotEnqueuedError, match="team-slack"):
        SqsChannelQueues(boto3.client("sqs"), {**urls, "mail": mail}).wake([Wake("team-slack"), Wake("mail")])

    assert len(received(mail)) == 1


@pytest.mark.parametrize("urls", [{"team-slack": "http://localhost/gone"}, {}])
def test_a_channel_without_a_queue_stops_no_other(
    queue: Callable[[str], str], a_notification: ANotification, urls: dict[str, str]
) -> None:
    mail = queue("mail")
    both = [a_notification(), a_notification(channel="mail")]

    with pytest.raises(NotEnqueuedError, match="team-slack"):
        SqsChannelQueues(boto3.client("sqs"), {**urls, "mail": mail}).enqueue(both)

    assert len(received(mail)) == 1


def test_a_deferred_record_is_hidden(queue: Callable[[str], str]) -> None:
    url, client = queue("events"), boto3.client("sqs")
    client.send_message(QueueUrl=url, MessageBody="x")
    receipt = client.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"][0]["ReceiptHandle"]

    SqsWaits(client, url).defer(receipt, 60)

    assert received(url) == []


def test_no_record_is_deferred_for_longer_than_sqs_allows() -> None:
    """SQS refuses twelve hours beyond the time since the receive."""
    waits: list[int] = []

    class Counting:
        def change_message_visibility(self, VisibilityTimeout: int, **_: object) -> None:  # noqa: N803 - boto3's own name
            waits.append(VisibilityTimeout)

    SqsWaits(Counting(), "url").defer("receipt", 24 * 3600)  # type: ignore[arg-type]  # one call

    assert waits[0] <= 12 * 3600 - 900  # Lambda's longest run


def test_each_channel_is_woken_after_the_delay(queue: Callable[[str], str]) -> None:
    urls = {name: queue(name) for name in ("slack", "mail", "machines")}
    queues = SqsChannelQueues(boto3.client("sqs"), urls)

    queues.wake([Wake("slack")])
    queues.wake([Wake("mail")], 60)

    assert [decode_record(each["Body"]) for each in received(urls["slack"])] == [Wake("slack")]
    assert received(urls["mail"]) == received(urls["machines"]) == []


def test_a_renewed_record_comes_after_its_wait(queue: Callable[[str], str]) -> None:
    url, later = queue("slack"), queue("later")

    SqsWaits(boto3.client("sqs"), url).renew("x", 0)
    SqsWaits(boto3.client("sqs"), later).renew("x", 24 * 3600)  # SQS delays a record for fifteen minutes at most

    assert [each["Body"] for each in received(url)] == ["x"]
    assert received(later) == []


@pytest.fixture(params=["memory", "sqs"])
def reminding(request: pytest.FixtureRequest) -> tuple[CloseTimer, Callable[[], list[Carried]]]:
    """Both adapters of the port `CloseTimer`, and a function that reads their reminders."""
    if request.param == "memory":
        memory = MemoryCloseTimer()
        return memory, lambda: [closing for closing, after_s in memory.put if after_s == 0]
    url = request.getfixturevalue("queue")("slack")
    reminders = SqsCloseTimer(boto3.client("sqs"), url)
    return reminders, lambda: [decode_record(each["Body"]) for each in received(url)]


@pytest.mark.parametrize("key", ["batch ghz-scan", "Anna on arn:aws:braket:::device/x", "batch é🟠 '\"\\", "batch \t"])
def test_a_reminder_is_read_as_it_was_put(reminding: tuple[CloseTimer, Callable[[], list[Carried]]], key: str) -> None:
    reminders, come = reminding

    reminders.schedule(Closing("team-slack", key, 3), 0)

    assert come() == [Closing("team-slack", key, 3)]


@pytest.mark.parametrize("after_s", [60, 900, 901, 24 * 3600])  # SQS delays a message for fifteen minutes at most
def test_every_reminder_is_delayed(reminding: tuple[CloseTimer, Callable[[], list[Carried]]], after_s: int) -> None:
    reminders, come = reminding

    reminders.schedule(Closing("team-slack", "batch ghz-scan", 3), after_s)

    assert come() == []


@pytest.mark.parametrize("reason", ["not JSON", "", "control \x00 and \ud800", "long " * 1000])
def test_a_bad_record_is_kept_with_its_raw_text_and_the_reason(queue: Callable[[str], str], reason: str) -> None:
    url, raw = queue("undelivered"), json.dumps({"detail": "\x00"}) + " {not json"

    undelivered = SqsUndelivered(boto3.client("sqs"), url)

    undelivered.put(raw, reason)

    assert undelivered.waiting() == 1

    (kept,) = received(url)
    assert kept["Body"] == raw
    shown = kept["MessageAttributes"]["reason"]["StringValue"]
    assert shown.startswith(reason[:3].strip() or "no reason")
    assert len(shown) <= 1000
