"""`costs`: adds up what ended quantum tasks cost, by device, batch, hybrid job, day or person."""

import csv
import re
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from braket_notifier.adapters.dynamodb.ends import DynamoEndedTasks
from braket_notifier.braket.devices import device
from braket_notifier.cli.arguments import Commands, ago, command, installation_by_name, name_option, span
from braket_notifier.cli.in_force.state import policy_in_force
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import console, print_json, print_line, print_table, warn_of_skipped
from braket_notifier.costs.period import period_of
from braket_notifier.costs.sums import LEFT_OUT, By, Sum, keys, sums, together
from braket_notifier.domain.cost import NOTHING
from braket_notifier.domain.resource import Snapshot
from braket_notifier.rendering.words.money import cell, sum_of
from braket_notifier.rendering.words.names import name
from braket_notifier.routing.owners import owner
from braket_notifier.text.wording import number

PERSON = "person"
BY = ("device", "batch", "job", "day", PERSON)
#: The label of tasks without a key.
WITHOUT = {"device": "no device", "batch": "no batch", "job": "no hybrid job", "day": "-", PERSON: "unknown owner"}
COLUMNS = ("key", "tasks", "failed", "amount", "bound", "unknown", "reserved")
#: Characters of the longest bar.
BAR = 20
#: The time by which an end may lie in the future of this machine, whose clock may be slow.
AHEAD = timedelta(hours=1)
MORE = f"""examples:
  braket-notifier costs                        the last 30 days by device, the largest sum first
  braket-notifier costs --since 7d --by day    each day of the last week, in the time zone of the settings
  braket-notifier costs --month 2026-11        that month, in the same time zone
  braket-notifier costs --by batch --csv       for a spreadsheet

An amount is what the notifier recorded at the end of a task by AWS's price list; AWS's bill is right. A sum leaves out
{LEFT_OUT}. "≤" marks an upper bound, "unknown" counts tasks without a known price. Ended tasks are
kept for as long as `[defaults] retention` says. Sums by person need `[costs] by_person = true`."""


def add(commands: Commands) -> None:
    parser = command(commands, "costs", run, "add up what ended quantum tasks cost", more=MORE, json=True)
    name_option(parser)
    time = parser.add_mutually_exclusive_group()
    time.add_argument(
        "--since",
        type=ago,
        metavar="SPAN",
        default="30d",
        help="what ended within this time, like 2h (default: %(default)s)",
    )
    time.add_argument("--month", metavar="MONTH", help="what ended in this month, like 2026-11")
    parser.add_argument("--by", choices=BY, default="device", help="what the sums are for (default: device)")
    parser.add_argument("--csv", action="store_true", help="comma-separated values, for a spreadsheet")


def run(arguments: Namespace) -> int:
    now, by = datetime.now(UTC), arguments.by
    since, until = now - span(arguments.since), now
    day = _day_of(arguments.month) if arguments.month else None
    if arguments.json and arguments.csv:
        raise CommandError("--json and --csv exclude each other; name one of them")
    place = installation_by_name(arguments)
    _check(place, by)
    if day:
        since, until = period_of(day, "month", place.policy.time_zone)
        if since > now:
            last = f"{now.astimezone(ZoneInfo(place.policy.time_zone)):%Y-%m}"
            raise CommandError(f"{arguments.month} has not begun; allowed: a month until {last}")
    ended = _ended(place, since, until if day else until + AHEAD)
    found = sums(ended, keys(ZoneInfo(place.policy.time_zone), lambda each: _person(each, place))[by])
    if by == "day":
        found.sort(key=lambda each: each.key)
    labels = _labels(by, found, ended)
    if arguments.json:
        print_json(_document(by, since, until, found, labels))
    elif arguments.csv:
        _print_csv(by, found, labels)
    elif not found:
        print_line(f"no quantum task on a QPU ended in {arguments.month or f'the last {arguments.since}'}")
    else:
        _print_table(by, found, labels)
        total = together(ended)
        print_line(sum_of(total) if total else "no amount of these tasks is known")
    return 0


