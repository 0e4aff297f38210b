"""`verify`: one real quantum task, followed hop by hop until each channel accepted its notification."""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from time import sleep

from botocore.exceptions import BotoCoreError, ClientError

from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.groups import DynamoGroups
from braket_notifier.braket.devices import device
from braket_notifier.cli.arguments import Commands, command, installation, seconds_option
from braket_notifier.cli.braket import fetch
from braket_notifier.cli.checks.finding import Finding, bad, good, noted
from braket_notifier.cli.deliveries import delivery_rows
from braket_notifier.cli.hops import Hold, Hop, Installed, Key, Trail, hops, where_to_look
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import confirmed, local, print_json, print_line
from braket_notifier.cli.submission import SHOTS, SV1, Submission, create_bucket, has_bucket, region_of, submit
from braket_notifier.domain.policy import MACHINES
from braket_notifier.domain.resource import Arn, Snapshot, parse_arn
from braket_notifier.domain.transition import SnapshotRow, Transition
from braket_notifier.grouping.keys import MANY, QUIET, key_of
from braket_notifier.grouping.pending import read_beside
from braket_notifier.routing.routes import route
from braket_notifier.tracking.detect import latest

ASK_EVERY_S = 0.5
FAILED, NOT_SUBMITTED = 1, 2
MORE = """The default device is SV1 in the first watched region that has it; it costs less than a cent.
Exit code 0: each channel accepted the notification, or holds it for quiet hours, a mute or a digest; 1: a hop failed;
2: nothing was submitted. --json needs --yes, because it asks nothing.

examples:
  braket-notifier verify
  braket-notifier verify --yes --bucket amazon-braket-our-results"""


def add(commands: Commands) -> None:
    summary = "submit a small quantum task and follow its notification"
    parser = command(commands, "verify", run, summary, more=MORE, json=True)
    parser.add_argument("--device", default=SV1, metavar="ARN", help="another device than SV1; its price applies")
    parser.add_argument("--bucket", default="", help="for the results; else amazon-braket-REGION-ACCOUNT")
    parser.add_argument("--all", action="store_true", help="notify topics and handlers too, not only people")
    parser.add_argument("--yes", action="store_true", help="do not ask before submitting or creating a bucket")
    seconds_option(parser, "--timeout", 120, "how long a hop may take")


def run(arguments: Namespace) -> int:
    if arguments.json and not arguments.yes:
        raise CommandError("verify --json asks nothing before it submits: add --yes")
    place = installation(arguments)
    channels = _channels(place, everyone=arguments.all)
    region = region_of(place, arguments.device)
    bucket = arguments.bucket or f"amazon-braket-{region}-{place.account}"
    batch = f"verify-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    order = Submission(arguments.device, region, bucket, channels, batch)
    _check_routes(place, order)
    if not arguments.json:
        print_line(f"A Bell circuit ({SHOTS} shots) on {device(order.device).full} in {region} costs {order.price}.")
        print_line(f"It notifies {', '.join(channels)}. Its results go to the bucket {bucket}.")
    if not confirmed("Submit it?", yes=arguments.yes):
        return NOT_SUBMITTED
    if not has_bucket(place, order):
        if not confirmed(f"There is no bucket {bucket}. Create it?", yes=arguments.yes):
            return NOT_SUBMITTED
        create_bucket(place, order)
    followed = list[Hop]()
    for hop, finding in _follow(place, submit(place, order), order, timedelta(seconds=arguments.timeout)):
        followed.append(hop)
        if not arguments.json:
            print_line(finding.line())
    if arguments.json:
        print_json([asdict(hop) for hop in followed])
    return FAILED if any(hop.state == "failed" for hop in followed) else 0


def _channels(place: Installation, *, everyone: bool) -> tuple[str, ...]:
    channels = place.settings.channels
    shared = [name for name in channels if name not in place.policy.to_owner]  # the task is nobody's
    wanted = tuple(name for name in shared if everyone or channels[name].type not in MACHINES)
    if not wanted:
        raise CommandError("the settings have no channel for people: --all notifies topics and handlers too")
    for name in wanted:
        place.queue_of(name)
    return wanted


