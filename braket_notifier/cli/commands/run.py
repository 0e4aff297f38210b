"""`run`: the notifier as one process on this machine, without a deployment, for the tasks that its user may read."""

import re
import sys
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from threading import Event
from time import monotonic

from botocore.exceptions import NoCredentialsError

from braket_notifier.adapters.aws.braket import BotoBraket
from braket_notifier.adapters.aws.s3 import S3Results
from braket_notifier.adapters.dynamodb.ends import DynamoEndedTasks
from braket_notifier.adapters.dynamodb.prices import DynamoPrices
from braket_notifier.adapters.dynamodb.published import DynamoPublished
from braket_notifier.adapters.smtp import Server, parse_server
from braket_notifier.adapters.sqlite.state_file import LostStateError
from braket_notifier.braket.rate_limit import RateLimiter, shares
from braket_notifier.cli.arguments import Commands, command, name_option, seconds
from braket_notifier.cli.braket import read_arn
from braket_notifier.cli.installation import Installation, session_of
from braket_notifier.cli.process.channels import Senders, build, refuse_unused
from braket_notifier.cli.process.delivering import Delivering
from braket_notifier.cli.process.document import TERMINAL, from_file, is_own, with_terminal, without_file
from braket_notifier.cli.process.named import OwnTasks, have_ended, now, still_open
from braket_notifier.cli.process.rounds import RoundClock, ends_in_order, one_round, until_the_end
from braket_notifier.cli.process.screen import Screen
from braket_notifier.cli.process.watching import Process, look_back_if_wider
from braket_notifier.cli.publishing import wake_mended
from braket_notifier.cli.sentences import CommandError, sentence
from braket_notifier.cli.show import confirmed, warn
from braket_notifier.cli.state import StateInstallation, default_state
from braket_notifier.costs.costing import Costing
from braket_notifier.domain.results import no_results
from braket_notifier.routing.published import Following
from braket_notifier.settings.handlers import check_handlers
from braket_notifier.settings.notifier_toml import settings_of
from braket_notifier.settings.schema import Table
from braket_notifier.text.wording import plural

TROUBLE = 1
#: The channel of --slack.
SLACK = "slack"
MORE = """The credentials must allow SearchQuantumTasks, GetQuantumTask, SearchJobs and GetJob; with GetDevice you are
reminded of outages too. Nothing is deployed. It asks Braket every minute, and shows and sends what ended since it first
ran. While it does not run, nothing is sent; the next run catches up. A settings file of your own is followed where
there is one; topics need a deployment.

A SECRET is `env:NAME`, `file:PATH` (mode 600) or `ssm:/NAME`; it is read when it is needed and stored nowhere.

examples:
  braket-notifier run                                       your terminal, every region
  braket-notifier run --slack env:SLACK_WEBHOOK             and Slack, by an incoming webhook
  braket-notifier run --slack file:token --slack-channel C0123456789
  braket-notifier run --email me@example.org --smtp smtps://me@example.org@smtp.example.org --secret smtp=file:password
  braket-notifier run --once --plain --tag owner=anna       for cron
  braket-notifier list --state FILE                         also history, mute, redrive, explain: on its state

Exit code: 0 ended in order; 1, with --once: a region or a channel could not be reached; 2 the command failed."""


