"""`list`: shows open quantum tasks and hybrid jobs, what ended lately, or a whole batch."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError
from rich.text import Text

from braket_notifier.braket.devices import device
from braket_notifier.cli.arguments import Commands, ago, command, installation_by_name, name_option, span
from braket_notifier.cli.braket import devices_of, document, fetch, queue_of, state_of
from braket_notifier.cli.in_force.state import policy_in_force
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError, is_denied, sentence
from braket_notifier.cli.show import print_json, print_line, print_table, warn
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.rendering.words import links
from braket_notifier.rendering.words.money import dollars, known, sum_over
from braket_notifier.rendering.words.names import name
from braket_notifier.routing.owners import owner
from braket_notifier.text.wording import duration, folded, plural
from braket_notifier.tracking.ports import CreatedRange

#: Requests to Braket at once and in all, and ends that are read from the index of a region.
CONCURRENT, MOST_ASKED, MOST_ENDED = 8, 100, 1000
#: Columns that a narrow terminal cuts down to so many characters, then those that it leaves out, the first one first.
CUT = {"name": 12, "device": 8}
DROPPED = ("cost", "kind", "device", "ahead", "took")
TITLES = ("status", "name", "kind", "device", "took", "ahead", "id")
MORE = """examples:
  braket-notifier list                      open quantum tasks and hybrid jobs of every watched region, by name
  braket-notifier list --ended 2h           what ended in the last two hours, the newest first
  braket-notifier list --batch ghz-scan     everything with the tag batch=ghz-scan, ended or not, by name
  braket-notifier list --owner Anna --links Anna's open ones, with the pages of the console

"took" is the time since submission, up to the end; "ahead" is Braket's approximate queue position; "cost" is what an
ended task on a QPU costs by AWS's price list (≤: at most), or a job's tasks together without the instance. Braket is
asked about the first 100 open ones; all others, and those about which it does not answer, are as the notifier recorded
them. The status "unknown" means that Braket does not know it. A line below the table names a device that is OFFLINE, or
whose queue opens later, and how its queue moved in two hours. In a terminal an id leads to its page, and a narrow one
gets fewer columns. Without a terminal, no cell is cut."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A quantum task or hybrid job as Braket has it now, otherwise as the notifier recorded it."""

    snapshot: Snapshot
    #: The resource is open, and Braket did not answer.
    as_recorded: bool = False
    is_known: bool = True

    @property
    def status(self) -> str:
        return self.snapshot.status if self.is_known else "unknown"

    def document(self, *, cost: bool) -> dict[str, object]:
        shown = document(self.snapshot) | {"as_recorded": self.as_recorded}
        shown |= {"cost": {"currency": "USD"} | found.to_json()} if cost and (found := known(self.snapshot)) else {}
        return shown if self.is_known else shown | {"status": None}

    def cells(self, now: datetime, *, cost: bool, arn: bool, link: bool) -> tuple[str | Text, ...]:
        it, page = self.snapshot, links.resource(self.snapshot.arn)
        shown = device(it.device).short if it.device else ""
        named = Text(it.arn.text if arn else it.arn.short_id, style=f"link {page}")
        spent = [_cost(it)] if cost else []
        about = [self.status, name(it), it.arn.kind, shown, _age(it, now), *spent, it.queue_position]
        return (*about, named, page) if link else (*about, named)


