"""The page of the status board: its text in every situation, and no live markup of foreign texts."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braket_notifier.rendering.words.names import name
from braket_notifier.status_board.html_parts import COLOURS, escaped
from braket_notifier.status_board.report import MOST_DEVICES, MOST_JOBS, MOST_MOVES
from braket_notifier.status_board.style import STYLE
from braket_notifier.status_board.widget import View
from local.gallery.samples.answers import GARNET
from local.gallery.samples.boards import BOARDS, ago, board_of, job, task, waiting

GOLDEN = Path(__file__).parents[2] / "golden" / "boards"
ALLOWED = {"a", "b", "div", "h3", "i", "p", "rect", "small", "span", "style", "svg"}
ATTRIBUTES = {"aria-label", "class", "height", "href", "preserveaspectratio", "rel", "role", "target", "viewbox"}
ATTRIBUTES |= {"width", "x", "y"}
#: Characters that reverse or hide text; no board has them.
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
WIDE = View("light", 1200)
HOUR = timedelta(hours=1)


class BoardReader(HTMLParser):
    """Reads a board as a browser does; fails on markup that a dashboard removes and on open elements."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        assert {name for name, _ in attrs} <= ATTRIBUTES
        self.links += [str(value) for name, value in attrs if name == "href"]
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def read(board: str) -> BoardReader:
    reader = BoardReader()
    reader.feed(board)
    reader.close()
    assert reader.open == []
    assert not INVISIBLE.search(board)
    for each in reader.links:
        assert re.fullmatch(r"[a-z0-9-]+\.console\.aws\.amazon\.com", urlsplit(each).netloc), each
    return reader


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_equals_its_golden_file(name: str, golden: Callable[[Path, str], None]) -> None:
    """The golden file has no style, and a line for each element."""
    board = re.sub("<style>.*?</style>", "", BOARDS[name](WIDE)).replace("><", ">\n<")

    golden(GOLDEN / f"{name}.html", f"{board}\n")


def test_there_is_a_golden_file_for_every_board_and_no_other() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(BOARDS)


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_is_well_formed_and_links_only_into_the_console(name: str) -> None:
    read(BOARDS[name](WIDE))


ANYTHING = st.text(max_size=60) | st.sampled_from(
    ["</style><script>", "\" onload='x", "<!--", "]]>", "\u202eabc", "&lt;"]
)


@given(called=ANYTHING, model=ANYTHING, status=ANYTHING, position=ANYTHING, reason=ANYTHING)
def test_foreign_texts_are_plain_text_on_the_board(
    called: str, model: str, status: str, position: str, reason: str
) -> None:
    device = f"arn:aws:braket:eu-north-1::device/qpu/{model}/{model}"
    strange = status if re.fullmatch(r"[A-Za-z][A-Za-z0-9_ -]{0,63}", status) else "QUEUED"
    members = {"queueInfo": {"position": position}, "failureReason": reason}
    resources = [
        (task(1, strange, device, called, old=HOUR, **members), HOUR),
        (task(2, "FAILED", device, called, old=HOUR, **members), HOUR),
        (job("70b21edd", called or "x", "RUNNING", device=model, startedAt=ago(minutes=5)), HOUR),
    ]

    reader = read(board_of(resources, WIDE))

    assert len(reader.links) == 5  # the oldest task, the job, and three transitions
    shown = "".join(reader.text.split())
    assert all("".join(name(snapshot).split()) in shown for snapshot, _ in resources)


@given(st.text())
def test_an_escaped_text_has_no_markup_characters(text: str) -> None:
    assert not re.search(r"""[<>"']|&(?!amp;|lt;|gt;|quot;|#x27;)""", escaped(text))


def test_an_empty_board_explains_how_tasks_appear_on_it() -> None:
    text = read(BOARDS["empty"](WIDE)).text

    assert "Nothing is open" in text
    assert "appear here once Braket reports them" in text


