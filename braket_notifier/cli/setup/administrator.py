"""A page for an administrator: the resources and rights of a deployment, read from its templates."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from braket_notifier.cli.cdk_json import BOUNDARY, own_qualifier, permissions_boundary, qualifier
from braket_notifier.cli.setup.further_regions import rows
from braket_notifier.cli.setup.rights import PURPOSES, Template, rights
from braket_notifier.cli.slack import scopes_of
from braket_notifier.settings.bootstrap import EVERY_REGION, bootstrap_of
from braket_notifier.settings.channels import Handler, SlackBotSettings, references_of
from braket_notifier.settings.notifier_toml import Settings

_SCOPES = {
    "chat:write": "post and update its own messages in channels that it was invited to",
    "channels:read": "list the public channels that it is in, for `braket-notifier doctor`",
    "users:read": "look up whether a person is deactivated, for `braket-notifier doctor`",
    "groups:read": "list the private channels that it is in, for `braket-notifier doctor`",
}
_HANDLERS = "as `notifier.toml` grants it to your own handler"


def page(settings: Settings, templates: Mapping[str, Template]) -> str:
    """The page in Markdown; `templates` are the synthesised templates by the name of their stack."""
    further = [name for name in templates if name != settings.name]
    home, forwarding = templates.get(settings.name), templates[further[0]] if further else None
    parts = _summary(settings), _stacks(settings, home, forwarding), _deployer(settings), _slack(settings)
    return "\n".join(line for part in parts for line in part)


def _summary(settings: Settings) -> Iterator[str]:
    """Sentences that hold for every settings file; tests/infra and security/guard.py hold them."""
    yield f"# `{settings.name}`: resources and rights of the Braket status notifier"
    yield ""
    yield "The notifier posts to Slack and sends e-mail when quantum tasks and hybrid jobs on Amazon Braket end."
    yield "`braket-notifier init` wrote this page from the templates that will be deployed."
    yield ""
    yield f"- **Regions.** Home region: {settings.home}. Watched regions: {', '.join(settings.regions)}."
    own = [name for name, channel in settings.channels.items() if isinstance(channel, Handler)]
    but = f" The handlers of your own ({', '.join(own)}) have the rights below." if own else ""
    yield f"- **Braket.** Its functions only read Braket: they cannot submit, cancel or delete anything there.{but}"
    yield "- **Network.** It has no server, no VPC, no public endpoint, no IAM user and no access key."
    yield "- **Roles.** Each function, rule and schedule has a role of its own, with exactly the rights below."
    yield "- **Content.** Messages contain names, owners, tags, statuses, devices, shots, times, failure reasons,"
    results = "the five most frequent measured results of a task" if settings.result_buckets else "no measured results"
    yield f"  S3 paths and ARNs, and {results}, never hyperparameters or device parameters."
    yield "- **Secrets** are in SSM Parameter Store, and never in a template, an environment variable or a log."


def _stacks(settings: Settings, home: Template | None, forwarding: Template | None) -> Iterator[str]:
    if home is None:
        return
    others = [region for region in settings.regions if region != settings.home]
    columns = [home, *([forwarding] if forwarding else [])]
    kinds = [Counter(each["Type"] for each in one["Resources"].values()) for one in columns]
    titles = [f"stack `{settings.name}` in {settings.home}", f"stack `{settings.name}-REGION` in each further region"]
    yield from ("", "## Resources", "", f"| type | {' | '.join(titles[: len(columns)])} |")
    yield f"|---|{'---|' * len(columns)}"
    for kind in sorted(set().union(*kinds) - {"AWS::CDK::Metadata"}):
        yield f"| {kind} | {' | '.join(str(each[kind] or '-') for each in kinds)} |"
    yield from ("", "## Rights of its roles", "")
    yield f"The functions are named `{settings.name}-observe` and so on. `observe` receives Braket's events, `sweep`"
    yield "asks Braket every few minutes, and `deliver-CHANNEL` sends to its channel. A row is one action of one role;"
    yield "`*` stands where AWS has no resource for an action (Braket's searches, X-Ray)."
    yield from _rights(rights(home, settings.channels))
    yield from ("", "These rows are denied, whatever another policy allows:")
    yield from _denied(rights(home, settings.channels, "Deny"))
    if forwarding:
        yield from ("", f"In each further region ({', '.join(others)}):")
        yield from _rights(rights(forwarding, settings.channels))


def _rights(found: Mapping[tuple[str, str], Iterable[str]]) -> Iterator[str]:
    yield from ("", "| role of | action | on | to |", "|---|---|---|---|")
    for (role, action), resources in found.items():
        yield f"| {role} | `{action}` | {'; '.join(resources)} | {PURPOSES.get(action, _HANDLERS)} |"


def _denied(found: Mapping[tuple[str, str], Iterable[str]]) -> Iterator[str]:
    """Roles that are denied the same action on the same rows stand in one line, because they have the same rule."""
    alike: dict[tuple[str, str], list[str]] = {}
    for (role, action), resources in found.items():
        alike.setdefault((action, "; ".join(resources)), []).append(role)
    yield from ("", "| action | on | denied to |", "|---|---|---|")
    yield from (f"| `{action}` | {on} | {', '.join(roles)} |" for (action, on), roles in alike.items())


def _deployer(settings: Settings) -> Iterator[str]:
    boundary, further = permissions_boundary(), [each for each in settings.regions if each != settings.home]
    everywhere = bootstrap_of(settings.bootstrap, own_qualifier()) == EVERY_REGION
    references = sorted({name for each in settings.channels.values() for name in references_of(each)})
    stored = ", ".join(f"`{each.removeprefix('ssm:')}`" for each in references) or "none"
    yield from ("", "## Rights of the people who set it up", "")
    where = f"in each watched region** ({', '.join(settings.regions)})" if everywhere else f"in {settings.home}**"
    yield f"1. **Once {where}, somebody who may create IAM roles runs"
    needed = " A region without it must be taken out of `regions` first." if everywhere else ""
    yield f"   `npx cdk bootstrap aws://ACCOUNT/REGION`.{needed}"
    yield f"2. **To deploy:** `sts:AssumeRole` on `arn:aws:iam::ACCOUNT:role/cdk-{qualifier()}-*`. CDK's roles create"
    yield f"   the {'stacks' if everywhere else 'stack'}. The checks before and after it, and every other command of"
    yield "   `braket-notifier`, use the rights of whoever runs them; docs/permissions.md of the repository lists them"
    yield "   by command."
    yield f"3. **To store secrets:** `ssm:PutParameter` on these parameters: {stored}."
    if further and not everywhere:
        yield f"4. **To deploy in further regions** ({', '.join(further)}), which need no bootstrap: the rights below."
        yield '   With `bootstrap = "every-region"` in the settings, a bootstrap in each replaces these rights.'
        yield from ("", *rows(settings.name))
    yield ""
    yield f"Permissions boundary of its roles: {f'`{boundary}`' if boundary else 'none'} (`{BOUNDARY}` in cdk.json)."


def _slack(settings: Settings) -> Iterator[str]:
    if not any(isinstance(channel, SlackBotSettings) for channel in settings.channels.values()):
        return
    yield from ("", "## The Slack app", "", "| scope | to |", "|---|---|")
    yield from (f"| {scope} | {_SCOPES[scope]} |" for scope in scopes_of(settings))
    yield from ("", "It reads no messages, has no event subscription and no public URL.")
