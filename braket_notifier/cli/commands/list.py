"""`list`: shows open quantum tasks and hybrid jobs, what ended lately, or a whole batch."""

from argparse import Namespace
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rich.text import Text

from braket_notifier.braket.devices import device
from braket_notifier.cli.arguments import Commands, command, installation_by_name, name_option, span
from braket_notifier.cli.braket import KINDS, BraketAnswer, fetch
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import print_json, print_line, print_table
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.rendering.words import links
from braket_notifier.rendering.words.names import name
from braket_notifier.routing.owners import owner
from braket_notifier.text.wording import duration
from braket_notifier.tracking.ports import CreatedRange

#: Requests to Braket at once, and ends that are read from the index of a region.
CONCURRENT, MOST_ENDED = 8, 1000
TITLES = ("status", "name", "kind", "device", "took", "ahead", "id")
MORE = """examples:
  braket-notifier list                      open quantum tasks and hybrid jobs of every watched region, by name
  braket-notifier list --ended 2h           what ended in the last two hours, the newest first
  braket-notifier list --batch ghz-scan     everything with the tag batch=ghz-scan, ended or not, by name
  braket-notifier list --owner Anna --links Anna's open ones, with the pages of the console

"took" is the time since submission, up to the end; "ahead" is Braket's approximate queue position. In a terminal an
id leads to its page. Without a terminal, no cell is cut."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A quantum task or hybrid job; without an answer if Braket does not know it."""

    arn: Arn
    answer: BraketAnswer | None

    @property
    def snapshot(self) -> Snapshot:
        return self.answer.snapshot if self.answer else Snapshot(self.arn, "unknown to Braket")

    def document(self) -> dict[str, object]:
        snapshot = self.answer.snapshot if self.answer else None
        return {
            "arn": self.arn.text,
            "kind": KINDS[self.arn.kind],
            "name": name(snapshot) if snapshot else None,
            "status": snapshot.status if snapshot else None,
            "device": snapshot.device if snapshot else None,
            "created_at": snapshot.created_at.isoformat() if snapshot and snapshot.created_at else None,
            "ended_at": snapshot.ended_at.isoformat() if snapshot and snapshot.ended_at else None,
            "queue_position": (self.answer.position or None) if self.answer else None,
            "link": links.resource(self.arn),
        }

    def cells(self, now: datetime, *, arn: bool, link: bool) -> tuple[str | Text, ...]:
        it, page = self.snapshot, links.resource(self.arn)
        ahead = self.answer.position if self.answer else ""
        shown = device(it.device).short if it.device else ""
        named = Text(self.arn.text if arn else self.arn.short_id, style=f"link {page}")
        cells = (it.status, name(it), self.arn.kind, shown, _age(it, now), ahead, named)
        return (*cells, page) if link else cells


def add(commands: Commands) -> None:
    summary = "list open quantum tasks and hybrid jobs, lately ended ones, or a batch"
    parser = command(commands, "list", run, summary, more=MORE, json=True)
    name_option(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--batch", metavar="NAME", help="everything with the tag batch=NAME")
    which.add_argument("--ended", metavar="SPAN", help="what ended within this time, like 30m, 2h, 3d")
    parser.add_argument("--owner", metavar="NAME", help="only those of this person of the settings")
    parser.add_argument("--arn", action="store_true", help="whole ARNs instead of short ids")
    parser.add_argument("--links", action="store_true", help="the address of each page in the console")


def run(arguments: Namespace) -> int:
    now = datetime.now(UTC)
    ended = span(arguments.ended) if arguments.ended is not None else None
    if arguments.batch == "":
        raise CommandError("--batch has no name: `braket-notifier list` lists everything that is open")
    place = installation_by_name(arguments)
    rows = _of(place, _chosen(place, arguments.batch, ended, now), arguments.owner)
    if arguments.json:
        print_json([row.document() for row in rows])
        return 0
    if not rows:
        print_line(_nothing(arguments))
        return 0
    cells = [row.cells(now, arn=arguments.arn, link=arguments.links) for row in rows]
    titles = (*TITLES[:-1], "ARN" if arguments.arn else "id", *(["page"] if arguments.links else []))
    print_table(titles, cells, cut=("name", "device"), whole=arguments.arn or arguments.links)
    return 0


def _chosen(place: Installation, batch: str | None, ended: timedelta | None, now: datetime) -> Sequence[ListRow]:
    if ended:
        return sorted(_ended(place, now - ended), key=lambda row: row.snapshot.ended_at or now, reverse=True)
    rows = _of_batch(place, batch) if batch else _open(place)
    return sorted(rows, key=lambda row: (name(row.snapshot).casefold(), row.arn.text))


def _of(place: Installation, rows: Sequence[ListRow], person: str | None) -> Sequence[ListRow]:
    """The rows of a person. Raises CommandError for a name that the settings do not have."""
    if person is None:
        return rows
    names = [each.name for each in place.policy.people]
    if person.casefold() not in [each.casefold() for each in names]:
        raise CommandError(f"{person} is not a name in [[people]]; allowed: {', '.join(names) or 'none, it is empty'}")
    owners = [owner(row.snapshot, place.policy) for row in rows]
    return [row for row, its in zip(rows, owners, strict=True) if its and its.name.casefold() == person.casefold()]


def _nothing(arguments: Namespace) -> str:
    whose = f" of {arguments.owner}" if arguments.owner else ""
    if arguments.batch:
        return f"the notifier knows no batch {arguments.batch}{whose}"
    return f"nothing{whose} ended in the last {arguments.ended}" if arguments.ended else f"nothing{whose} is open"


def _open(place: Installation) -> Iterable[ListRow]:
    """The notifier's open rows, with Braket's present answers."""
    rows = [row.arn for region in dict.fromkeys(place.policy.regions) for row in place.snapshots.open(region)]
    return _fetch_all(place, rows)


def _ended(place: Installation, since: datetime) -> Iterable[ListRow]:
    """The ends since a time: from the board's index where there is one, otherwise from the whole table."""
    if place.policy.lists_ends:
        window = CreatedRange(since, None)
        regions = dict.fromkeys(place.policy.regions)
        arns = [arn for region in regions for arn, _ in place.snapshots.ended(region, window, MOST_ENDED)]
        rows = [*place.snapshots.rows_of(arns).values()]
    else:
        rows = [*place.snapshots.changed_since(since)]
    found = [row.snapshot for row in rows]
    return [ListRow(each.arn, BraketAnswer(each)) for each in found if each.ended_at and each.ended_at >= since]


def _of_batch(place: Installation, batch: str) -> Iterable[ListRow]:
    """The rows of a batch; only those that are not ended take a request to Braket."""
    rows = [row.snapshot for row in place.snapshots.of_batch(batch)]
    ended = [ListRow(each.arn, BraketAnswer(each)) for each in rows if each.terminal]
    return [*_fetch_all(place, [each.arn for each in rows if not each.terminal]), *ended]


def _fetch_all(place: Installation, arns: list[Arn]) -> list[ListRow]:
    with ThreadPoolExecutor(CONCURRENT) as threads:
        return list(threads.map(lambda arn: _fetch(place, arn), arns))


def _fetch(place: Installation, arn: Arn) -> ListRow:
    try:
        return ListRow(arn, fetch(place.client("braket", arn.region), arn))
    except CommandError:
        return ListRow(arn, None)


def _age(snapshot: Snapshot, now: datetime) -> str:
    end = snapshot.ended_at or now
    return duration(end - snapshot.created_at) if snapshot.created_at else ""
