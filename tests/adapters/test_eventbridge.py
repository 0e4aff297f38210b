"""The acceptances, refusals and doubts of EventBridge, whose call may succeed while its entry fails."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from braket_notifier.adapters.aws.eventbridge import EventBus
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import MendableError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.rendering.formats.topic_json import to_json
from braket_notifier.sending.ports import Probed

ANotification = Callable[..., Notification]
BUS = {"Name": "lab-events"}
PUT = {"Entries": [ANY]}
POLICY = Policy(("eu-north-1",), "UTC", {}, ())


@pytest.fixture
def client(aws: None) -> Any:  # noqa: ARG001 - credentials
    return boto3.client("events", "eu-north-1")


def bus(client: Any) -> EventBus:
    return EventBus(client, "lab-events", "braket-notifier", lambda: POLICY)


def taken(client: Any) -> list[Any]:
    """Accept every call, and return those that put something."""
    put: list[Any] = []

    def put_events(**call: Any) -> Any:
        put.append(call)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}

    client.describe_event_bus, client.put_events = (lambda **_: BUS), put_events
    return put


def answered(client: Any, **entry: str) -> Stubber:
    stubbed = Stubber(client)
    stubbed.add_response("describe_event_bus", BUS, BUS)
    stubbed.add_response("put_events", {"FailedEntryCount": int("ErrorCode" in entry), "Entries": [entry]}, PUT)
    return stubbed


def test_an_event_is_the_topic_s_json_with_the_installation_s_name(client: Any, a_notification: ANotification) -> None:
    put = taken(client)
    notification = a_notification("FAILED")

    bus(client).send(notification, may_repeat=True)

    [[event]] = [each["Entries"] for each in put]
    assert json.loads(event.pop("Detail")) == json.loads(to_json(notification, lambda: POLICY, may_repeat=True))
    assert event == {
        "EventBusName": "lab-events",
        "Source": "braket-notifier",
        "DetailType": "Braket Task Status",
        "Resources": [notification.transition.arn.text],
    }


def test_a_job_has_a_detail_type_of_its_own(
    client: Any, a_job: Callable[..., Snapshot], a_transition: Callable[..., Transition]
) -> None:
    put = taken(client)

    bus(client).send(Notification(a_transition(a_job("COMPLETED")), "events"), may_repeat=False)

    assert put[0]["Entries"][0]["DetailType"] == "Braket Job Status"


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        ("ThrottlingException", TryLaterError),
        ("InternalFailure", UnacknowledgedError),
        ("InternalException", UnacknowledgedError),
        ("NotAuthorizedForSourceException", MendableError),
        ("AccessDeniedException", MendableError),
        ("MalformedDetail", RefusedError),
        ("InvalidArgument", RefusedError),
        ("ACodeOfTomorrow", MendableError),
    ],
)
def test_an_entry_that_fails_in_a_call_that_succeeds_is_classified(
    client: Any, a_notification: ANotification, code: str, raised: type[Exception]
) -> None:
    with answered(client, ErrorCode=code, ErrorMessage="no"), pytest.raises(raised, match=code):
        bus(client).send(a_notification(), may_repeat=False)


def test_an_answer_about_no_entry_leaves_a_doubt(client: Any, a_notification: ANotification) -> None:
    stubbed = Stubber(client)
    stubbed.add_response("describe_event_bus", BUS, BUS)
    stubbed.add_response("put_events", {"FailedEntryCount": 0, "Entries": []}, PUT)

    with stubbed, pytest.raises(UnacknowledgedError):
        bus(client).send(a_notification(), may_repeat=False)


@pytest.mark.parametrize(
    ("status", "code", "raised"),
    [
        (400, "ThrottlingException", TryLaterError),
        (429, "TooManyRequests", TryLaterError),
        (500, "InternalException", UnacknowledgedError),
        (503, "ServiceUnavailable", UnacknowledgedError),
        (400, "AccessDeniedException", MendableError),
        (400, "ResourceNotFoundException", MendableError),
        (400, "ValidationException", RefusedError),  # the entry is too large
    ],
)
def test_a_call_that_fails_is_classified(
    client: Any, a_notification: ANotification, status: int, code: str, raised: type[Exception]
) -> None:
    stubbed = Stubber(client)
    stubbed.add_response("describe_event_bus", BUS, BUS)
    stubbed.add_client_error("put_events", code, http_status_code=status)

    with stubbed, pytest.raises(raised, match=code):
        bus(client).send(a_notification(), may_repeat=False)


def test_a_bus_that_is_gone_gets_no_event(client: Any, a_notification: ANotification) -> None:
    stubbed = Stubber(client)
    stubbed.add_client_error("describe_event_bus", "ResourceNotFoundException", http_status_code=400)

    with stubbed, pytest.raises(MendableError, match="ResourceNotFoundException"):
        bus(client).send(a_notification(), may_repeat=False)


def test_a_bus_is_looked_at_once_for_many_events(client: Any, a_notification: ANotification) -> None:
    stubbed = answered(client, EventId="1")
    stubbed.add_response("put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "2"}]}, PUT)
    channel = bus(client)

    with stubbed:
        channel.send(a_notification(), may_repeat=False)
        channel.send(a_notification(), may_repeat=False)

    stubbed.assert_no_pending_responses()


def test_a_probe_without_its_right_leaves_it_to_the_event(client: Any, a_notification: ANotification) -> None:
    stubbed = Stubber(client)
    stubbed.add_client_error("describe_event_bus", "AccessDeniedException", http_status_code=400)
    stubbed.add_response("put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}, PUT)
    channel = bus(client)

    with stubbed:
        channel.send(a_notification(), may_repeat=False)

    assert isinstance(channel, Probed)
    stubbed.assert_no_pending_responses()
