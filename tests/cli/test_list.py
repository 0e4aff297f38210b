"""`list` shows open quantum tasks and hybrid jobs, what ended lately, or a batch."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from braket_notifier.cli import show
from braket_notifier.domain.resource import parse_arn
from local.braket.emulator import Braket
from tests.cli.conftest import Recorded

Submit = Callable[..., str]


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


@pytest.mark.parametrize("width", [60, 80])
def test_a_narrow_terminal_gets_a_line_for_each_row(
    run: Any, recorded: Recorded, a_task: Any, terminal: Callable[[int], StringIO], width: int
) -> None:
    now = datetime.now(UTC)
    for number in (1, 2):
        recorded(a_task(number=number, ended_at=now, tags={"Name": "a name of an experiment " * 5}))
    seen = terminal(width)
    run("list", "--ended", "2h")

    lines = Console(width=width).render_str(seen.getvalue()).plain.splitlines()
    shown = [_without_controls(line) for line in lines]
    assert len(shown) == 3
    assert all(len(line.rstrip()) <= width for line in shown)
    assert "…" in shown[1]
    assert shown[1].split()[0] == "COMPLETED"
    assert "]8;" in lines[1]  # a hyperlink


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
