"""`list` shows open quantum tasks and hybrid jobs, what ended lately, or a batch."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.dynamodb.watched import DynamoWatchedRows
from braket_notifier.braket.availability import Availability, Window
from braket_notifier.cli import show
from braket_notifier.cli.commands import list as list_command
from braket_notifier.cli.commands.list import CUT, DROPPED
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.resource import parse_arn
from braket_notifier.watching.watched import Seen, Watched
from local.braket.emulator import Braket, Script
from tests.cli.conftest import HOME, Recorded
from tests.conftest import GARNET, task_arn
from tests.odd_server import OddServer, odd_server

Submit = Callable[..., str]


@pytest.fixture
def odd_braket(monkeypatch: pytest.MonkeyPatch) -> Iterator[OddServer]:
    """Braket that throttles every request."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with odd_server() as server:
        server.status, server.headers = 429, {"x-amzn-ErrorType": "ThrottlingException"}
        server.body = b'{"message": "Rate exceeded"}'
        monkeypatch.setenv("AWS_ENDPOINT_URL_BRAKET", server.url)
        yield server


def test_list_shows_open_resources_as_braket_has_them_now(
    run: Any, recorded: Recorded, submit: Submit, braket: Braket, a_task: Any
) -> None:
    arn = submit("ghz-12")
    recorded(a_task("CREATED", arn=parse_arn(arn)))
    recorded(a_task("COMPLETED", number=2))
    braket.clock.push(0.2)

    done = run("list")
    [line] = json.loads(run("list", "--json").out)

    assert done.out.splitlines()[1].split()[:3] == ["QUEUED", "ghz-12", "task"]
    assert (line["arn"], line["status"], line["queue_position"]) == (arn, "QUEUED", "0")


def test_a_question_that_is_refused_leaves_its_row_as_recorded(
    run: Any, recorded: Recorded, a_task: Any, odd_braket: OddServer
) -> None:
    for number in (1, 2, 3):
        recorded(a_task("RUNNING", number=number, tags={"Name": f"ghz-{number}"}))

    done = run("list")
    found = json.loads(run("list", "--json").out)

    rows = [line.split()[:2] for line in done.out.splitlines()[1:]]
    assert (done.code, rows) == (0, [["RUNNING", "ghz-1"], ["RUNNING", "ghz-2"], ["RUNNING", "ghz-3"]])
    why = "AWS asks for fewer requests (ThrottlingException from GetQuantumTask): try again in a minute"
    assert done.err == f"3 of 3 open ones as recorded, because {why}\n"  # one line, however many
    assert [(each["status"], each["as_recorded"]) for each in found] == [("RUNNING", True)] * 3
    assert odd_braket.taken


def test_braket_gets_a_bounded_number_of_questions(
    run: Any, recorded: Recorded, braket: Braket, submit: Submit, a_task: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_command, "MOST_ASKED", 2)
    for each in ("a", "b", "c", "d"):
        recorded(a_task("CREATED", arn=parse_arn(submit(each)), tags={"Name": each}))
    braket.clock.push(0.2)

    done = run("list")

    assert [line.split()[:2] for line in done.out.splitlines()[1:]] == [
        ["QUEUED", "a"],
        ["QUEUED", "b"],
        ["CREATED", "c"],
        ["CREATED", "d"],
    ]
    assert done.err == "2 of 4 open ones as recorded, because Braket is asked about 2 at most\n"
    assert braket.calls["GetQuantumTask"] == 2


def test_braket_is_asked_about_one_persons_resources_only(
    run: Any, settings: Path, recorded: Recorded, braket: Braket, submit: Submit, a_task: Any
) -> None:
    settings.write_text(f'{settings.read_text()}\n[[people]]\nname = "Anna"\nowns = ["tag:owner=anna"]\n')
    for person in ("anna", "ben"):
        recorded(a_task("CREATED", arn=parse_arn(submit(person)), tags={"owner": person}))

    run("list", "--owner", "Anna")

    assert braket.calls["GetQuantumTask"] == 1


def test_list_names_what_braket_does_not_know(run: Any, recorded: Recorded, braket: Braket, a_task: Any) -> None:
    recorded(a_task("QUEUED", tags={"Name": "ghz-12"}))

    done = run("list")

    assert (done.out.splitlines()[1].split()[:2], done.err) == (["unknown", "ghz-12"], "")
    assert braket.calls["GetQuantumTask"] == 1


