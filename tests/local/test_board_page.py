"""The status board's page, and the same page in a real browser."""

import http.client
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from braket_notifier.status_board.widget import View
from local.gallery.samples.boards import BOARDS
from local.gallery.screenshot import find_chromium
from local.inbox.inbox import Inbox

CHROMIUM = find_chromium()
WITHOUT = "no Chromium on this machine: Debian's package `chromium`, or CHROMIUM names another"


def get(inbox: Inbox, path: str) -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection(urlsplit(inbox.url).netloc, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def show(inbox: Inbox, name: str) -> None:
    inbox.board = lambda theme: BOARDS[name](View(theme))


def test_each_page_links_to_the_other(inbox: Inbox) -> None:
    show(inbox, "busy")

    assert "href=/board" in get(inbox, "/")[1]
    assert "<a href=/>" in get(inbox, "/board")[1]
    assert "49 quantum tasks, 3 hybrid jobs" in get(inbox, "/board")[1]


@pytest.mark.parametrize(
    ("query", "theme", "wanted"),
    [("", "auto", ""), ("?theme=dark", "dark", "dark"), ('?theme="><script>', "auto", "")],
)
def test_the_page_has_the_theme_of_its_board_and_lets_no_script_run(
    inbox: Inbox, query: str, theme: str, wanted: str
) -> None:
    seen: list[str] = []

    def draw(asked: str) -> str:
        seen.append(asked)
        return ""

    inbox.board = draw

    answer, page = get(inbox, f"/board{query}")

    assert f'<body class="{theme}">' in page
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert "<script" not in page
    assert seen == [wanted]


def test_without_a_notifier_there_is_no_board(inbox: Inbox) -> None:
    answer, page = get(inbox, "/board")

    assert (answer.status, page) == (404, "No notifier is deployed here, so there is nothing to show.")


@pytest.fixture
def browsed(inbox: Inbox, tmp_path: Path) -> Callable[[str], str]:
    """The page's HTML after a headless Chromium has loaded it."""

    def browse(path: str) -> str:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        flags += ["--disable-background-networking", "--disable-sync", f"--user-data-dir={tmp_path}", "--timeout=2000"]
        command = [str(CHROMIUM), *flags, "--dump-dom", f"{inbox.url}{path}"]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout  # noqa: S603 - our own words

    return browse


@pytest.mark.skipif(CHROMIUM is None, reason=WITHOUT)
def test_a_browser_shows_the_board_and_takes_no_text_for_markup(inbox: Inbox, browsed: Callable[[str], str]) -> None:
    """Chromium decides what is markup."""
    show(inbox, "hostile")
    page = browsed("/board")

    tags = set(re.findall(r"<([a-z0-9]+)", page))
    assert "svg" in tags
    assert not tags & {"script", "img", "iframe", "use", "object", "foreignobject"}
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("<style>") == 2  # the page's and the board's
