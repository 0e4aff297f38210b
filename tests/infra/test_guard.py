"""The template passes the security checks, and the checks detect each kind of break."""

import copy
from collections.abc import Callable

import pytest

from security.guard import failed_checks
from security.variants import VARIANTS
from tests.infra.breaking import (
    Break,
    added,
    both,
    changed,
    conditioned,
    dropped,
    granted,
    opened,
    refusing,
    statements,
    subscribed,
    without,
    without_conditions,
)
from tests.infra.template import Template

KEYED = {"KmsMasterKeyId": {"Fn::GetAtt": ["Key", "Arn"]}}
OURS = {"Ref": "AWS::AccountId"}
OPEN = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
AWS_KEY = {"KmsMasterKeyId": "arn:aws:kms:us-east-1:012345678901:alias/aws/sns"}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_passes_the_security_checks(of_variant: Callable[[str], Template], variant: str) -> None:
    template = of_variant(variant)

    assert failed_checks(template.content) == []
    assert failed_checks(template.beside("braket-notifier-eu-north-1").content) == []


ALARM = added("Late", "CloudWatch::Alarm", AlarmActions=[{"Ref": "DelivermailTopicCFA5FA6B"}])

HOLES: dict[str, tuple[Break, str]] = {
    # a rule would drop events that it cannot deliver
    "a rule without a net": (dropped("ObserveChanges", "Targets", "DeadLetterConfig"), "is dropped"),
    "a schedule without a net": (dropped("SweepSchedule", "Target", "DeadLetterConfig"), "is dropped"),
    "a queue without an end": (dropped("ObserveQueue", "RedrivePolicy"), "failing record comes again"),
    # a sender without the right loses records silently
    "a queue closed to its rule": (without("ObserveQueuePolicy", "Allow"), "events.amazonaws.com may not"),
    "a net closed to rules and topics": (without("UndeliveredPolicy", "Allow"), "sns.amazonaws.com may not"),
    "a topic closed to its alarm": (ALARM, "cloudwatch.amazonaws.com may not"),
    "a queue closed to a topic": (subscribed("DelivermailTopic", "ObserveQueue"), "sns.amazonaws.com may not"),
    # a sender without the right to the key, which no scanner reports
    "a keyed queue closed to its rule": (changed("ObserveQueue", **KEYED), "closed to events.amazonaws.com"),
    "a keyed net closed to the topic": (changed("Undelivered", **KEYED), "closed to sns.amazonaws.com"),
    "a sender without the key": (changed("DelivermailQueue", **KEYED), "ObserveRole: uses"),
    "a receiver without the key": (changed("DelivermailQueue", **KEYED), "DelivermailRole: uses"),
    "the scheduler without the key": (changed("Undelivered", **KEYED), "SweepScheduleRole: uses"),
    "a keyed topic closed to its alarm": (both(ALARM, changed("DelivermailTopic", **KEYED)), "closed to cloudwatch"),
    "a schedule that may not start": (without("SweepScheduleRoleDefaultPolicy", "Allow"), "may not lambda:InvokeFunc"),
    "a schedule that may not give up": (without("SweepScheduleRoleDefaultPolicy", "Allow"), "may not sqs:SendMessage"),
    "a publisher without the key": (changed("DelivermailTopic", **KEYED), "DelivermailRole: uses DelivermailTopic"),
    "a key of AWS": (changed("DelivermailTopic", **AWS_KEY), "refuses EventBridge and CloudWatch"),
    "a key for ever": (added("Key", "KMS::Key", KeyPolicy={"Statement": []}), "never rotated"),
    # policies of queues and topics
    "a service of any account": (without_conditions, "on behalf of any account"),
    "a service of another account": (conditioned("StringEquals", "999999999999"), "on behalf of any account"),
    "a service of any account's pattern": (conditioned("StringLike", "*"), "on behalf of any account"),
    "a service of all accounts but ours": (conditioned("StringNotEquals", OURS), "on behalf of any account"),
    "a service that need not say": (conditioned("StringEqualsIfExists", OURS), "on behalf of any account"),
    "another account": (opened({"AWS": "arn:aws:iam::999999999999:root"}), "another account, may"),
    "everybody but one": (opened({}, NotPrincipal={"AWS": "arn:aws:iam::999999999999:root"}), "excludes names"),
    "everything but one": (opened("*", NotAction="sqs:DeleteQueue"), "excludes names"),
    "everywhere but there": (opened("*", NotResource="arn:x"), "excludes names"),
    "a bus for everybody": (added("Door", "Events::EventBusPolicy", Statement=OPEN), "no check reads"),
    "a layer for everybody": (added("Door", "Lambda::LayerVersionPermission", Principal="*"), "no check reads"),
    "a table with a policy": (changed("StorageSnapshots", ResourcePolicy={"Statement": [OPEN]}), "no check reads"),
    "a policy to be attached": (
        added("Door", "IAM::ManagedPolicy", PolicyDocument={"Statement": []}),
        "no check reads",
    ),
    "a queue for everybody": (lambda it: statements(it, "UndeliveredPolicy")[1].update(OPEN), "everybody may"),
    "a function for everybody": (
        added("Door", "Lambda::Permission", FunctionName="F", Principal="*", Action="lambda:InvokeFunction"),
        "everybody may lambda:InvokeFunction",
    ),
    "a public endpoint": (added("Url", "Lambda::Url"), "public endpoint"),
    "a queue without TLS": (without("ObserveQueuePolicy", "Deny"), "ObserveQueue.Arn: accepts requests without TLS"),
    "a topic without TLS": (without("DelivermailTopicPolicy", "Deny"), "DelivermailTopic: accepts requests"),
    "a queue with TLS for some": (refusing("ObserveQueuePolicy", Principal={"AWS": "arn:x"}), "accepts requests"),
    "a queue with TLS for a part": (refusing("ObserveQueuePolicy", Action="sqs:DeleteQueue"), "accepts requests"),
    "a topic with TLS for a part": (refusing("DelivermailTopicPolicy", Action="sns:Subscribe"), "accepts requests"),
    "a queue in the clear": (dropped("ObserveQueue", "SqsManagedSseEnabled"), "is not encrypted"),
    # rights of roles
    "an action with a wildcard": (granted("SweepRoleDefaultPolicy", "dynamodb:*"), "name the actions"),
    "an action on everything": (granted("SweepRoleDefaultPolicy", "sqs:SendMessage"), "on everything"),
    "a second policy": (changed("SweepRole", ManagedPolicyArns=["arn:x"]), "has a policy beside its own"),
    "a policy within": (changed("SweepRole", Policies=[{"PolicyName": "x"}]), "has a policy beside its own"),
}


@pytest.mark.parametrize(("breaks", "seen"), HOLES.values(), ids=HOLES)
def test_the_checks_detect_each_break(template: Template, breaks: Break, seen: str) -> None:
    content = copy.deepcopy(template.content)
    content["Resources"].pop("CDKMetadata", None)

    breaks(content["Resources"])

    assert any(seen in hole for hole in failed_checks(content)), failed_checks(content)


def test_the_checks_detect_a_region_without_the_right_to_forward(template: Template) -> None:
    content = copy.deepcopy(template.beside("braket-notifier-eu-north-1").content)

    without("RoleDefaultPolicy", "Allow")(content["Resources"])

    [hole] = failed_checks(content)
    assert hole.startswith("Role: may not events:PutEvents on arn:")
