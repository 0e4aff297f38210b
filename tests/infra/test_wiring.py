"""Queues, tables, rules, schedule and topics lose no record, and are encrypted at rest and in transit."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from security.variants import VARIANTS
from tests.infra.template import Template

TWO_WEEKS_S = 14 * 86400


def test_every_queue_has_undelivered_as_dead_letter_queue(template: Template) -> None:
    redrive = {name: template.read(each.get("RedrivePolicy")) for name, each in template.of("SQS::Queue").items()}

    assert redrive == {
        "ObserveQueue": {"deadLetterTargetArn": "Undelivered.Arn", "maxReceiveCount": 300},
        "DeliverteamslackQueue": {"deadLetterTargetArn": "Undelivered.Arn", "maxReceiveCount": 1000},
        "DelivermailQueue": {"deadLetterTargetArn": "Undelivered.Arn", "maxReceiveCount": 1000},
        "Undelivered": None,
    }


def test_every_queue_is_encrypted_and_keeps_its_records_as_long_as_sqs_can(template: Template) -> None:
    for queue in template.of("SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"] is True
        assert queue["MessageRetentionPeriod"] == TWO_WEEKS_S


def test_queues_and_topics_refuse_requests_without_tls(template: Template) -> None:
    refusing = set()
    for kind, named in (("SQS::QueuePolicy", "Queues"), ("SNS::TopicPolicy", "Topics")):
        for policy in template.of(kind).values():
            deny = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
            assert [each["Condition"] for each in deny] == [{"Bool": {"aws:SecureTransport": "false"}}]
            assert deny[0]["Principal"] in ("*", {"AWS": "*"})
            refusing.update(template.read(policy[named]))

    assert refusing == {*template.of("SQS::Queue"), *template.of("SNS::Topic")}


def test_every_topic_names_the_sender_of_its_mails(of_variant: Callable[[str], Template]) -> None:
    """A mail program would otherwise show "AWS Notifications"."""
    topics = [each for variant in VARIANTS for each in of_variant(variant).of("SNS::Topic").values()]

    assert {each["DisplayName"] for each in topics} == {"Braket status notifier"}


def test_a_record_stays_hidden_for_six_of_the_functions_time_outs(template: Template) -> None:
    consumed = list(template.consumed())

    assert len(consumed) == 3
    for _, queue, hidden_s in consumed:
        assert queue["VisibilityTimeout"] >= hidden_s


def test_batches_may_fail_in_part_and_two_run_at_once(template: Template) -> None:
    mappings = template.of("Lambda::EventSourceMapping")

    for mapping in mappings.values():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert {template.read(each["FunctionName"]): each["BatchSize"] for each in mappings.values()} == {
        "ObserveFunction": 100,
        "DeliverteamslackFunction": 100,
        "DelivermailFunction": 100,
    }


def test_functions_that_read_records_and_rows_are_updated_before_those_that_write_them(template: Template) -> None:
    """Otherwise the last version's deliver meets records of the new version's observe in each deployment."""
    resources = template.content["Resources"]
    functions = {id_: each for id_, each in resources.items() if each["Type"] == "AWS::Lambda::Function"}
    producers = {id_ for id_ in functions if id_.startswith(("ObserveFunction", "SweepFunction"))}

    assert len(producers) == 2
    for producer in producers:
        assert functions.keys() - producers <= set(functions[producer]["DependsOn"])
    for id_ in functions:
        assert id_ not in needed(id_, resources)


def needed(id_: str, resources: dict[str, Any]) -> set[str]:
    """Every resource that CloudFormation updates before this one."""
    found, left = set[str](), [id_]
    while left:
        text = json.dumps(resources[left.pop()])
        named = {name for name in resources if f'"{name}"' in text}
        left += named - found
        found |= named
    return found


@pytest.mark.parametrize(("rule", "bus"), [("ObserveChanges", None), ("ObserveForwarded", "ObserveBus")])
def test_brakets_two_kinds_of_status_change_go_to_the_events_queue(
    template: Template, rule: str, bus: str | None
) -> None:
    """AWS services send to the default bus. Other regions forward to the installation's own bus."""
    described = template.read(template.of("Events::Rule")[rule])

    assert described["EventPattern"] == {
        "source": ["aws.braket"],
        "detail-type": ["Braket Task State Change", "Braket Job State Change"],
    }
    assert described.get("EventBusName") == bus
    [target] = described["Targets"]
    assert target == {"Id": "Target0", "Arn": "ObserveQueue.Arn", "DeadLetterConfig": {"Arn": "Undelivered.Arn"}}