def test_list_shows_a_whole_batch(run: Any, recorded: Recorded, braket: Braket, a_task: Any) -> None:
    for number, status in ((1, "COMPLETED"), (2, "FAILED"), (3, "QUEUED")):
        recorded(a_task(status, number=number, tags={"batch": "ghz-scan"}))
    recorded(a_task(number=4))

    found = json.loads(run("list", "--batch", "ghz-scan", "--json").out)

    assert sorted(str(each["status"]) for each in found) == ["COMPLETED", "FAILED", "None"]
    assert braket.calls["GetQuantumTask"] == 1  # none for the ended ones
    assert all(each["link"].startswith("https://eu-north-1.console.aws.amazon.com/braket/") for each in found)


def test_list_shows_what_ended_lately_the_newest_first(run: Any, recorded: Recorded, a_task: Any) -> None:
    now = datetime.now(UTC)
    for number, hours in ((1, 3), (2, 1.5), (3, 0.5)):
        ended = now - timedelta(hours=hours)
        recorded(a_task(number=number, ended_at=ended, tags={"Name": f"ended {hours} h ago"}))

    found = json.loads(run("list", "--ended", "2h", "--json").out)

    assert [each["name"] for each in found] == ["ended 0.5 h ago", "ended 1.5 h ago"]


def test_list_sums_the_costs_of_one_person_only_with_the_setting(
    run: Any, settings: Path, recorded: Recorded, a_task: Any
) -> None:
    people = '[[people]]\nname = "Anna"\nowns = ["tag:owner=anna"]\n'
    settings.write_text(f"{settings.read_text()}\n{people}")
    for number in (1, 2):
        cost = Cost(Decimal("1.75"))
        recorded(a_task(number=number, tags={"owner": "anna", "batch": "ghz-scan"}, cost=cost))

    [alone, batch] = (run("list", "--batch", "ghz-scan", *of).out for of in (["--owner", "Anna"], []))
    settings.write_text(f"{settings.read_text()}\n[costs]\nby_person = true\n")
    allowed = run("list", "--batch", "ghz-scan", "--owner", "Anna").out

    assert ["$3.50 for" in each for each in (alone, batch, allowed)] == [False, True, True]
    assert alone.count("$1.75") == 2


def test_list_shows_one_persons_resources(run: Any, settings: Path, recorded: Recorded, a_task: Any) -> None:
    settings.write_text(f'{settings.read_text()}\n[[people]]\nname = "Anna"\nowns = ["tag:owner=anna"]\n')
    for number, person in ((1, "anna"), (2, "ben")):
        recorded(a_task(number=number, tags={"owner": person, "batch": "ghz-scan", "Name": person}))

    found = json.loads(run("list", "--batch", "ghz-scan", "--owner", "anna", "--json").out)
    refused = run("list", "--owner", "Carl")

    assert [each["name"] for each in found] == ["anna"]
    assert (refused.code, refused.err) == (2, "braket-notifier: Carl is not a name in [[people]]; allowed: Anna\n")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], StringIO]:
    """The output for a terminal of that width, with its control characters."""

    def of(width: int) -> StringIO:
        seen = StringIO()
        monkeypatch.setattr(show, "console", lambda: Console(file=seen, width=width, force_terminal=True))
        return seen

    return of


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("title", ["a name of an experiment " * 5, "量子もつれ" * 20], ids=["latin", "wide"])
def test_a_narrow_terminal_gets_a_line_for_each_row(
    run: Any, recorded: Recorded, a_task: Any, terminal: Callable[[int], StringIO], width: int, title: str
) -> None:
    """The longest cells: a status of Braket's, a device, a time of two units."""
    now, rigetti = datetime.now(UTC), "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q"
    begun = now - timedelta(hours=23, minutes=41)
    for number in (1, 2):
        changes = {"created_at": begun, "ended_at": now, "device": rigetti, "tags": {"Name": title}}
        recorded(a_task("CANCELLED", number=number, **changes))
    seen = terminal(width)
    run("list", "--ended", "2h")

    lines = Console(width=width).render_str(seen.getvalue()).plain.splitlines()
    shown = [_without_controls(line) for line in lines]
    assert len(shown) == 3
    assert all(cell_len(line.rstrip()) <= width for line in shown)
    assert "…" in shown[1]
    assert shown[1].split()[0] == "CANCELLED"
    assert shown[1].rstrip().endswith(parse_arn(task_arn(1)).short_id)
    assert "]8;" in lines[1]  # a hyperlink


WIDTHS = {"status": 9, "name": 40, "kind": 4, "device": 14, "took": 11, "ahead": 5, "id": 8}