def add(commands: Commands) -> None:
    summary = "notify you from this machine, without a deployment, while the command runs"
    parser = command(commands, "run", run, summary, more=MORE, unused=("region",))
    name_option(parser)
    parser.add_argument(
        "arns", nargs="*", metavar="ARN", help="watch these alone, a job with its tasks, until they end"
    )
    parser.add_argument("--regions", default="", metavar="REGION,…", help="watch these alone")
    parser.add_argument("--tag", action="append", default=[], metavar="KEY=VALUE", help="watch what has this tag alone")
    rounds = parser.add_mutually_exclusive_group()
    rounds.add_argument(
        "--every", type=seconds, default=60, metavar="SECONDS", help="seconds between two rounds (default: %(default)s)"
    )
    rounds.add_argument("--once", action="store_true", help="one round, for cron")
    parser.add_argument("--plain", action="store_true", help="lines instead of a live table")
    parser.add_argument("--slack", metavar="SECRET", help="webhook's URL; with --slack-channel the token of a bot")
    parser.add_argument("--slack-channel", metavar="ID", help="the channel's id, like C0123456789")
    parser.add_argument("--email", action="append", default=[], metavar="ADDRESS", help="needs --smtp")
    parser.add_argument("--smtp", metavar="URL", help="mail server: smtps://USER@HOST, or smtp:// with STARTTLS")
    parser.add_argument("--email-from", default="", metavar="ADDRESS", help="sender (default: the first address)")
    parser.add_argument("--secret", action="append", default=[], metavar="NAME=SECRET", help="of a channel, or of smtp")
    parser.add_argument("--yes", action="store_true", help="send although a deployed notifier does")


def run(arguments: Namespace) -> int:
    arns = [*map(read_arn, arguments.arns)]
    tags, secrets = _pairs("--tag", arguments.tag), _pairs("--secret", arguments.secret)
    if tags and arns and all(arn.kind == "task" for arn in arns):
        raise CommandError("--tag has no effect on quantum tasks that ARNs name: leave it out")
    given = Senders({**secrets, **({SLACK: arguments.slack} if arguments.slack else {})}, _server(arguments))
    document = _document(arguments, [arn.region for arn in arns], given)
    refuse_unused(given, settings_of(document).channels)
    if session_of(arguments.profile).get_credentials() is None:
        raise NoCredentialsError
    place = StateInstallation(arguments.state or default_state(arguments.profile), arguments.profile)
    arguments.opened.callback(place.close)
    arguments.opened.callback(place.file.hold().end)
    place.check_credentials(settings_of(document).home)
    if place.keep_settings(document):
        wake_mended(place, place.channel_queues)  # because what held a message, or refused it, may have ended
    for name, count in place.left_behind().items():
        left = f"{plural(count, 'record')} left for {name}, which is no channel any more"
        warn(f"{left}: a channel of that name sends them")
    if not _may_send(arguments, place):
        return 0
    look_back_if_wider(place, " ".join(sorted([*(arn.text for arn in arns), *arguments.tag])))
    process = _process(place, plain=arguments.plain or arguments.once)
    channels = [Delivering(each, build(each, process, given), process) for each in place.channel_queues]
    clock = RoundClock(process.stop)
    limiter = RateLimiter(shares(process.policy().quotas, "run"), monotonic, process.stop.wait)
    boto = BotoBraket(partial(place.client, "braket"), limiter, clock.is_out_of_time, process.skipped)
    own = OwnTasks(boto, {arn.text for arn in arns}, tags, place.check_account, place.watched_since)
    process.screen.print(
        f"watching {', '.join(place.settings.regions)}; {_sends_to(place)}; state in {place.file.path}"
    )
    with ends_in_order(process.stop), process.screen.shown():
        terminal = next(each.channel for each in channels if each.name == TERMINAL)
        named = set(still_open(arns, boto, place, terminal))
        if arguments.once:
            one_round(process, own, channels, clock)
            return TROUBLE if process.screen.has_trouble else 0
        is_over = partial(have_ended, named, place) if arns else None
        until_the_end(process, own, channels, clock, arguments.every, is_over)
    waiting = sum(place.depth(name) for name in place.channel_queues)
    process.screen.print(
        f"ended; {plural(waiting, 'notification')} waiting for the next run" if waiting else "ended; nothing waits"
    )
    return 0


