"""`redrive`: sends undelivered notifications and events again, from the ledger and the queue `undelivered`."""

import sys
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic, sleep

from braket_notifier.adapters.dynamodb.deliveries import FINISHED_STATES, DynamoLedger
from braket_notifier.cli.arguments import Commands, command, installation, seconds_option
from braket_notifier.cli.deliveries import DeliveryRow, rows_by_id
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import confirmed, print_json, print_line, warn_of_skipped
from braket_notifier.cli.undelivered.plan import Plan, plan_for
from braket_notifier.cli.undelivered.records import Kept, delete, give_back, read_records
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.spending import without_amount
from braket_notifier.sending.claims import Clock
from braket_notifier.sending.ports import Ledger
from braket_notifier.text.wording import plural
from braket_notifier.tracking.ports import ChannelQueues

POLL_EVERY_S = 1.0
TIMEOUT_S = 60
#: States of notifications that a redrive reopens.
GIVEN_UP = {"UNDELIVERED", "REOPENED"}
REFUSED_AGAIN, NOT_ASKED = 1, 2
MORE = """The command lists everything with its reason, asks, sends, and waits for the outcome. Delivered notifications
are not repeated. Notifications go to their channels' queues, events to the queue of events. Records whose change was
announced meanwhile are removed. Unreadable records stay in `undelivered` for two weeks, unless --drop removes those
that were listed.

Exit code 0: sent, or nothing to send; 1: a channel refused one again; 2: not asked, because there is no terminal. With
--json nothing is asked: the command lists, and sends only with --yes."""


def add(commands: Commands) -> None:
    summary = "send undelivered notifications and events again"
    parser = command(commands, "redrive", run, summary, more=MORE, json=True)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--from", dest="old", metavar="OLD", help="a removed channel, whose notifications go to NEW")
    parser.add_argument("--to", dest="new", metavar="NEW", help="the channel that gets them")
    parser.add_argument("--drop", action="store_true", help="remove the listed records that cannot be sent")
    seconds_option(parser, "--timeout", TIMEOUT_S, "time for the outcome")


def run(arguments: Namespace) -> int:
    if arguments.json and not arguments.yes and (arguments.drop or arguments.timeout != TIMEOUT_S):
        raise CommandError("redrive --json only lists without --yes: add it, or leave out --drop and --timeout")
    place = installation(arguments)
    renamed = _renamed(place, arguments.old, arguments.new)
    given_up = list(DynamoLedger(place.deliveries, on_skipped=warn_of_skipped).all_undelivered())
    kept = list(read_records(place))
    plan = plan_for(place, kept, given_up, renamed)
    question = plan.question(drop=arguments.drop)
    if arguments.json:
        return _as_json(place, plan, kept, arguments, sends=bool(question) and arguments.yes)
    for line in plan.lines(drop=arguments.drop):
        print_line(line)
    if not question or not confirmed(question, yes=arguments.yes):
        give_back(place, kept)
        if not question:
            print_line("nothing can be sent again")
        return NOT_ASKED if question and not sys.stdin.isatty() else 0
    _carry_out(place, plan, drop=arguments.drop)
    for line in plan.done(drop=arguments.drop):
        print_line(line)
    return _report(plan, _ended(place, list(plan.send.values()), arguments.timeout), arguments.timeout, place.says_why)


def _as_json(place: Installation, plan: Plan, kept: Sequence[Kept], arguments: Namespace, *, sends: bool) -> int:
    """Print the plan, and the outcome of each notification if it was carried out."""
    ended = dict[str, DeliveryRow]()
    if sends:
        _carry_out(place, plan, drop=arguments.drop)
        ended = _ended(place, list(plan.send.values()), arguments.timeout)
    else:
        give_back(place, kept)
    states = {id_: row.state for id_, row in ended.items()}
    print_json({"carried_out": sends, **plan.document(states)})
    return REFUSED_AGAIN if "UNDELIVERED" in states.values() else 0


def redrive(notifications: Iterable[Notification], ledger: Ledger, queues: ChannelQueues, clock: Clock) -> int:
    """Enqueue undelivered notifications again, apart from those delivered meanwhile, and return their number."""
    reopened = [each for each in notifications if ledger.reopen(each, now=clock())]
    queues.enqueue(reopened)
    return len(reopened)


def _renamed(place: Installation, old: str | None, new: str | None) -> Mapping[str, str]:
    if old is None and new is None:
        return {}
    if old is None or new is None:
        raise CommandError("--from and --to belong together")
    if old in place.channel_queues:
        raise CommandError(f"{old} is a channel: without --from, its notifications are sent to it again")
    place.queue_of(new)
    return {old: new}


def _carry_out(place: Installation, plan: Plan, *, drop: bool) -> None:
    """Delete resent records only once they are in their queues; after a crash, the ledger prevents repeats."""
    tried = {id_ for id_, row in plan.known.items() if row.state in GIVEN_UP}
    redrive(
        [each for id_, each in plan.send.items() if id_ in tried],
        place.ledger,
        place.queues,
        lambda: datetime.now(UTC),
    )
    place.queues.enqueue([each for id_, each in plan.send.items() if id_ not in tried])
    for event in plan.events:
        place.client("sqs").send_message(QueueUrl=place.queue("events"), MessageBody=event.raw)
    for each in plan.moved:
        place.ledger.forget(each)
    delete(place, [*plan.sent, *plan.events, *plan.finished, *(plan.stay if drop else ())])
    if not drop:
        give_back(place, plan.stay)


def _ended(place: Installation, sent: Sequence[Notification], timeout_s: float) -> dict[str, DeliveryRow]:
    """The finished deliveries, of those that finish in time, by the notification's id."""
    deadline = monotonic() + timeout_s
    while True:
        ended = {id_: row for id_, row in rows_by_id(place, sent).items() if row.state in FINISHED_STATES}
        if len(ended) == len(sent) or monotonic() >= deadline:
            return ended
        sleep(POLL_EVERY_S)


def _report(plan: Plan, ended: Mapping[str, DeliveryRow], timeout_s: float, says_why: str) -> int:
    refused = [id_ for id_, row in ended.items() if row.state == "UNDELIVERED"]
    waiting = len(plan.send) - len(ended)
    if accepted := len(ended) - len(refused):
        print_line(f"✓ {plural(accepted, 'notification')} accepted")
    for id_ in refused:
        each = plan.send[id_]
        why = ended[id_].reason
        refused_again = f"{without_amount(each.transition.status)} of {each.transition.arn} again ({why})"
        print_line(f"✗ {each.channel} refused {refused_again}")
    if waiting:
        late = f"not accepted within {timeout_s:g} s, and tried further"
        print_line(f"! {plural(waiting, 'notification')} {late}: {says_why}")
    return REFUSED_AGAIN if refused else 0