def test_each_end_has_the_mark_of_its_card() -> None:
    text = read(BOARDS["ended"](WIDE)).text

    for mark, words in (
        ("✅", "ghz-12 done"),
        ("❌", "rydberg-scan-7 FAILED"),
        ("🟠", "rb-sweep partly failed"),
        ("⏹", "qaoa-r4 cancelled"),
    ):
        assert f"{mark} {words}" in text


def test_stuck_rows_are_highlighted_and_a_calm_board_names_none() -> None:
    stuck, calm = BOARDS["stuck"](WIDE), BOARDS["busy"](WIDE)

    assert 'bn-bad">3 not passed on' in stuck
    assert 'bn-bad">3 undelivered' in stuck
    assert "nothing is stuck" not in stuck
    assert "nothing is stuck" in calm


def test_a_job_s_run_time_stands_beside_its_maximum() -> None:
    text = read(BOARDS["busy"](WIDE)).text

    assert "ran 1 h 12 min of max 5 h" in text
    assert "33 ok of 40 submitted so far · 1 partial · 2 failed" in text
    assert "queued, waited 25 min · had 3 ahead" in text


@pytest.mark.parametrize(
    ("status", "ran_for", "colour", "words"),
    [
        ("RUNNING", timedelta(hours=3, minutes=59), "running", "ran 3 h 59 min of max 5 h"),
        ("RUNNING", timedelta(hours=4), "near", "⏱ stops at 14:00, ran 4 h of max 5 h"),
        ("CANCELLING", timedelta(minutes=30), "cancelling", "ran 30 min of max 5 h"),
        ("CANCELLING", timedelta(hours=4, minutes=30), "cancelling", "ran 4 h 30 min of max 5 h"),
    ],
)
def test_only_a_running_job_near_its_limit_has_the_colour_of_the_limit(
    status: str, ran_for: timedelta, colour: str, words: str
) -> None:
    vqe = job("70b21eda", "vqe-h2-17", status, startedAt=ago(minutes=ran_for.total_seconds() / 60))

    board = board_of([(vqe, ran_for)], WIDE)

    assert re.findall(r'<rect class="bn-([a-z]+)"', board) == [colour]
    assert f"<small>{words}</small>" in board


def test_every_colour_of_a_bar_is_in_the_style_of_both_themes() -> None:
    for colour in {*COLOURS.values(), "other"}:
        assert f".bn-{colour}{{" in STYLE
        assert STYLE.count(f"--{colour}:#") == 3  # light, dark, and dark where the viewer's system is


def test_a_queue_position_older_than_an_event_is_not_shown() -> None:
    queue = {"queueInfo": {"position": "12"}}
    fresh = task(1, "QUEUED", GARNET, "ghz", old=HOUR, **queue)

    assert "had 12 ahead" in board_of([(fresh, HOUR)], WIDE)
    assert "ahead" not in board_of([(replace(fresh, degraded=True), HOUR)], WIDE)


def test_the_page_stays_short_with_many_open_resources() -> None:
    devices = [GARNET.replace("Garnet", f"Garnet-{number}") for number in range(60)]
    resources = [
        each for number, place in enumerate(devices) for each in waiting(range(number * 50, number * 50 + 50), place)
    ]
    resources += [(job(f"{number:08x}", f"vqe-{number}", "QUEUED", startedAt=None), HOUR) for number in range(50)]

    board = board_of(resources, WIDE)

    assert "3,050" in board
    assert f"and {60 - MOST_DEVICES} devices more" in board
    assert f"and {50 - MOST_JOBS} hybrid jobs more" in board
    assert board.count('class="bn-mark"') == MOST_MOVES
    assert len(board) < 40_000  # Lambda allows six million


@pytest.mark.parametrize(
    ("view", "classes"),
    [
        (View("light", 1200), "bn-board bn-light"),
        (View("dark", 600), "bn-board bn-dark bn-narrow"),
        (View(), "bn-board bn-auto"),
    ],
)
def test_a_board_has_the_theme_and_width_of_the_dashboard(view: View, classes: str) -> None:
    assert f'<div class="{classes}">' in BOARDS["busy"](view)
