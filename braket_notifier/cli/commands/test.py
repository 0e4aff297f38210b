"""`test`: sends a marked notification through a channel's queue, and waits until the channel accepts it."""

import sys
from argparse import Namespace
from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic, sleep
from uuid import uuid4

from braket_notifier.adapters.dynamodb.deliveries import FINISHED_STATES
from braket_notifier.cli.arguments import (
    Commands,
    command,
    installation_by_name,
    name_option,
    person_option,
    seconds_option,
)
from braket_notifier.cli.deliveries import DeliveryRow, delivery_rows
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.people import destination_in, person_named
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import answer, print_json, print_line
from braket_notifier.domain.destination import channel_of, direct, in_words
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import INVENTED, Arn, Snapshot, parse_arn
from braket_notifier.domain.transition import Transition
from braket_notifier.routing.owners import unreachable

SIMULATOR = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
POLL_EVERY_S = 0.5
NOT_SEEN = 1
MORE = """Exit code 0: every channel accepted it; 1: a channel did not, or you did not see it.
Slack or SNS accepts a message; the command asks you whether you see it, but not with --json."""


def add(commands: Commands) -> None:
    summary = "send a test notification and wait until it is accepted"
    parser = command(commands, "test", run, summary, more=MORE, json=True)
    name_option(parser)
    parser.add_argument(
        "channel", nargs="?", metavar="CHANNEL", help="one channel (default: each but those that write to owners)"
    )
    person_option(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask whether it was seen")
    seconds_option(parser, "--timeout", 60, "seconds to wait for acceptance")


def run(arguments: Namespace) -> int:
    place = installation_by_name(arguments)
    names = _destinations(place, arguments.channel, arguments.person)
    seen = send_tests(place, names, arguments.timeout, yes=arguments.yes, as_json=arguments.json)
    return 0 if seen else NOT_SEEN


def to_shared(place: Installation) -> list[str]:
    """The channels but those that write to owners, because nobody else gets a test message."""
    return [each for each in place.policy.channels if each not in place.policy.to_owner]


def send_tests(place: Installation, names: list[str], timeout_s: float, *, yes: bool, as_json: bool = False) -> bool:
    """Send a test notification to each destination; whether each accepted it and, where it is asked, it was seen."""
    sent = {name: _send(place, name) for name in names}
    outcomes = _await(place, sent, timeout_s)
    if as_json:
        print_json({name: _document(outcomes.get(name)) for name in names})
    else:
        for name in names:
            print_line(_result(name, outcomes.get(name), timeout_s, place.says_why))
    if any(name not in outcomes or outcomes[name].state != "DELIVERED" for name in names):
        return False
    return yes or as_json or not sys.stdin.isatty() or _was_seen(names)


def _destinations(place: Installation, channel: str | None, name: str) -> list[str]:
    """The channels, or the person in each channel that reaches the person."""
    if not name and channel in place.policy.to_owner:
        raise CommandError(f"{channel} writes to owners: name one by --person")
    if channel:
        return [destination_in(place, channel, name)]
    if not name:
        return to_shared(place)
    person, current = person_named(place, name), place.policy
    found = [each for each in current.to_owner if not unreachable(person, each, current)]
    if not found:
        raise CommandError(f'no channel writes to {person.name}: give one to = "owner", and the person an address')
    return [direct(each, person.name) for each in found]


def example(partition: str, region: str, account: str, channel: str) -> Notification:
    """The end of an invented quantum task, with a unique id and a name that marks the test."""
    arn = parse_arn(f"arn:{partition}:braket:{region}:{account}:quantum-task/{INVENTED}{uuid4()}")
    now = datetime.now(UTC)
    # A batch of its own, because a second test within a digest window would otherwise wait for the digest.
    tags = {"Name": f"TEST of {in_words(channel)} (nothing ran)", "batch": arn.id}
    snapshot = Snapshot(arn, "COMPLETED", created_at=now, ended_at=now, device=SIMULATOR, tags=tags)
    return Notification(Transition(snapshot, "COMPLETED", None, now, None, 1, "event"), channel)


def _send(place: Installation, channel: str) -> Arn:
    place.queue_of(channel_of(channel))
    notification = example(place.partition, place.region, place.account, channel)
    place.queues.enqueue([notification])
    return notification.transition.arn


def _await(place: Installation, sent: Mapping[str, Arn], timeout_s: float) -> dict[str, DeliveryRow]:
    """The finished delivery of each channel, of those that finish in time."""
    deadline = monotonic() + timeout_s
    outcomes: dict[str, DeliveryRow] = {}
    while True:
        rows = (row for name in sent.keys() - outcomes.keys() for row in delivery_rows(place, sent[name]))
        outcomes |= {row.channel: row for row in rows if row.state in FINISHED_STATES}
        if len(outcomes) == len(sent) or monotonic() > deadline:
            return outcomes
        sleep(POLL_EVERY_S)


def _result(channel: str, outcome: DeliveryRow | None, timeout_s: float, says_why: str) -> str:
    channel = in_words(channel)
    if outcome is None:
        return f"✗ {channel} has not accepted it within {timeout_s:g} s and keeps trying: {says_why}"
    if outcome.state != "DELIVERED":
        return f"✗ {channel} refused it ({outcome.reason}): {says_why}"
    return f"✓ {channel} accepted the test notification"


def _document(outcome: DeliveryRow | None) -> dict[str, object]:
    """Without a state, the channel has not finished it in time."""
    return {"state": outcome.state, "reason": outcome.reason} if outcome else {"state": None, "reason": ""}


def _was_seen(names: list[str]) -> bool:
    seen = answer(f"Do you see it in {' and '.join(map(in_words, names))}? [Y/n] ").lower() in {"", "y", "yes"}
    if not seen:
        print_line("Accepted but not seen: check the channel, the address and the spam folder.")
    return seen
