"""The checks of `doctor` for channels: secrets, Slack bots, confirmed addresses and the last delivery."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.row_format import readable
from braket_notifier.adapters.dynamodb.values import seconds
from braket_notifier.adapters.https.endpoint import URL_REFUSED, wrong_url
from braket_notifier.adapters.https.webhook import PREFIX, key_of
from braket_notifier.cli import slack
from braket_notifier.cli.checks.finding import Finding, answered, asked, bad, good, needs, one
from braket_notifier.cli.checks.parameters import command_for
from braket_notifier.cli.checks.people import members, unfiltered
from braket_notifier.cli.checks.subscriptions import EmailTopic, email_topics, subscribed_to, unconfirmed, unnamed
from braket_notifier.cli.deliveries import DeliveryRow, read_delivery_row
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import Tolerated
from braket_notifier.domain.destination import channel_of
from braket_notifier.sending.health import HEALTHY, Health
from braket_notifier.sending.remedy import remedy
from braket_notifier.settings.channels import Bus, Channel, Handler, SlackBotSettings, UrlSettings, references_of
from braket_notifier.settings.handlers import module
from braket_notifier.settings.notifier_toml import Settings
from braket_notifier.settings.policy_document import ALARMS
from braket_notifier.text.wording import duration

#: The refusal of a receiver that knows another key, or no such URL.
UNAUTHORISED = f"401 {URL_REFUSED}"
#: Python's words for a package that is not installed.
NO_PACKAGE = "No module named"


def secrets(place: Installation) -> Iterator[Finding]:
    channels = place.settings.channels.items()
    numbered = [(name, each) for name, channel in channels for each in enumerate(references_of(channel))]
    yield from answered(*(_secret_of(place, name, number, reference) for name, (number, reference) in numbered))


def _secret_of(place: Installation, name: str, number: int, reference: str) -> Iterator[Finding]:
    """The first reference of a channel is its secret, the second one its key."""
    channel, secret, kind = place.settings.channels[name], _secret(place, reference), "key" if number else "secret"
    if not secret:
        yield needs(f"{name} has no {kind} yet, so its notifications wait: `{command_for(name, key=number > 0)}`")
    elif isinstance(channel, SlackBotSettings):
        yield from _bot(name, channel.channel, secret, place.settings)
    elif not number and isinstance(channel, UrlSettings) and (wrong := wrong_url(secret.strip(), channel.host)):
        yield bad(f"{name}: {wrong}: `{command_for(name, key=False)}`")
    elif number and not key_of(secret.strip()):
        yield bad(f"{name}: the key is not {PREFIX} and base64: `{command_for(name, key=True)}`")
    else:
        yield good(f"{name} has its {kind}; only `braket-notifier test {name}` can try it")


def buses(place: Installation) -> Iterator[Finding]:
    named = ((name, each.bus) for name, each in place.settings.channels.items() if isinstance(each, Bus))
    yield from answered(*(one(bus, place.client("events"), name, each) for name, each in named))


def bus(events: Any, channel: str, name: str) -> Finding:  # noqa: ANN401 - a client
    """Whether the bus is there; a missing one stops no deployment, but notifications wait for it."""
    try:
        events.describe_event_bus(Name=name)
    except events.exceptions.ResourceNotFoundException:
        wanted = f"aws events create-event-bus --name {name}"
        return needs(f"{channel}: there is no bus {name} here, so its notifications wait: `{wanted}`")
    return good(f"{channel}: the bus {name} is there")


def addresses(place: Installation) -> Iterator[Finding]:
    yield alarms_addressee(place.settings)
    topics = email_topics(place.settings).items()
    deployed = ((name, each) for name, each in topics if name == ALARMS or name in place.channel_queues)
    yield from answered(*(_addresses_of(place, name, each) for name, each in deployed))


def _addresses_of(place: Installation, name: str, topic: EmailTopic) -> Iterator[Finding]:
    subscribed = subscribed_to(place, topic)
    if missing := unconfirmed(topic, subscribed):
        yield needs(
            f"{name}: {', '.join(missing)} not confirmed, so SNS sends nothing there: `braket-notifier confirm` "
            "with the link of AWS's mail, or follow it; `braket-notifier resend-confirmation` sends it again"
        )
    else:
        yield good(f"{name}: every address is confirmed")
    yield from answered(*(unfiltered(place, name, topic, each, subscribed) for each in topic.people))
    if others := unnamed(topic, subscribed):
        yield needs(
            f"{name}: {', '.join(others)} not in the settings, but subscribed: add it there, or end the "
            "subscription in the SNS console"
        )


def alarms_addressee(settings: Settings) -> Finding:
    """Who is notified of alarms; nobody is fine only if the settings say so."""
    if settings.alarms:
        lent = f", the addresses of {settings.alarms_from}" if settings.alarms_from != ALARMS else ""
        return good(f"alarms notify {', '.join(settings.alarms)}{lent}")
    if settings.alarms_from == ALARMS:
        return good("alarms notify nobody, as `[alarms] email` says; CloudWatch shows them")
    return needs("alarms notify nobody, because no channel is an e-mail channel: name addresses in `[alarms] email`")


def deliveries(place: Installation) -> Iterator[Finding]:
    """The latest delivery of each channel, from the whole ledger, and the reason why a channel accepts nothing."""
    refused: list[Finding] = []
    leases, channels = DynamoChannelLeases(place.deliveries), tuple(place.settings.channels)
    health = asked(lambda: leases.health(channels), refused) or dict.fromkeys(channels, HEALTHY)
    now = datetime.now(UTC)
    rows = asked(partial(_delivered_or_killed, place, now), refused) or []
    for name, channel in place.settings.channels.items():
        if name not in place.channel_queues:
            continue
        own = [(each.at, each.state) for each in rows if channel_of(each.channel) == name and each.at]
        last, state = max(own, default=(None, ""))
        if since := health[name].down_since:
            silent, why = duration(now - since), health[name].reason
            fallback = place.settings.fallbacks.get(name) if health[name].announced_at else ""
            meanwhile = f"; {fallback} gets its messages meanwhile" if fallback else ""
            todo = f"{step(name, channel, health[name])} (docs/runbook.md#channel-down)"
            yield bad(f"{name} has accepted nothing for {silent}, because of {why}{meanwhile}: {todo}")
        elif last and state == "CLAIMED":
            log = f"the log of {place.settings.name}-deliver-{name}"
            yield needs(f"{name}: an attempt of {duration(now - last)} ago did not end, and is repeated: see {log}")
        elif last:
            yield good(f"{name} last took a message {duration(now - last)} ago")
        elif not refused:
            yield needs(f"{name} has not taken a message yet: `braket-notifier test {name}`")
    yield from refused


def _delivered_or_killed(place: Installation, now: datetime) -> list[DeliveryRow]:
    """The deliveries, and the claims in doubt whose sender is gone, as after the time-out of its function.

    Those of a newer version are left out, as after a rollback.
    """
    killed = "(#state = :claimed AND #doubts > :zero AND #lease_until < :now)"
    values = {":delivered": "DELIVERED", ":claimed": "CLAIMED", ":zero": 0, ":now": seconds(now)}
    rows = place.deliveries.matching(f"#state = :delivered OR {killed}", values)
    return list(readable(read_delivery_row, rows, on_skipped=lambda _: None))


def step(name: str, channel: Channel, health: Health) -> str:
    """The next step for a channel that is down."""
    if isinstance(channel, Handler):
        file = f"lambdas/custom/{module(name)}"
        mend = f"name its package in {file}.requirements.txt" if NO_PACKAGE in health.reason else f"correct {file}.py"
        return f"{mend}, then `braket-notifier deploy`"
    if isinstance(channel, UrlSettings) and channel.key and health.reason == UNAUTHORISED:
        either = f"`{command_for(name, key=True)}` or, for a new URL, `{command_for(name, key=False)}`"
        return f"the receiver's key, or a new URL: {either}"
    return remedy(name, health.cause, health.reason)


def _secret(place: Installation, reference: str) -> str:
    """The secret, empty if it does not exist; this process sends it to Slack only."""
    ssm = place.client("ssm")
    with Tolerated("ParameterNotFound"):
        return str(ssm.get_parameter(Name=reference.removeprefix("ssm:"), WithDecryption=True)["Parameter"]["Value"])
    return ""


def _bot(name: str, channel: str, token: str, settings: Settings) -> Iterator[Finding]:
    try:
        bot = slack.bot_of(token.strip())
    except slack.SlackError as error:
        todo = remedy(name, "later" if error.is_outage else "mendable", error.word)
        yield bad(f"{name}: {error}; {todo}")
        return
    yield good(f"{name}: the token is {bot.name}'s in {bot.workspace}")
    if missing := bot.missing(slack.scopes_of(settings) if not channel else slack.SCOPES):
        wanted = " and ".join(missing)
        yield needs(f"{name}: the app lacks the scope {wanted}: add it under OAuth & Permissions and install it again")
    if not channel:
        yield from members(name, token.strip(), settings)
        return
    try:
        rooms = slack.rooms(token.strip())
    except slack.SlackError as error:
        yield needs(f"{name}: the bot's channels cannot be listed ({error}); posting works without that")
        return
    its_own = next((room for room in rooms if room.id == channel), None)
    known = ", ".join(f"#{room.name} ({room.id})" for room in rooms if not room.archived) or "none"
    if its_own and its_own.archived:
        yield bad(f"{name}: #{its_own.name} ({its_own.id}) is archived: unarchive it, or set another `channel`")
        return
    yield (
        good(f"{name}: the bot is in #{its_own.name} ({its_own.id})")
        if its_own
        else bad(f"{name}: the bot is not in {channel}: type `/invite @{bot.name}` there; it is in: {known}")
    )
