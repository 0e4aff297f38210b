"""Breaks of a template, each of which a check must detect."""

from collections.abc import Callable
from typing import Any

from security.template import name

Break = Callable[[dict[str, Any]], None]


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


def conditioned(operator: str, account: Any) -> Break:
    """The conditions of a dead-letter queue for its senders."""

    def breaks(resources: dict[str, Any]) -> None:
        for each in statements(resources, "UndeliveredPolicy"):
            if each["Effect"] == "Allow":
                each["Condition"] = {operator: {"aws:SourceAccount": account}}

    return breaks


def opened(principal: Any, **members: Any) -> Break:
    """Add a statement in IAM's words. A member replaces the member that it denies."""
    named = {"Principal": principal, "Action": "sqs:SendMessage", "Resource": "arn:x"}
    door = {"Effect": "Allow", **{key: each for key, each in named.items() if f"Not{key}" not in members}, **members}
    return lambda resources: of(resources, "UndeliveredPolicy")["PolicyDocument"]["Statement"].append(door)


def refusing(policy: str, **members: Any) -> Break:
    def breaks(resources: dict[str, Any]) -> None:
        next(each for each in statements(resources, policy) if each["Effect"] == "Deny").update(members)

    return breaks


def subscribed(topic: str, queue: str) -> Break:
    def breaks(resources: dict[str, Any]) -> None:
        [topic_id], [queue_id] = ([id_ for id_ in resources if name(id_) == wanted] for wanted in (topic, queue))
        endpoint = {"Fn::GetAtt": [queue_id, "Arn"]}
        added("Ear", "SNS::Subscription", Protocol="sqs", TopicArn={"Ref": topic_id}, Endpoint=endpoint)(resources)

    return breaks


def both(*all_: Break) -> Break:
    def breaks(resources: dict[str, Any]) -> None:
        for each in all_:
            each(resources)

    return breaks


def added(id_: str, kind: str, **properties: Any) -> Break:
    return lambda resources: resources.update({id_: {"Type": f"AWS::{kind}", "Properties": properties}})


def granted(policy: str, *actions: str) -> Break:
    grant = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
    return lambda resources: of(resources, policy)["PolicyDocument"]["Statement"].append(grant)
