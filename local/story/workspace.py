"""The Slack workspace, the services, the secrets and the topics that the channels of the settings need; pure."""

from base64 import b64encode
from collections.abc import Mapping

from braket_notifier.adapters.https.webhook import PREFIX
from braket_notifier.domain.policy import Policy
from braket_notifier.settings.channels import Channel, Handler, SlackBotSettings, SlackWebhookSettings, UrlSettings
from braket_notifier.settings.notifier_toml import Settings
from local.canary import CANARY
from local.inbox.services import Destination
from local.inbox.slack_calls import SERVICES
from local.inbox.slack_workspace import Channel as SlackChannel
from local.inbox.slack_workspace import Workspace

#: Value of a handler's own secret, because nobody but its author knows a better one.
MADE_UP = f"made-up-{CANARY}"
#: The key of every signed webhook.
KEY = f"{PREFIX}{b64encode(CANARY.encode()).decode()}"
_SERVICE = f"/{CANARY}/"
PARAMETER = "ssm:"
Channels = Mapping[str, Channel]


def workspace_of(channels: Channels, policy: Policy) -> Workspace:
    """The Slack channels that the settings name by their ids, one for each webhook, and the people by their ids."""
    by_bot = {name: each for name, each in channels.items() if isinstance(each, SlackBotSettings)}
    bots = {each.channel: name for name, each in by_bot.items() if not each.to_owner}
    hooks = {each.webhook: name for name, each in channels.items() if isinstance(each, SlackWebhookSettings)}
    ids = {reference: f"CWEBHOOK{number}" for number, reference in enumerate(hooks, 1)}
    known = [SlackChannel(its_id, name) for its_id, name in bots.items()]
    known += [SlackChannel(its_id, hooks[reference]) for reference, its_id in ids.items()]
    usual, direct = Workspace(), any(each.to_owner for each in by_bot.values())
    return Workspace(
        channels=tuple(known),
        webhooks={_path(reference): its_id for reference, its_id in ids.items()} or usual.webhooks,
        people={each.slack: each.name for each in policy.people if each.slack},
        direct=direct,
    )


def services_of(channels: Channels) -> dict[str, Destination]:
    """The channels of services beside Slack, by their URLs without https."""
    services = {name: each for name, each in channels.items() if isinstance(each, UrlSettings)}
    return {f"{each.host}{_SERVICE}{name}": Destination(each.type, name, KEY) for name, each in services.items()}


def secrets_of(channels: Channels, token: str, slack_url: str) -> dict[str, str]:
    """The value of each SSM parameter that the channels name."""
    found: dict[str, str] = {}
    for name, channel in channels.items():
        match channel:
            case SlackBotSettings():
                found[channel.token] = token
            case SlackWebhookSettings():
                found[channel.webhook] = f"{slack_url}{SERVICES}{_path(channel.webhook)}"
            case UrlSettings():
                found |= {
                    channel.url: f"https://{channel.host}{_SERVICE}{name}",
                    **({channel.key: KEY} if channel.key else {}),
                }
            case Handler() if channel.secret:
                found[channel.secret] = MADE_UP
    return {reference.removeprefix(PARAMETER): value for reference, value in found.items()}


def channel_of(topic_arn: str, settings: Settings) -> str:
    """The channel behind a topic; empty for the alarms' topic."""
    name = topic_arn.rpartition(":")[2].removeprefix(f"{settings.name}-deliver-")
    return name if name in settings.channels else ""


def unreadable(channels: Channels) -> list[str]:
    """The channels whose messages do not name every notification in them."""
    return [name for name, each in channels.items() if not (isinstance(each, SlackBotSettings) or each.type == "topic")]


def _path(reference: str) -> str:
    return f"T000/B{reference.removeprefix(PARAMETER).strip('/').replace('/', '-')}/{CANARY}"
