"""`list`: shows open quantum tasks and hybrid jobs, or those of one batch, with their queue positions."""

from argparse import Namespace
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from braket_notifier.braket.devices import device
from braket_notifier.cli.arguments import Commands, command, installation_by_name, name_option
from braket_notifier.cli.braket import KINDS, BraketAnswer, fetch
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import console, print_json, print_line, table
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.rendering.words import links
from braket_notifier.rendering.words.names import name
from braket_notifier.text.wording import duration

#: Requests to Braket at once.
CONCURRENT = 8
MORE = """examples:
  braket-notifier list                      open quantum tasks and hybrid jobs of every watched region
  braket-notifier list --batch ghz-scan     everything with the tag batch=ghz-scan, ended or not

"ahead" is the queue position that Braket gives, which is approximate."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A quantum task or hybrid job; without an answer if Braket does not know it."""

    arn: Arn
    answer: BraketAnswer | None

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

    def cells(self, now: datetime) -> tuple[str, ...]:
        if self.answer is None:
            return "unknown to Braket", self.arn.short_id, KINDS[self.arn.kind], "", "", "", self.arn.text
        it = self.answer.snapshot
        return (
            it.status,
            name(it),
            KINDS[self.arn.kind],
            device(it.device).short,
            _age(it, now),
            self.ahead,
            it.arn.text,
        )

    @property
    def ahead(self) -> str:
        return self.answer.position if self.answer else ""


def add(commands: Commands) -> None:
    parser = command(commands, "list", run, "list open quantum tasks and hybrid jobs, or a batch", more=MORE, json=True)
    name_option(parser)
    parser.add_argument("--batch", metavar="NAME", help="everything with the tag batch=NAME")


def run(arguments: Namespace) -> int:
    place = installation_by_name(arguments)
    lines = list(_of_batch(place, arguments.batch) if arguments.batch else _open(place))
    if arguments.json:
        print_json([line.document() for line in lines])
        return 0
    if not lines:
        print_line(f"the notifier knows no batch {arguments.batch}" if arguments.batch else "nothing is open")
        return 0
    titles = ("status", "name", "kind", "device", "age", "ahead", "ARN")
    shown = table(titles, (line.cells(datetime.now(UTC)) for line in lines))
    console().print(shown)
    return 0


def _open(place: Installation) -> Iterable[ListRow]:
    """The notifier's open rows, with Braket's present answers."""
    rows = [row.arn for region in dict.fromkeys(place.policy.regions) for row in place.snapshots.open(region)]
    return _fetch_all(place, rows)


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
