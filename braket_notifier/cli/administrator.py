"""The page to hand to an administrator: what a deployment creates, with which rights, read from its own templates."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from braket_notifier.cli.slack import SCOPES
from braket_notifier.settings.notifier_toml import Settings, SlackBotSettings

Template = Mapping[str, Any]
_WHY = {
    "chat:write": "post and update its own messages, where it was invited",
    "channels:read": "name the public channels that it is in (`braket-notifier doctor`)",
    "groups:read": "name the private channels that it is in",
}


def page(settings: Settings, templates: Mapping[str, Template]) -> str:
    """Markdown; `templates` are the synthesised ones by the name of their stack."""
    return "\n".join(_lines(settings, templates))


def _lines(settings: Settings, templates: Mapping[str, Template]) -> Iterator[str]:
    yield f"# {settings.name}: what is to be created, and with which rights"
    yield ""
    yield "The Braket status notifier tells people in Slack and by e-mail when quantum tasks and hybrid jobs on Amazon"
    yield "Braket end. It reads Braket, and changes nothing there. No server, no VPC, no public endpoint, no user."
    yield ""
    yield f"Home region: {settings.home}. Watched: {', '.join(settings.regions)}."
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
        yield from ("", "What its roles may do; a role belongs to one function, rule or schedule.", "")
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
    yield from ("", "## Who deploys", "")
    yield "Once in each region, by somebody who may create IAM roles: `npx cdk bootstrap aws://ACCOUNT/REGION`, for"
    yield f"{', '.join(settings.regions)} (any of them may be left out). After that whoever deploys needs only"
    yield "`sts:AssumeRole` on `arn:aws:iam::ACCOUNT:role/cdk-hnb659fds-*`, and `ssm:PutParameter` for the secrets:"
    references = [_reference(channel) for channel in settings.channels.values()]
    yield ", ".join(f"`{each.removeprefix('ssm:')}`" for each in references if each) or "none."


def _slack(settings: Settings) -> Iterator[str]:
    if not any(isinstance(channel, SlackBotSettings) for channel in settings.channels.values()):
        return
    yield from ("", "## The Slack app", "", "| scope | what for |", "|---|---|")
    yield from (f"| {scope} | {_WHY[scope]} |" for scope in SCOPES)
    yield from ("", "It reads no messages, has no event subscription and no public URL.")


def _reference(channel: object) -> str:
    return getattr(channel, "token", "") or getattr(channel, "webhook", "")


def _many(value: object) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]


def _shown(value: object) -> str:
    """An intrinsic function in a reader's words: the logical name, or the text with its holes."""
    match value:
        case {"Ref": name}:
            return str(name).removeprefix("AWS::")
        case {"Fn::GetAtt": [name, *_]}:
            return str(name)
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(map(_shown, parts))
        case _:
            return str(value)
