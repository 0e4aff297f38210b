"""The inbox's page, its JSON view and its live stream."""

import http.client
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient

from local.inbox.inbox import Inbox, Workspace
from tests import canary

TEAM = "C0123456789"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> <javascript:alert(3)|x>"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox(Workspace(people={"U01": "Anna"})) as inbox:
        yield inbox


@pytest.fixture
def connection(inbox: Inbox) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(inbox.url).netloc, timeout=60)
    yield connection
    connection.close()


def post(inbox: Inbox, text: str, **more: Any) -> str:
    slack = WebClient(token=canary.TOKEN, base_url=f"{inbox.url}/api/", retry_handlers=[])
    return str(slack.chat_postMessage(channel=TEAM, text=text, **more)["ts"])


def mail(connection: http.client.HTTPConnection, body: str) -> None:
    connection.request("POST", "/sns", body.encode())
    connection.getresponse().read()


def get(connection: http.client.HTTPConnection, path: str) -> tuple[http.client.HTTPResponse, str]:
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer, answer.read().decode()


def test_scripts_read_everything_as_json(inbox: Inbox, connection: http.client.HTTPConnection) -> None:
    post(inbox, "<@U01>: *done*")
    mail(connection, "see https://example.org/x.")

    view = json.loads(get(connection, "/messages")[1])

    [shown], [letter] = view["posts"], view["mails"]
    assert (shown["channel"], shown["text"], shown["push"]) == (TEAM, "<@U01>: *done*", "@Anna: done")
    assert shown["html"] == '<div><span class="mention">@Anna</span>: <b>done</b></div>'
    assert letter["body"] == "see https://example.org/x."
    assert '<a href="https://example.org/x"' in letter["html"]


def test_the_page_shows_everything_from_the_start(inbox: Inbox, connection: http.client.HTTPConnection) -> None:
    post(inbox, "ghz-12 done")

    answer, page = get(connection, "/")

    assert answer.headers["Content-Type"].startswith("text/html")
    assert "ghz-12 done" in page
    assert "{{" not in page


def test_the_page_needs_nothing_from_elsewhere(connection: http.client.HTTPConnection) -> None:
    _, page = get(connection, "/")

    assert re.findall(r"""(?:src|href)=["']|@import|url\(""", page) == []
    assert set(re.findall(r"https?://[^\s\"'`]+", page)) <= {"http://www.w3.org/2000/svg"}


def test_the_page_is_told_what_the_settings_do_not_have() -> None:
    """Its script leaves out the pane without a channel and the link without a board."""
    for channels, board in (((), None), (Workspace().channels, str)):
        with Inbox(Workspace(channels=channels)) as inbox:
            inbox.board = board
            connection = http.client.HTTPConnection(urlsplit(inbox.url).netloc, timeout=60)
            [told] = re.findall(r'id="everything">(.+?)</script>', get(connection, "/")[1])
            connection.close()

        assert (len(json.loads(told)["channels"]), json.loads(told)["board"]) == (len(channels), board is not None)


def test_hostile_messages_bring_no_markup_into_the_page(inbox: Inbox, connection: http.client.HTTPConnection) -> None:
    post(inbox, HOSTILE, blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": HOSTILE}}])
    mail(connection, HOSTILE + ' https://example.org/"onclick="alert(4)')

    answer, page = get(connection, "/")
    view = json.loads(get(connection, "/messages")[1])

    assert page.count("<script") == 2  # the page's data and its script
    assert "<img" not in page
    assert "'nonce-" in answer.headers["Content-Security-Policy"]
    for shown in (view["posts"][0]["html"], view["mails"][0]["html"]):
        assert re.findall(r"<(?!/?(?:div|a)\b)", shown) == []
        assert 'href="javascript' not in shown
        assert 'onclick="' not in shown


def test_each_page_has_a_nonce_of_its_own(connection: http.client.HTTPConnection) -> None:
    policies = {get(connection, "/")[0].headers["Content-Security-Policy"] for _ in range(2)}

    assert len(policies) == 2


def test_an_open_page_receives_each_change(inbox: Inbox, connection: http.client.HTTPConnection) -> None:
    before = post(inbox, "before")
    seen = json.loads(get(connection, "/messages")[1])["seen"]
    connection.request("GET", f"/events?seen={seen}")
    stream = connection.getresponse()

    post(inbox, "after")
    assert [next_event(stream)["text"]] == ["after"]

    WebClient(token=canary.TOKEN, base_url=f"{inbox.url}/api/").chat_update(channel=TEAM, ts=before, text="edited")
    edited = next_event(stream)
    assert (edited["text"], edited["edits"], edited["ts"]) == ("edited", 1, before)
    stream.close()


def test_a_page_that_lost_the_connection_goes_on_where_it_was(
    inbox: Inbox, connection: http.client.HTTPConnection
) -> None:
    for text in ("one", "two", "three"):
        post(inbox, text)

    connection.request("GET", "/events?seen=0", headers={"Last-Event-ID": "2"})
    stream = connection.getresponse()

    assert next_event(stream)["text"] == "three"
    stream.close()


def test_a_connection_is_kept_for_the_next_request(connection: http.client.HTTPConnection) -> None:
    get(connection, "/messages")
    first = connection.sock

    assert first is not None
    assert get(connection, "/nowhere")[0].status == 404
    assert connection.sock is first


def test_an_inbox_ends_while_pages_are_open() -> None:
    with Inbox() as inbox:
        watching = http.client.HTTPConnection(urlsplit(inbox.url).netloc)
        watching.request("GET", "/events")
        stream = watching.getresponse()

    assert stream.read() == b"retry: 1000\n\n"
    watching.close()


def next_event(stream: http.client.HTTPResponse) -> dict[str, Any]:
    while not (line := stream.readline()).startswith(b"data: "):
        assert line, "the stream ended"
    view: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
    return view
