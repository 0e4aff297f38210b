"""`reserve`: names a reservation, so that people are reminded before its end, or lists those that are named."""

from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime

from braket_notifier.cli.arguments import Commands, command, installation
from braket_notifier.cli.in_force.reservations import in_words, to_come
from braket_notifier.cli.in_force.state import in_force
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.publishing import release, reserve
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import print_line
from braket_notifier.domain.policy import Reservation
from braket_notifier.settings.contradictions import mistakes_in
from braket_notifier.text.json_fields import moment

MORE = """A quarter of an hour before the end, people are reminded of their tasks that have not run. The reservation
counts within a minute and is in no settings file; [[reservations]] of the file count as well. Named again with the same
ARN, it replaces the earlier one. Amazon Braket has no API that shows reservations; its console shows the ARN.

examples:
  braket-notifier reserve arn:aws:braket:…:reservation/3f2a --from 2026-12-01T14:00:00Z --to 2026-12-01T15:00:00Z
  braket-notifier reserve arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1 --from … --to …
  braket-notifier reserve arn:aws:braket:…:reservation/3f2a --cancel
  braket-notifier reserve                       what is reserved and not over"""


def add(commands: Commands) -> None:
    parser = command(commands, "reserve", run, "name a reservation, or list what is reserved", more=MORE)
    parser.add_argument("arn", nargs="?", metavar="ARN", help="of the reservation or of its device")
    parser.add_argument("--from", dest="begins", metavar="TIME", help="begin, with its offset: 2026-12-01T14:00:00Z")
    parser.add_argument("--to", dest="ends", metavar="TIME", help="end")
    parser.add_argument("--cancel", action="store_true", help="forget the reservation of this ARN")


def run(arguments: Namespace) -> int:
    place, now = installation(arguments), datetime.now(UTC)
    if arguments.arn is None and (arguments.begins or arguments.ends or arguments.cancel):
        raise CommandError("--from, --to and --cancel need the ARN of a reservation or of its device")
    if arguments.cancel and (arguments.begins or arguments.ends):
        raise CommandError("--cancel forgets the reservation whatever its times: leave out --from and --to")
    if arguments.cancel:
        release(place, arguments.arn, now)
        print_line(f"✓ {arguments.arn} is not reserved any more")
    elif arguments.arn:
        booked = _reservation(arguments, now, place.policy.regions)
        reserve(place, booked, now)
        print_line(f"✓ {in_words(booked, place.policy.time_zone)}")
    else:
        _list(place, now)
    return 0


def _reservation(arguments: Namespace, now: datetime, regions: Sequence[str]) -> Reservation:
    key = "device" if ":device/" in arguments.arn else "arn"
    given = {key: arguments.arn, "from": arguments.begins, "to": arguments.ends}
    for each in mistakes_in({name: value for name, value in given.items() if value is not None}, regions):
        name = each.where[0]
        also = "" if arguments.arn.startswith("arn:") or name != key else ", or the ARN of its device"
        raise CommandError(f"{'ARN' if name == key else f'--{name}'}: {each.message}{also}")
    begins, ends = moment(arguments.begins), moment(arguments.ends)
    if begins is None or ends is None or ends <= now:
        raise CommandError(f"--to {arguments.ends} has passed; allowed: a time to come")
    return Reservation(begins, ends, **{key: arguments.arn})


def _list(place: Installation, now: datetime) -> None:
    found = to_come(in_force(place).reservations, now)
    for each in found:
        print_line(in_words(each, place.policy.time_zone))
    if not found:
        print_line("nothing is reserved")