def _day_of(month: str) -> datetime:
    """A time that is in the month in every time zone; the years are those of AWS's services."""
    found = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", month)
    if not found:
        raise CommandError(f"{month} is not a month; allowed: like 2026-11")
    return datetime(int(found[1]), int(found[2]), 15, tzinfo=UTC)


def _check(place: Installation, by: By) -> None:
    current = policy_in_force(place)
    if not current.money:
        raise CommandError("[costs] money = false: no costs are recorded or shown")
    if by == PERSON and not current.costs_by_person:
        raise CommandError("--by person needs [costs] by_person = true; allowed without it: device, batch, job, day")


def _ended(place: Installation, since: datetime, until: datetime) -> list[Snapshot]:
    """Read the ends from the index of ends of each watched region."""
    rows = DynamoEndedTasks(place.table("Snapshots"), warn_of_skipped)
    return [each for region in dict.fromkeys(place.policy.regions) for each in rows.between(region, since, until)]


def _person(snapshot: Snapshot, place: Installation) -> str:
    found = owner(snapshot, place.policy)
    return found.name if found else ""


def _labels(by: By, found: Sequence[Sum], ended: Sequence[Snapshot]) -> Mapping[str, str]:
    jobs = {each.arn.text: name(each) for each in ended if each.arn.kind == "job"} if by == "job" else {}
    named = {each.key: jobs.get(each.key, each.key) for each in found if each.key}
    named = {key: device(key).full for key in named} if by == "device" else named
    return {"": WITHOUT[by], **named}


def _print_table(by: By, found: Sequence[Sum], labels: Mapping[str, str]) -> None:
    """A bar for each sum shows its share, in a terminal only."""
    chart, most = console().is_terminal, max(each.cost.amount for each in found)
    titles = (by, "tasks", "failed", "cost", "unknown", *(["share"] if chart else []))
    rows = [
        (
            labels[each.key],
            number(each.tasks),
            number(each.failed) if each.failed else "",
            cell(each),
            number(each.cost.unknown) if each.cost.unknown else "",
            *([bar(each.cost.amount, most)] if chart else []),
        )
        for each in found
    ]
    print_table(titles, rows, cut={by: 12}, drop=("share", "failed", "unknown"), whole=False)


def bar(amount: Decimal, most: Decimal) -> str:
    """A bar of at most `BAR` characters; any amount has a part of one."""
    eighths = int(amount * BAR * 8 / most) if most else 0
    part = " ▏▎▍▌▋▊▉"[eighths % 8].strip()
    return "█" * (eighths // 8) + (part or ("▏" if not eighths and amount else ""))


def _document(
    by: By, since: datetime, until: datetime, found: Sequence[Sum], labels: Mapping[str, str]
) -> dict[str, object]:
    return {
        "since": since,
        "until": until,
        "by": by,
        "currency": "USD",
        "left_out": LEFT_OUT.split(", "),
        "sums": [{**_members(each), "label": labels[each.key]} for each in found],
        "amount": f"{sum((each.cost.amount for each in found), NOTHING):f}",
    }


def _members(each: Sum) -> dict[str, object]:
    cost = each.cost
    amount, bound = (f"{cost.amount:f}", cost.bound) if each.is_known else (None, None)
    values = (each.key, each.tasks, each.failed, amount, bound, cost.unknown, cost.reserved)
    return dict(zip(COLUMNS, values, strict=True))


def _print_csv(by: By, found: Sequence[Sum], labels: Mapping[str, str]) -> None:
    """A cell never begins like a formula, because a batch is a user's word and a spreadsheet would compute it."""
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow((by, *COLUMNS[1:]))
    for each in found:
        label = labels[each.key]
        shown = f"'{label}" if label[:1] in {"=", "+", "-", "@", "\t", "\r"} else label
        table.writerow((shown, *[*_members(each).values()][1:]))
