"""The fetch of AWS's price list: what it accepts, and what leaves the last good prices."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from threading import Thread

import pytest

from braket_notifier.adapters.https.price_list import HOST, LARGEST, PATH, AwsPriceList, price_list_url
from braket_notifier.costs.prices import parse_prices
from braket_notifier.errors import UnusablePricesError
from local.braket.prices import price_list
from local.braket.serving import Response, serving
from tests.local.braket_world import braket_world
from tests.odd_server import OddServer

TODAY = date(2026, 11, 20)


def fetched(url: str, longest_s: float = 60) -> object:
    return AwsPriceList(lambda: TODAY, url + PATH, longest_s).fetch()


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, f"{HOST}{PATH}"),
        ({"AWS_ENDPOINT_URL_PRICING": "http://127.0.0.1:1"}, f"http://127.0.0.1:1{PATH}"),
        # AWS's prices are not those of an emulator
        ({"AWS_ENDPOINT_URL_BRAKET": "http://127.0.0.1:1"}, ""),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, ""),
    ],
)
def test_the_list_is_aws_own_where_braket_is(environment: dict[str, str], url: str) -> None:
    assert price_list_url(environment) == url
    assert HOST == "https://pricing.us-east-1.amazonaws.com"


def test_the_list_is_read_as_it_is_published() -> None:
    with braket_world() as it:
        assert fetched(it.braket.url) == parse_prices(price_list().splitlines(keepends=True), TODAY)


def test_the_list_may_come_in_pieces_that_cut_its_lines_and_characters() -> None:
    text = price_list().replace("Prices of the local emulator", "Prix de l'émulateur").encode()
    pieces = (text[start : start + 7] for start in range(0, len(text), 7))

    with serving(lambda _: Response(pieces)) as url:
        assert fetched(url) == parse_prices(price_list().splitlines(keepends=True), TODAY)


@pytest.mark.parametrize(
    ("status", "headers", "body", "why"),
    [
        # a redirect is not followed
        (302, {"Location": "https://example.org/prices.csv"}, b"", "answers 302"),
        (404, {}, b"", "answers 404"),
        (503, {}, price_list().encode(), "answers 503"),
        # a proxy's page
        (200, {}, b"<html>\n" * 10, "columns are missing"),
        # bytes that are no text
        (200, {}, b"\xff\xfe\n" * 10, "not a CSV"),
        # a line without an end
        (200, {}, b"x" * 1_100_000, "more than 1000000 characters"),
    ],
)
def test_another_answer_is_unusable(
    server: OddServer, status: int, headers: dict[str, str], body: bytes, why: str
) -> None:
    server.status, server.headers, server.body = status, headers, body

    with pytest.raises(UnusablePricesError, match=why):
        fetched(server.url)
    assert server.taken == [PATH]


def test_a_list_of_more_than_50_mb_is_unusable() -> None:
    line = b'"' + b"x" * 65_000 + b'"\n'
    head = (
        price_list().encode().split(b'"SKU"')[0] + b'"SKU"' + price_list().encode().split(b'"SKU"')[1].split(b"\n")[0]
    )
    row = b",".join([b'"x"'] * 12) + b"," + line

    def endless() -> Iterator[bytes]:
        yield head + b"\n"
        yield from (row for _ in range(LARGEST // len(row) + 1))

    with serving(lambda _: Response(endless())) as url, pytest.raises(UnusablePricesError, match="50000000 bytes"):
        fetched(url)


@contextmanager
def wire(send: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that writes what the test wants, to one client."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):  # of a client that gave up before
                connection.recv(65536)
                send(connection)

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def test_a_list_that_is_cut_between_two_lines_is_unusable() -> None:
    text = price_list().encode()
    cut = text[: text.index(b"\n", len(text) // 2) + 1]

    def send(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text) + cut)

    with wire(send) as url, pytest.raises(UnusablePricesError, match="bytes of the price list are missing"):
        fetched(url)


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\nFormat"])
def test_a_list_that_does_not_come_to_its_end_is_unusable(begun: bytes) -> None:
    def send(connection: socket.socket) -> None:
        connection.sendall(begun)
        connection.recv(1)  # until the client gives up

    with wire(send) as url, pytest.raises(UnusablePricesError, match=r": no answer in time$"):
        fetched(url, longest_s=0.3)


def test_a_host_that_refuses_is_unusable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"

    with pytest.raises(UnusablePricesError, match=r": a refused connection$"):
        fetched(url)
