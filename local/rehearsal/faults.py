"""The faults by name."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.rehearsal.place import BRAKET, SLACK, Place
from local.story.story import MAIL

#: The statement that is added to the topic's policy.
DENIAL = {"Sid": "Rehearsal", "Effect": "Deny", "Principal": "*", "Action": "sns:Publish"}
Step = Callable[[Place], object]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, and the call that ends it; a fault without one happens once."""

    about: str
    begin: Step
    end: Step | None = None


def slack_answers(**how: object) -> Step:
    return lambda place: place.call("POST", SLACK, "/faults", {"calls": None, **how})


def slack_recovers(place: Place) -> None:
    place.call("DELETE", SLACK, "/faults")


def braket_throttles(operation: str) -> Step:
    fault = {"operation": operation, "code": "ThrottlingException"}
    return lambda place: place.call("POST", BRAKET, "/_faults", fault)


def braket_recovers(place: Place) -> None:
    place.call("DELETE", BRAKET, "/_faults")


def topic_denies(place: Place) -> None:
    _write_policy(place, [*_statements(place), {**DENIAL, "Resource": place.topic(MAIL)}])


def topic_allows(place: Place) -> None:
    _write_policy(place, [each for each in _statements(place) if each.get("Sid") != DENIAL["Sid"]])


def _statements(place: Place) -> list[dict[str, Any]]:
    attributes = place.client("sns").get_topic_attributes(TopicArn=place.topic(MAIL))["Attributes"]
    return list(json.loads(attributes["Policy"])["Statement"])


def _write_policy(place: Place, statements: list[dict[str, Any]]) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    place.client("sns").set_topic_attributes(TopicArn=place.topic(MAIL), AttributeName="Policy", AttributeValue=policy)


def garbage_arrives(queue: str) -> Step:
    return lambda place: place.client("sqs").send_message(QueueUrl=place.queue(queue), MessageBody="no record")


def reading(*, goes_on: bool) -> Step:
    def switch(place: Place) -> None:
        functions = place.client("lambda")
        found = functions.list_event_source_mappings(FunctionName=f"{place.name}-deliver-{MAIL}")
        functions.update_event_source_mapping(UUID=found["EventSourceMappings"][0]["UUID"], Enabled=goes_on)

    return switch


def mailbox_leaves(place: Place) -> None:
    """Unsubscribe the inbox too, which stands beside the address here."""
    sns = place.client("sns")
    for each in sns.list_subscriptions_by_topic(TopicArn=place.topic(MAIL))["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


FAULTS: Mapping[str, Fault] = {
    "slack-503": Fault("Slack answers 503", slack_answers(kind="status", status=503), slack_recovers),
    "token-revoked": Fault(
        "Slack refuses the bot's token", slack_answers(kind="error", error="token_revoked"), slack_recovers
    ),
    "topic-denies": Fault("the topic of mail refuses what is published", topic_denies, topic_allows),
    "search-throttled": Fault("Braket throttles searches", braket_throttles("SearchQuantumTasks"), braket_recovers),
    "get-throttled": Fault("Braket throttles GetQuantumTask", braket_throttles("GetQuantumTask"), braket_recovers),
    "unreadable-event": Fault("an event arrives that is no JSON", garbage_arrives("events")),
    "unreadable-record": Fault("a record for mail arrives that is no JSON", garbage_arrives(f"deliver-{MAIL}")),
    "reader-stopped": Fault("nobody reads the queue of mail", reading(goes_on=False), reading(goes_on=True)),
    "mailbox-left": Fault("the mailbox of mail unsubscribes", mailbox_leaves),
}
