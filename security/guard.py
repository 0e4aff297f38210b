"""Checks of the template that scanners lack: producers without access, and statements that allow too much.

A queue or topic with a key of its own silently refuses every service that the key's policy does not name; a policy
that names a service without an account admits every account. Neither shows in a deployment.
"""

import json
from collections.abc import Iterator

from security.reach import encrypted, refused_producers
from security.statements import ATTACHED, OWN, Statement, statements
from security.template import Template, listed, name, of

#: The only actions for which AWS defines no resource.
WITHOUT_RESOURCE = {
    "braket:SearchJobs",
    "braket:SearchQuantumTasks",
    "braket:SearchSpendingLimits",
    "cloudtrail:LookupEvents",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
#: Conditions that name the account; an operator that denies, or forgives a missing key, restricts nobody.
BINDING = ("ArnEquals", "ArnLike", "StringEquals", "StringLike")
SOURCES = ("aws:SourceAccount", "aws:SourceArn")
ACCOUNT = "{AWS::AccountId}"
PUBLIC = ("Lambda::Url", "ApiGateway::RestApi", "ApiGatewayV2::Api", "ElasticLoadBalancingV2::LoadBalancer")


def failed_checks(template: Template) -> list[str]:
    """Each failed check as a sentence."""
    return [
        *_unnetted_targets(template),
        *refused_producers(template),
        *_open_to_services(template),
        *_open_to_others(template),
        *_unseen_policies(template),
        *_without_tls(template),
        *_unencrypted(template),
        *_wide_grants(template),
        *_hidden_grants(template),
    ]


def _targets(template: Template) -> Iterator[tuple[str, str, str]]:
    """Each target of a rule or the scheduler: its owner's name, its ARN, its dead-letter queue's ARN or ''."""
    for rule, each in of(template, "Events::Rule").items():
        for target in each["Targets"]:
            yield rule, target["Arn"], target.get("DeadLetterConfig", {}).get("Arn", "")
    for schedule, each in of(template, "Scheduler::Schedule").items():
        yield schedule, each["Target"]["Arn"], each["Target"].get("DeadLetterConfig", {}).get("Arn", "")


def _unnetted_targets(template: Template) -> Iterator[str]:
    for owner, target, net in _targets(template):
        if not net:
            yield f"{owner} → {target}: an undeliverable event is dropped; give the target a dead-letter queue"
    for function, queue in _mapped(template):
        if not of(template, "SQS::Queue")[queue].get("RedrivePolicy"):
            yield f"{queue} → {function}: a failing record comes again for two weeks; give the queue a redrive policy"


def _open_to_services(template: Template) -> Iterator[str]:
    """A service acts for every account; Lambda alone hands a role only to its account's own functions."""
    ours = {name(id_) for id_ in template["Resources"]}
    for each in statements(template):
        services = [who for who in each.principals if _is_service(who) and who != "lambda.amazonaws.com"]
        if each.effect == "Allow" and services and not _binds(each, ours):
            yield f"{each.of}: {', '.join(services)} may {', '.join(each.actions)} on behalf of any account"


def _is_service(who: str) -> bool:
    return who.endswith(".amazonaws.com")


def _binds(statement: Statement, ours: set[str]) -> bool:
    """Whether one of its conditions restricts the statement to resources of this account."""
    condition = json.loads(statement.condition or "{}")
    asked = [values for each in BINDING for key, values in condition.get(each, {}).items() if key in SOURCES]
    return any(all(ACCOUNT in one or one.split(".")[0] in ours for one in listed(values)) for values in asked)


def _open_to_others(template: Template) -> Iterator[str]:
    for each in statements(template):
        others = [who for who in each.principals if who != "*" and not _is_service(who) and ACCOUNT not in who]
        if each.effect == "Allow" and "*" in each.principals:
            yield f"{each.of}: everybody may {', '.join(each.actions)}"
        elif each.effect == "Allow" and others:
            yield f"{each.of}: {', '.join(others)}, of another account, may {', '.join(each.actions)}"
    for kind in PUBLIC:
        yield from (f"{each}: is a public endpoint" for each in of(template, kind))


def _unseen_policies(template: Template) -> Iterator[str]:
    """Report kinds of policies and negated members that the other checks do not read."""
    seen = {(kind, document) for kind, document, *_ in (*ATTACHED, *OWN)}
    for id_, resource in template["Resources"].items():
        kind, said = resource["Type"].removeprefix("AWS::"), resource.get("Properties", {})
        hidden = [key for key, each in said.items() if (kind, key) not in seen and '"Statement":' in json.dumps(each)]
        if hidden or (kind != "Lambda::Permission" and said.keys() & {"Principal", "Statement"}):
            yield f"{name(id_)}: has a policy that no check reads"
        if any(f'"Not{word}":' in json.dumps(said) for word in ("Principal", "Action", "Resource")):
            yield f"{name(id_)}: excludes names instead of listing them; list them"


def _without_tls(template: Template) -> Iterator[str]:
    refusing = {
        resource
        for each in statements(template)
        if each.effect == "Deny" and '"aws:SecureTransport": "false"' in each.condition and "*" in each.principals
        for resource in each.resources
        if all(each.covers(action, resource) for action in _traffic(resource))
    }
    for arn in {*(f"{queue}.Arn" for queue in of(template, "SQS::Queue")), *of(template, "SNS::Topic")} - refusing:
        yield f"{arn}: accepts requests without TLS"


def _traffic(resource: str) -> tuple[str, ...]:
    return ("sqs:SendMessage", "sqs:ReceiveMessage") if resource.endswith(".Arn") else ("sns:Publish",)


def _unencrypted(template: Template) -> Iterator[str]:
    """Refuse an AWS-managed key too, because its policy admits neither EventBridge nor CloudWatch."""
    for queue, each in of(template, "SQS::Queue").items():
        if not each.get("SqsManagedSseEnabled") and "KmsMasterKeyId" not in each:
            yield f"{queue}: is not encrypted"
    for arn, key in encrypted(template):
        if "alias/aws/" in key:
            yield f"{arn}: has an AWS-managed key, which silently refuses EventBridge and CloudWatch"
    for key, each in of(template, "KMS::Key").items():
        if not each.get("EnableKeyRotation"):
            yield f"{key}: is never rotated"


def _wide_grants(template: Template) -> Iterator[str]:
    for each in statements(template):
        if each.effect == "Allow" and not each.principals:
            wild = [action for action in each.actions if "*" in action]
            yield from (f"{each.of}: may {action}; name the actions" for action in wild)
            if "*" in each.resources and not set(each.actions) <= WITHOUT_RESOURCE:
                yield f"{each.of}: may {', '.join(each.actions)} on everything"


def _hidden_grants(template: Template) -> Iterator[str]:
    for role, each in of(template, "IAM::Role").items():
        if each.keys() & {"ManagedPolicyArns", "Policies"}:
            yield f"{role}: has a policy beside its own"


def _mapped(template: Template) -> Iterator[tuple[str, str]]:
    for each in of(template, "Lambda::EventSourceMapping").values():
        yield each["FunctionName"], each["EventSourceArn"].removesuffix(".Arn")