def add(commands: Commands) -> None:
    summary = "list open quantum tasks and hybrid jobs, lately ended ones, or a batch"
    parser = command(commands, "list", run, summary, more=MORE, json=True)
    name_option(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--batch", metavar="NAME", help="everything with the tag batch=NAME")
    which.add_argument("--ended", type=ago, metavar="SPAN", help="what ended within this time, like 30m, 2h, 3d")
    parser.add_argument("--owner", metavar="NAME", help="only those of this person of the settings")
    parser.add_argument("--arn", action="store_true", help="whole ARNs instead of short ids")
    parser.add_argument("--links", action="store_true", help="the address of each page in the console")


def run(arguments: Namespace) -> int:
    now = datetime.now(UTC)
    ended = span(arguments.ended) if arguments.ended is not None else None
    if arguments.batch == "":
        raise CommandError("--batch has no name: `braket-notifier list` lists everything that is open")
    place = installation_by_name(arguments)
    rows = _rows(place, _owned(place, _chosen(place, arguments.batch, ended, now), arguments.owner))
    current = _in_force(place) if any(known(row.snapshot) for row in rows) else None
    money = current is not None and current.money
    if arguments.json:
        print_json([row.document(cost=money) for row in rows])
        return 0
    if not rows:
        print_line(_nothing(arguments))
        return 0
    cells = [row.cells(now, cost=money, arn=arguments.arn, link=arguments.links) for row in rows]
    last = ("ARN" if arguments.arn else "id", *(["page"] if arguments.links else []))
    titles = (*TITLES[:5], *(["cost"] if money else []), *TITLES[5:-1], *last)
    print_table(titles, cells, cut=CUT, drop=DROPPED, whole=arguments.arn or arguments.links)
    sums = current and money and (current.costs_by_person or not arguments.owner)
    if sums and (spent := sum_over(row.snapshot for row in rows)):
        print_line(spent)
    for line in _devices(place, [row for row in rows if not row.snapshot.terminal], now):
        print_line(line)
    return 0


def _devices(place: Installation, still_open: Sequence[ListRow], now: datetime) -> Iterator[str]:
    """A line for each device of what is open that runs nothing now, or whose queue was seen two hours ago."""
    seen = devices_of(place, place.policy.regions)
    for region, named in dict.fromkeys((each.snapshot.arn.region, each.snapshot.device) for each in still_open):
        waits = [each for each in still_open if each.snapshot.device == named and each.snapshot.arn.region == region]
        queues = ((name(each.snapshot), queue_of(seen, each.snapshot, now)) for each in waits)
        moved = [f"{called} has {queue}" for called, queue in queues if queue.endswith(")")]
        if words := [*moved, *filter(None, [state_of(seen, region, named, place.policy.time_zone, now)])]:
            yield f"{device(named).full}: {' · '.join(words)}"


def _in_force(place: Installation) -> Policy | None:
    """The settings in force; None if the credentials may not read them, because the rest of the list needs none."""
    try:
        return policy_in_force(place)
    except ClientError as error:
        if not is_denied(error):
            raise
        warn(f"no amount is shown: {sentence(error)}")
        return None


def _chosen(place: Installation, batch: str | None, ended: timedelta | None, now: datetime) -> Sequence[Snapshot]:
    if ended:
        return sorted(_ended(place, now - ended), key=lambda each: each.ended_at or now, reverse=True)
    found = [row.snapshot for row in place.snapshots.of_batch(batch)] if batch else place.open_resources()
    return sorted(found, key=lambda each: (name(each).casefold(), each.arn.text))


def _owned(place: Installation, found: Sequence[Snapshot], person: str | None) -> Sequence[Snapshot]:
    """The resources of a person, if one is asked for. Raises CommandError for a name that the settings do not have."""
    if person is None:
        return found
    names = [each.name for each in place.policy.people]
    if folded(person) not in map(folded, names):
        raise CommandError(f"{person} is not a name in [[people]]; allowed: {', '.join(names) or 'none, it is empty'}")
    owners = [owner(each, place.policy) for each in found]
    return [each for each, its in zip(found, owners, strict=True) if its and folded(its.name) == folded(person)]


def _nothing(arguments: Namespace) -> str:
    whose = f" of {arguments.owner}" if arguments.owner else ""
    if arguments.batch:
        return f"the notifier knows no batch {arguments.batch}{whose}"
    return f"nothing{whose} ended in the last {arguments.ended}" if arguments.ended else f"nothing{whose} is open"


def _ended(place: Installation, since: datetime) -> list[Snapshot]:
    """The ends since a time, from the index of ends."""
    window, regions = CreatedRange(since, None), dict.fromkeys(place.policy.regions)
    arns = [arn for region in regions for arn, _ in place.snapshots.ended(region, window, MOST_ENDED)]
    found = [row.snapshot for row in place.snapshots.rows_of(arns).values()]
    return [each for each in found if each.ended_at and each.ended_at >= since]


def _rows(place: Installation, found: Sequence[Snapshot]) -> list[ListRow]:
    """Ask Braket about the first open ones, and name in one line why others are shown as recorded.

    After a refusal a region is asked no more, because the next request would be refused too.
    """
    refused: dict[str, str] = {}
    found = [replace(each, queue_position="") for each in found]  # a recorded one is no present one

    def asked(snapshot: Snapshot) -> ListRow:
        region = snapshot.arn.region
        client = place.client("braket", region)
        if region in refused:
            return ListRow(snapshot, as_recorded=True)
        try:
            return ListRow(fetch(client, snapshot.arn))
        except CommandError:
            return ListRow(snapshot, is_known=False)
        except (ClientError, BotoCoreError) as error:
            refused[region] = sentence(error)
            return ListRow(snapshot, as_recorded=True)

    open_ones = [each for each in found if not each.terminal]
    with ThreadPoolExecutor(CONCURRENT) as threads:
        answers = list(threads.map(asked, open_ones[:MOST_ASKED]))
    rows = {each.arn: row for each, row in zip(open_ones, answers, strict=False)}
    rest = {each.arn: ListRow(each, as_recorded=not each.terminal) for each in found if each.arn not in rows}
    if silent := sum(row.as_recorded for row in (*answers, *rest.values())):
        reasons = [*dict.fromkeys(refused.values())]
        reasons += [f"Braket is asked about {MOST_ASKED} at most"] if len(open_ones) > MOST_ASKED else []
        warn(f"{silent} of {plural(len(open_ones), 'open one')} as recorded, because {'; '.join(reasons)}")
    return [(rows | rest)[each.arn] for each in found]


def _cost(snapshot: Snapshot) -> str:
    """The amount alone; a job's is that of its tasks."""
    cost = known(snapshot)
    if cost is None:
        return ""
    if snapshot.arn.kind == "task" and cost.reserved:
        return "reserved"
    return f"{'≤ ' if cost.bound == 'at most' else ''}{dollars(cost.amount)}"


def _age(snapshot: Snapshot, now: datetime) -> str:
    end = snapshot.ended_at or now
    return duration(end - snapshot.created_at) if snapshot.created_at else ""
