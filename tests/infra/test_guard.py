"""The template has no hole, and the guard sees each kind of hole once it is there."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from security.guard import holes
from security.variants import VARIANTS
from security.words import name
from tests.infra.template import Template

Break = Callable[[dict[str, Any]], None]
KEYED = {"KmsMasterKeyId": {"Fn::GetAtt": ["Key", "Arn"]}}
OPEN = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
AWS_KEY = {"KmsMasterKeyId": "arn:aws:kms:us-east-1:012345678901:alias/aws/sns"}


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_template_has_a_hole(of_variant: Callable[[str], Template], variant: str) -> None:
    template = of_variant(variant)

    assert holes(template.content) == []
    assert holes(template.beside("braket-notifier-eu-north-1").content) == []


def of(resources: dict[str, Any], wanted: str) -> dict[str, Any]:
    """The properties of the one resource of this readable name."""
    [found] = [each for id_, each in resources.items() if name(id_) == wanted]
    return dict.setdefault(found, "Properties", {})


def statements(resources: dict[str, Any], policy: str) -> list[dict[str, Any]]:
    return list(of(resources, policy)["PolicyDocument"]["Statement"])


def without_conditions(resources: dict[str, Any]) -> None:
    for each in statements(resources, "UndeliveredPolicy"):
        if each["Effect"] == "Allow":
            del each["Condition"]


def without(policy: str, effect: str) -> Break:
    def breaks(resources: dict[str, Any]) -> None:
        document = of(resources, policy)["PolicyDocument"]
        document["Statement"] = [each for each in document["Statement"] if each["Effect"] != effect]

    return breaks


def changed(resource: str, **properties: Any) -> Break:
    return lambda resources: of(resources, resource).update(properties)


def dropped(resource: str, *path: str) -> Break:
    def breaks(resources: dict[str, Any]) -> None:
        at: Any = of(resources, resource)
        for step in path[:-1]:
            at = at[step]
        del (at[0] if isinstance(at, list) else at)[path[-1]]

    return breaks


def added(id_: str, kind: str, **properties: Any) -> Break:
    return lambda resources: resources.update({id_: {"Type": f"AWS::{kind}", "Properties": properties}})


def granted(policy: str, *actions: str) -> Break:
    grant = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
    return lambda resources: of(resources, policy)["PolicyDocument"]["Statement"].append(grant)


ALARM = added("Late", "CloudWatch::Alarm", AlarmActions=[{"Ref": "DelivermailTopicCFA5FA6B"}])

HOLES: dict[str, tuple[Break, str]] = {
    # what a rule cannot hand over would be dropped
    "a rule without a net": (dropped("ObserveChanges", "Targets", "DeadLetterConfig"), "is dropped"),
    "a schedule without a net": (dropped("SweepSchedule", "Target", "DeadLetterConfig"), "is dropped"),
    "a queue without an end": (dropped("ObserveQueue", "RedrivePolicy"), "poison comes again"),
    # who may not put loses it silently
    "a queue closed to its rule": (without("ObserveQueuePolicy", "Allow"), "events.amazonaws.com may not"),
    "a net closed to rules and topics": (without("UndeliveredPolicy", "Allow"), "sns.amazonaws.com may not"),
    "a topic closed to its alarm": (ALARM, "cloudwatch.amazonaws.com may not"),
    # the same by a key, which no scanner reports
    "a keyed queue closed to its rule": (changed("ObserveQueue", **KEYED), "closed to events.amazonaws.com"),
    "a keyed net closed to the topic": (changed("Undelivered", **KEYED), "closed to sns.amazonaws.com"),
    "a sender without the key": (changed("DelivermailQueue", **KEYED), "ObserveRole: uses"),
    "a receiver without the key": (changed("DelivermailQueue", **KEYED), "DelivermailRole: uses"),
    "the scheduler without the key": (changed("Undelivered", **KEYED), "SweepScheduleRole: uses"),
    "a publisher without the key": (changed("DelivermailTopic", **KEYED), "DelivermailRole: uses DelivermailTopic"),
    "a key of AWS": (changed("DelivermailTopic", **AWS_KEY), "refuses EventBridge and CloudWatch"),
    "a key for ever": (added("Key", "KMS::Key", KeyPolicy={"Statement": []}), "never rotated"),
    # doors
    "a service of any account": (without_conditions, "on behalf of any account"),
    "a queue for everybody": (lambda it: statements(it, "UndeliveredPolicy")[1].update(OPEN), "everybody may"),
    "a function for everybody": (
        added("Door", "Lambda::Permission", FunctionName="F", Principal="*", Action="lambda:InvokeFunction"),
        "everybody may lambda:InvokeFunction",
    ),
    "a public endpoint": (added("Url", "Lambda::Url"), "public endpoint"),
    "a queue without TLS": (without("ObserveQueuePolicy", "Deny"), "ObserveQueue.Arn: takes what comes without TLS"),
    "a topic without TLS": (without("DelivermailTopicPolicy", "Deny"), "DelivermailTopic: takes what comes"),
    "a queue in the clear": (dropped("ObserveQueue", "SqsManagedSseEnabled"), "is not encrypted"),
    # grants
    "an action with a wildcard": (granted("SweepRoleDefaultPolicy", "dynamodb:*"), "name the actions"),
    "an action on everything": (granted("SweepRoleDefaultPolicy", "sqs:SendMessage"), "on everything"),
    "a second policy": (changed("SweepRole", ManagedPolicyArns=["arn:x"]), "has a policy beside its own"),
}


@pytest.mark.parametrize(("breaks", "seen"), HOLES.values(), ids=HOLES)
def test_a_hole_is_seen(template: Template, breaks: Break, seen: str) -> None:
    content = copy.deepcopy(template.content)
    content["Resources"].pop("CDKMetadata", None)

    breaks(content["Resources"])

    assert any(seen in hole for hole in holes(content)), holes(content)