@pytest.mark.parametrize(
    ("room", "columns"),
    [
        (103, {}),  # nothing gives way
        (80, {"name": 17}),
        (69, {"name": 12, "device": 8}),
        (68, {"name": 12, "kind": None, "device": 13}),  # without a column, others have room again
        (62, {"name": 21, "kind": None, "device": None}),
        (52, {"name": 18, "kind": None, "device": None, "ahead": None}),
        (45, {"name": 24, "kind": None, "device": None, "ahead": None, "took": None}),
        (20, {"name": 12, "kind": None, "device": None, "ahead": None, "took": None}),  # the least that is shown
    ],
)
def test_a_narrow_terminal_cuts_names_before_it_loses_columns(room: int, columns: dict[str, int | None]) -> None:
    found = show.fitting(WIDTHS, room, CUT, DROPPED)

    assert found == {title: width for title, width in (WIDTHS | columns).items() if width}
    assert sum(found.values()) + 2 * (len(found) - 1) <= max(room, 33)


def _without_controls(line: str) -> str:
    return Text.from_ansi(line).plain


def test_a_pipe_gets_whole_names_and_links(run: Any, recorded: Recorded, a_task: Any) -> None:
    long = ("a name of an experiment " * 5)[:60]
    recorded(a_task(ended_at=datetime.now(UTC), tags={"Name": long}))

    [_, line] = run("list", "--ended", "2h", "--arn", "--links").out.splitlines()

    assert long.strip() in line
    assert " arn:aws:braket:eu-north-1:" in line
    assert " https://eu-north-1.console.aws.amazon.com/braket/home?" in line


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ([], "nothing is open"),
        (["--batch", "x"], "the notifier knows no batch x"),
        (["--ended", "3d"], "nothing ended in the last 3d"),
    ],
)
@pytest.mark.usefixtures("stack")
def test_list_prints_a_sentence_for_an_empty_list(run: Any, words: list[str], printed: str) -> None:
    assert run("list", *words).out == f"{printed}\n"


def test_a_line_names_a_device_that_is_out_and_one_whose_queue_opens_later(
    run: Any, recorded: Recorded, submit: Submit, a_task: Any
) -> None:
    recorded(a_task("CREATED", arn=parse_arn(submit("ghz-12"))))
    out = Seen(Availability("OFFLINE"), datetime.now(UTC) - timedelta(hours=2))
    DynamoWatchedRows(Table(boto3.client("dynamodb", HOME), "snapshots")).save_watched(
        "eu-north-1", Watched({GARNET: out, "unused": out})
    )

    done = run("list")

    assert done.out.splitlines()[-1].startswith("IQM Garnet: OFFLINE since ")
    assert "unused" not in done.out


def test_a_line_says_how_the_queue_of_a_device_moved(
    run: Any, recorded: Recorded, submit: Submit, a_task: Any, scripts: dict[str, Script]
) -> None:
    scripts["ghz-12"] = Script(queue_ahead=14)
    arn, now = submit("ghz-12"), datetime.now(UTC)
    recorded(a_task("QUEUED", arn=parse_arn(arn)))
    later = now + timedelta(hours=1)
    window = Window("Everyday", later.time().replace(microsecond=0), (later + timedelta(hours=1)).time())
    seen = Seen(Availability("ONLINE", (window,)), now, queue={arn: ((now - timedelta(hours=2), "30"),)})
    DynamoWatchedRows(Table(boto3.client("dynamodb", HOME), "snapshots")).save_watched(
        "eu-north-1", Watched({GARNET: seen})
    )

    last = run("list").out.splitlines()[-1]

    assert last.startswith("IQM Garnet: ghz-12 has 14 tasks ahead (30 two hours ago) · queue opens ")


def test_list_shows_what_ended_tasks_cost_and_their_sum(
    run: Any, settings: Path, recorded: Recorded, a_task: Any, a_job: Any
) -> None:
    now = datetime.now(UTC)
    for number, cost in enumerate((Cost(Decimal("3.20")), Cost(Decimal("1.75"), "at most"), None)):
        recorded(a_task("COMPLETED", number, ended_at=now, tags={"Name": f"ghz-{number}"}, cost=cost))
    recorded(a_task("COMPLETED", 4, ended_at=now, tags={"Name": "ghz-4"}, cost=Cost(Decimal(0), reserved=1)))
    recorded(a_job("COMPLETED", ended_at=now, cost=Cost(Decimal("6.40"))))

    done = run("list", "--ended", "2h")
    documents = json.loads(run("list", "--ended", "2h", "--json").out)

    left_out = "reservations, instances, simulators, notebooks; 1 of unknown price"
    assert done.out.splitlines()[-1] == f"at most $11.35 for on-demand QPU tasks (not {left_out})"
    assert all(each in done.out for each in ("cost", "$3.20", "≤ $1.75", "reserved", "$6.40"))
    amounts = [each["cost"]["amount"] for each in documents if "cost" in each]
    assert sorted(amounts) == ["0", "1.75", "3.20", "6.40"]
    settings.write_text(f"{settings.read_text()}\n[costs]\nmoney = false\n")
    assert "$" not in run("list", "--ended", "2h").out
    assert "cost" not in run("list", "--ended", "2h", "--json").out
