"""`replay`: sends notifications that the routes ask for and the ledger does not have as delivered."""

import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from braket_notifier.cli.arguments import Commands, ago, command, installation, span
from braket_notifier.cli.braket import read_arn
from braket_notifier.cli.deliveries import SETTLED, DeliveryRow, delivered_by_removed, delivery_rows
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import confirmed, print_json, print_line
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.transition import SnapshotRow
from braket_notifier.routing.routes import notifications
from braket_notifier.text.wording import plural
from braket_notifier.tracking.detect import pending

NOT_ASKED = 2
MORE = """examples:
  braket-notifier replay --since 2h         everything that changed in the last two hours
  braket-notifier replay ARN                one quantum task or hybrid job
  braket-notifier replay ARN --again        also delivered notifications; the channel gets them twice
  braket-notifier replay --since 2h --was mail=lab      mail is lab now, and what it delivered is not repeated

The settings file decides which notifications are missing. The command lists them, then asks before it sends.
Exit code 2: not asked, because there is no terminal. With --json nothing is asked: the command lists, and sends only
with --yes."""


def add(commands: Commands) -> None:
    parser = command(commands, "replay", run, "send missing notifications", more=MORE, json=True)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("arn", nargs="?", metavar="ARN")
    which.add_argument("--since", type=ago, metavar="SPAN", help="what changed within this time, like 30m, 2h, 3d")
    repeats = parser.add_mutually_exclusive_group()
    repeats.add_argument("--again", action="store_true", help="also send delivered notifications")
    was = "a channel's former name; without =NEW the channel was removed (more than once: several channels)"
    repeats.add_argument("--was", action="append", default=[], metavar="OLD[=NEW]", help=was)
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: Namespace) -> int:
    place = installation(arguments)
    since = datetime.now(UTC) - span(arguments.since) if arguments.since is not None else None
    rows = place.snapshots.changed_since(since) if since else [place.row_of(read_arn(arguments.arn))]
    was = [_former(place, each) for each in arguments.was]
    renamed = [(old, new) for old, new in was if new]
    wanted = [
        each
        for row in rows
        for each in missing(row, delivery_rows(place, row.snapshot.arn, renamed), place.policy, again=arguments.again)
    ]
    if wanted and not arguments.again:
        _refuse_repeats(place, wanted, {old for old, _ in was})
    if arguments.json:
        if arguments.yes:
            _send(place, wanted, again=arguments.again)
        transitions = [(each.channel, each.transition) for each in wanted]
        listed = [{"channel": name, "status": it.status, "arn": it.arn.text} for name, it in transitions]
        print_json({"sent": bool(arguments.yes), "notifications": listed})
        return 0
    for each in wanted:
        print_line(f"{each.channel}: {each.transition.status} of {each.transition.arn}")
    if not wanted:
        print_line("nothing is missing: every channel has the notifications of its routes")
    elif confirmed(f"Send {plural(len(wanted), 'notification')}?", yes=arguments.yes):
        _send(place, wanted, again=arguments.again)
        print_line(f"✓ {plural(len(wanted), 'notification')} on the way")
    elif not sys.stdin.isatty():
        return NOT_ASKED
    return 0


def missing(row: SnapshotRow, ledger: list[DeliveryRow], policy: Policy, *, again: bool) -> Iterator[Notification]:
    """Notifications that the routes ask for and the ledger lacks, except where a later status was delivered."""
    settled = {(each.channel, each.status) for each in ledger if each.state in SETTLED}
    for transition in pending(replace(row, dispatched=0)):
        for each in notifications(transition, policy):
            later = any(other.channel == each.channel and other.order > each.order for other in ledger)
            if again or ((each.channel, transition.status) not in settled and not later):
                yield each


def _former(place: Installation, given: str) -> tuple[str, str]:
    """A channel's former name and its name now, which is empty for a channel that was removed."""
    old, separator, new = given.partition("=")
    if separator and new not in place.policy.channels:
        raise CommandError(f"--was {given} does not end in the name of a channel: {', '.join(place.policy.channels)}")
    return old, new


def _refuse_repeats(place: Installation, wanted: Sequence[Notification], known: set[str]) -> None:
    """CommandError if a channel that is gone delivered some of these, because it may have a new name."""
    sought = {(each.transition.arn.text, each.transition.status) for each in wanted}
    found = Counter(channel for channel, *change in delivered_by_removed(place) if tuple(change) in sought)
    for channel, count in found.items():
        if channel not in known:
            raise CommandError(
                f"{channel}, which is no longer a channel, has delivered {count} of these: add `--was {channel}=NEW` "
                f"if it has a new name, otherwise `--was {channel}`"
            )


def _send(place: Installation, wanted: list[Notification], *, again: bool) -> None:
    """Reopen undelivered rows, or delete rows to repeat, because the ledger otherwise refuses the send."""
    for each in wanted:
        if again:
            place.ledger.forget(each)
        else:
            place.ledger.reopen(each, now=datetime.now(UTC))
    place.queues.enqueue(wanted)
