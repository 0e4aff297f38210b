"""A page for an administrator: the resources and rights of a deployment, read from its templates."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from braket_notifier.cli.cdk_json import BOUNDARY, permissions_boundary, qualifier
from braket_notifier.cli.slack import SCOPES
from braket_notifier.settings.notifier_toml import Settings, SlackBotSettings

Template = Mapping[str, Any]
_WHY = {
    "chat:write": "post and update its own messages in channels that it was invited to",
    "channels:read": "list the public channels that it is in, for `braket-notifier doctor`",
    "groups:read": "list the private channels that it is in, for `braket-notifier doctor`",
}


def page(settings: Settings, templates: Mapping[str, Template]) -> str:
    """The page in Markdown; `templates` are the synthesised templates by the name of their stack."""
    return "\n".join(_lines(settings, templates))


def _lines(settings: Settings, templates: Mapping[str, Template]) -> Iterator[str]:
    yield f"# {settings.name}: resources and rights of the deployment"
    yield ""
    yield "The Braket status notifier posts to Slack and sends e-mail when quantum tasks and hybrid jobs on Amazon"
    yield "Braket end. It only reads Braket. It has no server, no VPC, no public endpoint and no IAM user."
    yield ""
    yield f"Home region: {settings.home}. Watched regions: {', '.join(settings.regions)}."
    for name, template in templates.items():
        yield from _stack(name, template)
    yield from _deployer(settings)
    yield from _slack(settings)


def _stack(name: str, template: Template) -> Iterator[str]:
    kinds = Counter(each["Type"] for each in template["Resources"].values() if each["Type"] != "AWS::CDK::Metadata")
    yield from ("", f"## Stack `{name}`", "", "| resources | type |", "|---|---|")
    yield from (f"| {count} | {kind} |" for kind, count in sorted(kinds.items()))
    rights = list(_rights(template))
    if rights:
        yield from ("", "Rights of its roles; each role belongs to one function, rule or schedule.", "")
        yield from ("| role | may | on |", "|---|---|---|")
        yield from rights


def _rights(template: Template) -> Iterator[str]:
    for each in template["Resources"].values():
        if each["Type"] != "AWS::IAM::Policy":
            continue
        roles = ", ".join(_shown(role) for role in each["Properties"]["Roles"])
        for statement in each["Properties"]["PolicyDocument"]["Statement"]:
            actions, resources = _many(statement["Action"]), _many(statement["Resource"])
            yield f"| {roles} | {', '.join(actions)} | {', '.join(sorted({_shown(at) for at in resources}))} |"


def _deployer(settings: Settings) -> Iterator[str]:
    yield from ("", "## Rights for deploying", "")
    yield "Somebody who may create IAM roles runs `npx cdk bootstrap aws://ACCOUNT/REGION` once in each region:"
    yield f"{', '.join(settings.regions)} (other regions than the home region may be left out). A deployment then needs"
    yield f"only `sts:AssumeRole` on `arn:aws:iam::ACCOUNT:role/cdk-{qualifier()}-*`, and `ssm:PutParameter` for:"
    references = [_reference(channel) for channel in settings.channels.values()]
    yield ", ".join(f"`{each.removeprefix('ssm:')}`" for each in references if each) or "none."
    boundary = permissions_boundary()
    yield ""
    yield f"Permissions boundary of its roles: {f'`{boundary}`' if boundary else 'none'} (`{BOUNDARY}` in cdk.json)."


def _slack(settings: Settings) -> Iterator[str]:
    if not any(isinstance(channel, SlackBotSettings) for channel in settings.channels.values()):
        return
    yield from ("", "## The Slack app", "", "| scope | purpose |", "|---|---|")
    yield from (f"| {scope} | {_WHY[scope]} |" for scope in SCOPES)
    yield from ("", "It reads no messages, has no event subscription and no public URL.")


def _reference(channel: object) -> str:
    return getattr(channel, "token", "") or getattr(channel, "webhook", "")


def _many(value: object) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]


def _shown(value: object) -> str:
    """An intrinsic function in plain text: a logical name, or a joined text with logical names."""
    match value:
        case {"Ref": name}:
            return str(name).removeprefix("AWS::")
        case {"Fn::GetAtt": [name, *_]}:
            return str(name)
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(map(_shown, parts))
        case _:
            return str(value)