def _process(place: StateInstallation, *, plain: bool) -> Process:
    screen = Screen(place.policy.time_zone, plain=plain)

    def failed(about: str, error: Exception) -> None:
        if isinstance(error, LostStateError):  # nothing else goes on without it
            raise error
        screen.once(about, sentence(error))

    read = DynamoPublished(place.table("Snapshots")).read
    following = Following(place.policy, "run", read, monotonic, partial(failed, "settings"))
    results = S3Results(partial(place.client, "s3")).read if place.policy.read_results else no_results
    table = place.table("Snapshots")
    costing = Costing(DynamoPrices(table), DynamoEndedTasks(table), now, partial(failed, "costs"))
    return Process(place, lambda: with_terminal(following.policy()), screen, results, Event(), costing)


def _document(arguments: Namespace, own_regions: Sequence[str], given: Senders) -> Table:
    """The settings of this run; a channel that needs a deployment or an option is named and left out."""
    regions = [*filter(None, arguments.regions.split(","))] or [*dict.fromkeys(own_regions)]
    if unwatched := next((each for each in own_regions if each not in regions), ""):
        raise CommandError(
            f"--regions leaves out {unwatched}, the region of a named ARN: add it, or leave the option out"
        )
    if not is_own(arguments.settings, named=arguments.named):
        return without_file(regions, _channels(arguments))
    document, left_out = from_file(arguments.settings, regions, () if given.server else ("email",))
    for name, reason in left_out.items():
        warn(f"{name} is left out: {reason}")
    folders = (arguments.settings.absolute().parent / each for each in ("lambdas", "."))
    folder = next((each for each in folders if (each / "custom").is_dir()), None)
    if folder:
        check_handlers(settings_of(document).channels, folder / "custom")
        sys.path.insert(0, str(folder))
    return {**document, "channels": {**document["channels"], **_channels(arguments)}}


def _channels(arguments: Namespace) -> dict[str, Table]:
    """The channels of the options."""
    channels: dict[str, Table] = {}
    if arguments.slack_channel and not arguments.slack:
        raise CommandError("--slack-channel needs --slack with the token of a bot, like --slack file:token")
    if arguments.slack:
        of_bot = {"channel": arguments.slack_channel, "token": "ssm:/none"}
        channels[SLACK] = {"type": "slack", **(of_bot if arguments.slack_channel else {"webhook": "ssm:/none"})}
    if arguments.email:
        if not arguments.smtp:
            raise CommandError("--email needs --smtp, like smtps://me@example.org@smtp.example.org")
        channels["email"] = {"type": "email", "to": arguments.email}
    return channels


def _server(arguments: Namespace) -> Server | None:
    if arguments.email_from and not arguments.smtp:
        raise CommandError("--email-from needs --smtp, like smtps://me@example.org@smtp.example.org")
    try:
        return parse_server(arguments.smtp, arguments.email_from) if arguments.smtp else None
    except ValueError as error:
        raise CommandError(f"--smtp: {error}") from error  # the URL is not repeated, because it may hold a password


def _pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    if wrong := next((each for each in given if not re.fullmatch(r"[^=]+=.+", each)), None):
        raise CommandError(f"{option}: {wrong} is not a name and a value; allowed: NAME=VALUE")
    return dict(each.split("=", 1) for each in given)


def _sends_to(place: StateInstallation) -> str:
    others = [name for name in place.channel_queues if name != TERMINAL]
    return f"sends to {', '.join(others)} too" if others else "sends to this terminal alone"


def _may_send(arguments: Namespace, place: StateInstallation) -> bool:
    """Ask before a second notifier sends beside a deployed one; credentials that may not look find none."""
    if arguments.yes:
        return True
    name = arguments.name or place.settings.name
    deployed = Installation(None, session_of(arguments.profile), place.region, name)
    arguments.opened.callback(deployed.close)
    try:
        deployed.resources  # noqa: B018 - CommandError if there is no stack
    except Exception:  # noqa: BLE001 - no stack, no right to look, no network, or an answer of something else
        return True
    question = (
        f"{name} is deployed in {place.region} of this account, and notifies its own channels. Send from here too?"
    )
    return confirmed(question, yes=False)