def _check_routes(place: Installation, order: Submission) -> None:
    """An [[ignore]] of the settings wins over the tag, and then nothing would arrive."""
    arn = parse_arn(f"arn:{place.partition}:braket:{order.region}:{place.account}:quantum-task/verify")
    snapshot = Snapshot(arn, "COMPLETED", device=order.device, tags=order.tags)
    for choice in route(Transition(snapshot, "COMPLETED", None, None, None, 1, "event"), place.policy):
        if choice.channel in order.channels and not choice.chosen:
            raise CommandError(f"the settings keep it from {choice.channel}: {choice.reason}")


def _follow(place: Installation, arn: Arn, order: Submission, timeout: timedelta) -> Iterator[tuple[Hop, Finding]]:
    """Each hop as soon as it is passed, held or failed."""
    start = datetime.now(UTC)
    trail = Trail(now=start, submitted=start, timeout=timeout, task=Snapshot(arn, "CREATED", device=order.device))
    shown: dict[Key, Hop] = {}
    while True:
        found = hops(trail, order.channels)
        for hop in found:
            if hop.state != "awaited" and hop.key not in shown:
                shown[hop.key] = hop
                yield hop, _finding(place, hop, trail, order)
        if all(hop.state != "awaited" for hop in found):
            return
        sleep(ASK_EVERY_S)
        trail = _look(place, trail, order, shown)


def _look(place: Installation, last: Trail, order: Submission, shown: Mapping[Key, Hop]) -> Trail:
    """Braket is asked until the row has the end. After an error the next look asks it again."""
    row, arn = place.snapshots.get(last.task.arn), last.task.arn
    trail = replace(last, now=datetime.now(UTC), row=row, passed={key: hop.at for key, hop in shown.items()})
    if not trail.end.terminal:
        with suppress(CommandError, ClientError, BotoCoreError):
            trail = replace(trail, task=fetch(place.client("braket", order.region), arn))
    if row is None or not row.snapshot.terminal:
        return trail
    deliveries = {each.channel: each for each in delivery_rows(place, arn) if each.status == row.snapshot.status}
    waiting = [channel for channel in order.channels if channel not in deliveries]
    holds = {channel: hold for channel in waiting if (hold := _hold(place, row, channel))}
    health = DynamoChannelLeases(place.deliveries).health(order.channels)
    refusals = {channel: each.reason for channel, each in health.items() if each.down_since}
    return replace(trail, deliveries=deliveries, holds=holds, refusals=refusals)


def _hold(place: Installation, row: SnapshotRow, channel: str) -> Hold | None:
    """Return the group in which an unrefused notification waits."""
    groups, end = DynamoGroups(place.deliveries), latest(row)
    digest = key_of(end, place.policy)
    for name, reason in ((QUIET, "quiet hours or a mute"), (digest, "a digest"), (MANY, "a digest of many messages")):
        key, group = read_beside(name, channel, groups)
        waiting = (each.notification for each in groups.entries(channel, key, group.episode) if not each.shown)
        pending = group.pending
        if pending and not pending.retrying and end.id in {each.transition.id for each in waiting}:
            return Hold(pending.due, reason)
    return None


def _finding(place: Installation, hop: Hop, trail: Trail, order: Submission) -> Finding:
    if hop.state == "held":
        until = local(hop.at, place.policy.time_zone, trail.now)
        return noted(f"{_elapsed(trail.now, trail)}{hop.text} until {until}")
    if hop.state == "failed":
        look = where_to_look(hop, _installed(place, hop, trail, order))
        return bad(f"{_elapsed(hop.at, trail)}{hop.text}: look at {look}")
    return good(f"{_elapsed(hop.at, trail)}{hop.text}")


def _elapsed(at: datetime, trail: Trail) -> str:
    """Braket's clock may be behind this machine's."""
    return f"{max(0.0, (at - trail.submitted).total_seconds()):6.1f} s  "


def _installed(place: Installation, hop: Hop, trail: Trail, order: Submission) -> Installed:
    queues = {"events": place.queue("events")}
    queues |= {f"deliver-{hop.channel}": place.queue_of(hop.channel)} if hop.channel else {}
    records = {name: place.depth(url) for name, url in queues.items()}
    return Installed(place.settings.name, place.region, order.region, trail.task.arn.text, records)
