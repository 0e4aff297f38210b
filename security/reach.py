"""Whether every producer may put into its queue or topic: by the policy and by the key."""

from collections.abc import Iterator

from security.statements import Statement, statements
from security.template import Template, of

#: Actions on the key that a service needs to put something into an encrypted queue or topic.
KEY_ACTIONS = {"kms:Decrypt", "kms:GenerateDataKey"}


def refused_producers(template: Template) -> Iterator[str]:
    """Every producer that the queue's or topic's policy or key refuses."""
    policies = statements(template)
    keys = dict(encrypted(template))
    for service, action, where, source in _producers(template):
        if not any(_lets(each, service, action, where, source) for each in policies):
            yield f"{where}: {service} may not {action} for {source}"
        key = keys.get(where)
        if key and not any(_lets_use(each, service, key) for each in policies):
            yield f"{where}: its key {key} is closed to {service}, which puts there for {source}"
    yield from _keyless_roles(template, keys, policies)
    for role, action, where in _called(template):
        if not any(each.of == role and each.effect == "Allow" and each.covers(action, where) for each in policies):
            yield f"{role}: may not {action} on {where}"


def _producers(template: Template) -> Iterator[tuple[str, str, str, str]]:
    """Service, action, ARN of the queue or topic, and the source it acts for."""
    queues = {f"{queue}.Arn" for queue in of(template, "SQS::Queue")}
    for rule, each in of(template, "Events::Rule").items():
        for target in each["Targets"]:
            for arn in {target["Arn"], target.get("DeadLetterConfig", {}).get("Arn", "")} & queues:
                yield "events.amazonaws.com", "sqs:SendMessage", arn, f"{rule}.Arn"
    for each in of(template, "SNS::Subscription").values():
        if net := each.get("RedrivePolicy", {}).get("deadLetterTargetArn"):
            yield "sns.amazonaws.com", "sqs:SendMessage", net, each["TopicArn"]
        if each["Protocol"] == "sqs" and each["Endpoint"] in queues:
            yield "sns.amazonaws.com", "sqs:SendMessage", each["Endpoint"], each["TopicArn"]
    for alarm, each in of(template, "CloudWatch::Alarm").items():
        for topic in {*each.get("AlarmActions", []), *each.get("OKActions", [])}:
            yield "cloudwatch.amazonaws.com", "sns:Publish", topic, alarm


def _called(template: Template) -> Iterator[tuple[str, str, str]]:
    """Role, action and target of every rule and schedule that acts through a role."""
    functions = {f"{function}.Arn" for function in of(template, "Lambda::Function")}
    targets = [target for each in of(template, "Events::Rule").values() for target in each["Targets"]]
    schedules = [each["Target"] for each in of(template, "Scheduler::Schedule").values()]
    for target in [*targets, *schedules]:
        role = target.get("RoleArn", "").removesuffix(".Arn")
        if target["Arn"] in functions and role:
            yield role, "lambda:InvokeFunction", target["Arn"]
        if ":event-bus/" in target["Arn"]:
            yield role, "events:PutEvents", target["Arn"]
    for target in schedules:
        if net := target.get("DeadLetterConfig"):
            yield target["RoleArn"].removesuffix(".Arn"), "sqs:SendMessage", net["Arn"]


def _lets(statement: Statement, service: str, action: str, where: str, source: str) -> bool:
    said = statement.condition
    conditioned = source in said or "aws:SourceAccount" in said
    allowed = statement.effect == "Allow" and service in statement.principals
    return allowed and conditioned and statement.covers(action, where)


def _lets_use(statement: Statement, service: str, key: str) -> bool:
    allowed = statement.effect == "Allow" and service in statement.principals and f"{statement.of}.Arn" == key
    return allowed and set(statement.actions) >= KEY_ACTIONS


def encrypted(template: Template) -> Iterator[tuple[str, str]]:
    """The ARN of each queue and topic with a customer-managed key, and the key's ARN."""
    for queue, each in of(template, "SQS::Queue").items():
        if "KmsMasterKeyId" in each:
            yield f"{queue}.Arn", each["KmsMasterKeyId"]
    for topic, each in of(template, "SNS::Topic").items():
        if "KmsMasterKeyId" in each:
            yield topic, each["KmsMasterKeyId"]


def _keyless_roles(template: Template, keys: dict[str, str], policies: list[Statement]) -> Iterator[str]:
    """A role that sends to or receives from an encrypted queue or topic needs the key as well."""
    for role in of(template, "IAM::Role"):
        own = [each for each in policies if each.of == role and each.resources]
        for arn, key in keys.items():
            puts = any(each.covers("sqs:SendMessage", arn) or each.covers("sns:Publish", arn) for each in own)
            takes = any(each.covers("sqs:ReceiveMessage", arn) for each in own)
            needed = KEY_ACTIONS if puts else {"kms:Decrypt"} if takes else set()
            for action in sorted(needed):
                if not any(each.covers(action, key) for each in own):
                    yield f"{role}: uses {arn} without {action} on its key {key}"