def test_the_next_sweep_is_the_only_retry(template: Template) -> None:
    [schedule] = template.of("Scheduler::Schedule").values()
    [invocation] = template.of("Lambda::EventInvokeConfig").values()
    target = template.read(schedule["Target"])

    assert schedule["ScheduleExpression"] == "rate(5 minutes)"
    assert target["Arn"] == "SweepFunction.Arn"
    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 0
    assert target["DeadLetterConfig"] == {"Arn": "Undelivered.Arn"}
    assert template.read(invocation["FunctionName"]) == "SweepFunction"
    assert (invocation["MaximumRetryAttempts"], invocation["MaximumEventAgeInSeconds"]) == (0, 60)
    assert template.of("Lambda::Function")["SweepFunction"]["Timeout"] == 300  # ends before the next sweep begins


def test_tables_are_on_demand_recoverable_and_expire_rows(template: Template) -> None:
    tables = template.of("DynamoDB::Table")

    assert tables.keys() == {"StorageSnapshots", "StorageDeliveries"}
    for table in tables.values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


def test_tables_have_the_keys_and_sparse_indexes_of_the_design(template: Template) -> None:
    snapshots, deliveries = (template.of("DynamoDB::Table")[f"Storage{each}"] for each in ("Snapshots", "Deliveries"))

    assert _keys(snapshots) == {"arn": "HASH"}
    assert _keys(deliveries) == {"partition": "HASH", "sort": "RANGE"}
    [visits] = deliveries["GlobalSecondaryIndexes"]
    assert (visits["IndexName"], _keys(visits)) == ("visit_in", {"visit_in": "HASH", "visit_at": "RANGE"})
    assert visits["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    indexes = {each["IndexName"]: each for each in snapshots["GlobalSecondaryIndexes"]}
    assert {name: _keys(index) for name, index in indexes.items()} == {
        "work": {"work": "HASH"},
        "parent": {"parent": "HASH"},
        "open_in": {"open_in": "HASH"},
        "ended_in": {"ended_in": "HASH", "ended_on": "RANGE"},
    }
    assert {name: set(index["Projection"].get("NonKeyAttributes", ())) for name, index in indexes.items()} == {
        "work": {
            "status",
            "rank",
            "version",
            "dispatched",
            "changed_at",
            "created_at",
            "misses",
            "missed_at",
            "device",
        },
        "parent": {"status", "incomplete"},
        "open_in": set(),
        "ended_in": {"status"},
    }


def test_mailboxes_subscribe_to_the_topic_of_their_channel_and_refused_mail_is_kept(template: Template) -> None:
    mail = [each for each in template.of("SNS::Subscription").values() if "Deliver" in template.read(each["TopicArn"])]
    [subscription] = mail

    assert template.read(subscription) == {
        "TopicArn": "DelivermailTopic",
        "Protocol": "email",
        "Endpoint": "your-group@example.org",
        "RedrivePolicy": {"deadLetterTargetArn": "Undelivered.Arn"},
    }


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("SQS::Queue", "QueueName"),
        ("SNS::Topic", "TopicName"),
        ("Lambda::Function", "FunctionName"),
        ("Lambda::LayerVersion", "LayerName"),
        ("Events::Rule", "Name"),
        ("Scheduler::Schedule", "Name"),
    ],
)
def test_every_name_starts_with_the_installations_so_that_two_fit_one_account(
    template: Template, kind: str, name: str
) -> None:
    names = [each[name] for each in template.of(kind).values()]

    assert names
    assert all(re.match(r"braket-notifier-\w", each) for each in names), names


def _keys(described: dict[str, Any]) -> dict[str, str]:
    return {each["AttributeName"]: each["KeyType"] for each in described["KeySchema"]}
