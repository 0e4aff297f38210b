"""`replay`: what the routes ask for and no channel has taken is put into the channels' queues again."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from braket_notifier.cli.arguments import Commands, command, installation, span
from braket_notifier.cli.braket import read_arn
from braket_notifier.cli.deliveries import DeliveryRow, delivery_rows
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import agreed, say
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.transition import SnapshotRow
from braket_notifier.routing.routes import notifications
from braket_notifier.text.wording import plural
from braket_notifier.tracking.detect import pending

#: Nothing is repeated: these were told, or a later status was in their place. What is only claimed may be sent again:
#: the ledger knows whether it still waits.
SETTLED = {"DELIVERED", "SUPERSEDED"}
MORE = """examples:
  braket-notifier replay --since 2h         everything that moved in the last two hours
  braket-notifier replay ARN                one quantum task or hybrid job
  braket-notifier replay ARN --again        although it was delivered: the channel hears it twice

The settings file decides who should have heard what. It is said first, and done after a yes."""


def add(commands: Commands) -> None:
    parser = command(commands, "replay", run, "deliver what was not delivered", more=MORE)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("arn", nargs="?", metavar="ARN")
    which.add_argument("--since", metavar="2h", help="minutes (m), hours (h) or days (d)")
    parser.add_argument("--again", action="store_true", help="also what was delivered")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: Namespace) -> int:
    place = installation(arguments)
    since = datetime.now(UTC) - span(arguments.since) if arguments.since else None
    rows = place.snapshots.changed_since(since) if since else [_row(place, arguments.arn)]
    wanted = [
        each
        for row in rows
        for each in missing(row, delivery_rows(place, row.snapshot.arn), place.policy, again=arguments.again)
    ]
    for each in wanted:
        say(f"{each.channel}: {each.transition.status} of {each.transition.arn}")
    if not wanted:
        say("nothing is missing: every channel was told what its routes ask for")
    elif agreed(f"Send {plural(len(wanted), 'notification')}?", yes=arguments.yes):
        _send(place, wanted, again=arguments.again)
        say(f"✓ {plural(len(wanted), 'notification')} on the way")
    return 0


def missing(row: SnapshotRow, ledger: list[DeliveryRow], policy: Policy, *, again: bool) -> Iterator[Notification]:
    """What the routes ask for and the ledger does not have; what a later status stands for is not told any more."""
    states = {(each.channel, each.status): each.state for each in ledger}
    for transition in pending(replace(row, dispatched=0)):
        for each in notifications(transition, policy):
            later = any(other.channel == each.channel and other.order > each.order for other in ledger)
            if again or (states.get((each.channel, transition.status)) not in SETTLED and not later):
                yield each


def _row(place: Installation, given: str) -> SnapshotRow:
    arn = read_arn(given)
    if row := place.snapshots.get(arn):
        return row
    raise CommandError(f"the notifier has never seen {arn}: `braket-notifier explain {arn}` asks Braket itself")


def _send(place: Installation, wanted: list[Notification], *, again: bool) -> None:
    """What was given up is reopened, and what is to be told again forgotten: the ledger then lets it pass."""
    for each in wanted:
        if again:
            place.ledger.forget(each)
        else:
            place.ledger.reopen(each, now=datetime.now(UTC))
    place.queues.enqueue(wanted)
