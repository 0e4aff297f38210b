"""The emulator's HTTP server with slow, wrong, many and rude clients."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import pytest

from local.braket import serving as server
from local.braket.emulator import Braket
from local.braket.serving import MAX_BODY, Response, serving
from tests.local.braket_world import BraketWorld, braket_world

SCOPE = "AWS4-HMAC-SHA256 Credential=made-up/20260101/us-east-1/braket/aws4_request, SignedHeaders=host, Signature=0"
SIGNED = {"Authorization": SCOPE}
TASK = "/quantum-task/" + quote("arn:aws:braket:us-east-1:000000000000:quantum-task/unknown", safe="")


@pytest.fixture(scope="module")
def it() -> Iterator[BraketWorld]:
    with braket_world() as world:
        yield world


@pytest.fixture
def line(it: BraketWorld) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(it.braket.url).netloc, timeout=60)
    yield connection
    connection.close()


def said(line: http.client.HTTPConnection) -> tuple[int, str | None, str]:
    answer = line.getresponse()
    body = answer.read()
    return answer.status, answer.headers["x-amzn-ErrorType"], json.loads(body)["message"]


def dial(it: BraketWorld) -> socket.socket:
    host, port = urlsplit(it.braket.url).netloc.split(":")
    return socket.create_connection((host, int(port)), timeout=60)


def read_all(line: socket.socket) -> bytes:
    return b"".join(iter(lambda: line.recv(65_536), b""))


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/", b"", 404, "UnknownOperationException"),
        ("GET", "/quantum-task/", b"", 404, "UnknownOperationException"),  # no ARN
        ("GET", "/quantum-task/a/b", b"", 404, "UnknownOperationException"),  # an ARN's slash comes encoded
        ("DELETE", TASK, b"", 404, "UnknownOperationException"),
        ("POST", "/invented", b"{}", 404, "UnknownOperationException"),
        ("GET", TASK, b"", 404, "ResourceNotFoundException"),
        ("GET", "/quantum-task/%ff%00", b"", 400, "ValidationException"),
        ("GET", TASK + "?additionalAttributeNames=Everything", b"", 400, "ValidationException"),
        ("POST", "/quantum-tasks", b"", 400, "ValidationException"),  # filters are required, even if empty
        ("POST", "/quantum-tasks", b"{", 400, "ValidationException"),
        ("POST", "/quantum-tasks", b"[]", 400, "ValidationException"),
        ("POST", "/quantum-tasks", b"\xff\xfe", 400, "ValidationException"),
        ("POST", "/quantum-tasks", b"[" * 100_000, 400, "ValidationException"),  # deeper than the parser allows
        ("POST", "/quantum-tasks", b'{"filters": {}}', 400, "ValidationException"),
        ("POST", "/quantum-tasks", b'{"filters": [null]}', 400, "ValidationException"),
        ("POST", "/quantum-tasks", b'{"filters": [], "maxResults": true}', 400, "ValidationException"),
        ("POST", "/quantum-tasks", b'{"filters": [], "maxResults": 1e999}', 400, "ValidationException"),
        ("POST", "/quantum-task", b'{"tags": {"k": 1}, "shots": "100"}', 400, "ValidationException"),
        ("POST", "/job", b"{}", 400, "ValidationException"),
    ],
)
def test_a_wrong_request_is_refused_in_brakets_form(
    line: http.client.HTTPConnection, method: str, path: str, body: bytes, status: int, code: str
) -> None:
    line.request(method, path, body, SIGNED)

    assert said(line)[:2] == (status, code)


def test_a_missing_member_is_named(line: http.client.HTTPConnection) -> None:
    line.request("POST", "/quantum-task", b'{"deviceArn": null}', SIGNED)

    assert "Value null at 'shots' failed to satisfy constraint: Member must not be null" in said(line)[2]


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer x",
        "AWS4-HMAC-SHA256 Credential=",
        SCOPE.replace("braket", "s3"),
        SCOPE.replace("us-east-1", "eu-central-1"),  # Braket does not exist in that region
    ],
)
def test_a_request_that_is_not_signed_for_a_braket_region_is_denied(
    line: http.client.HTTPConnection, authorization: str
) -> None:
    line.request("GET", TASK, headers={"Authorization": authorization})

    assert said(line)[:2] == (403, "AccessDeniedException")


def test_one_connection_serves_many_requests(line: http.client.HTTPConnection) -> None:
    """After a refusal the connection is at the start of the next request."""
    seen = []
    for body in (b"{", b'{"filters": []}') * 10:
        line.request("POST", "/quantum-tasks", body, SIGNED)
        answer = line.getresponse()
        answer.read()
        seen.append(answer.status)

    assert seen == [400, 200] * 10


class Writes(socket.socket):
    """A connection that stores each write."""

    made: ClassVar[list[bytes]] = []

    def send(self, content: Any, flags: int = 0) -> int:
        self.made.append(bytes(content))
        return super().send(content, flags)

    def sendall(self, content: Any, flags: int = 0) -> None:
        self.made.append(bytes(content))
        super().sendall(content, flags)


def test_an_answer_does_not_wait_for_an_acknowledgement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Head and body in two writes would cost up to 40 ms each time."""

    class WatchedServer(server._Server):  # noqa: SLF001 - its connections are counted here alone
        def get_request(self) -> tuple[socket.socket, Any]:
            connection, address = super().get_request()
            return Writes(fileno=connection.detach()), address

    monkeypatch.setattr(server, "_Server", WatchedServer)
    Writes.made.clear()
    with serving(lambda _: Response(b'{"a": 1}')) as url:
        line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        for _ in range(2):
            line.request("GET", "/")
            line.getresponse().read()
        line.close()

    assert [(each[:12], each[-8:]) for each in Writes.made] == [(b"HTTP/1.1 200", b'{"a": 1}')] * 2


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /quantum-tasks HTTP/1.1\r\nContent-Length: many\r\n\r\n", 411),
        (b"POST /quantum-tasks HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 411),
        (b"POST /quantum-tasks HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1), 413),
        (b"POST /quantum-tasks HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"BREW /coffee HTTP/1.1\r\n\r\n", 501),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
    ],
)
def test_an_unreadable_request_ends_the_connection(it: BraketWorld, head: bytes, status: int) -> None:
    with dial(it) as line:
        line.sendall(head)
        answer = read_all(line)

        assert answer.startswith(b"HTTP/1.1 %d " % status)
        assert answer.count(b"HTTP/1.1") == 1
        assert b'{"message":' in answer


@pytest.mark.parametrize("head", [b"\x16\x03\x01\x02\x00\x01\xfc\x03\x03\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"])
def test_a_request_that_is_not_http_is_answered_as_such(it: BraketWorld, head: bytes) -> None:
    """A TLS client's first bytes are an example."""
    with dial(it) as line:
        line.sendall(head)

        assert b'{"message":' in read_all(line)


def test_a_client_that_waits_for_100_continue_gets_it(it: BraketWorld) -> None:
    with dial(it) as line:
        head = (
            f"POST /quantum-tasks HTTP/1.1\r\nAuthorization: {SCOPE}\r\nExpect: 100-continue\r\nContent-Length: 15\r\n"
        )
        line.sendall(head.encode() + b"Connection: close\r\n\r\n")
        carry_on = line.recv(1000)
        line.sendall(b'{"filters": []}')

        assert carry_on.startswith(b"HTTP/1.1 100")
        assert read_all(line).startswith(b"HTTP/1.1 200")


def test_a_client_that_hangs_up_harms_no_other(it: BraketWorld) -> None:
    for said_so_far in (b"", b"GET", b"POST /quantum-tasks HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"):
        with dial(it) as line:
            line.sendall(said_so_far)

    assert it.client.search_devices(filters=[])["devices"]


def test_an_ended_emulator_leaves_no_thread_and_no_connection() -> None:
    before = set(threading.enumerate())
    with Braket() as braket:
        netloc = urlsplit(braket.url).netloc
        silent = http.client.HTTPConnection(netloc, timeout=60)
        silent.request("GET", TASK, headers=SIGNED)
        silent.getresponse().read()
        serving = set(threading.enumerate()) - before

    assert len(serving) == 3  # the clock, the listener, the connection
    assert [thread for thread in serving if thread.is_alive()] == []
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(netloc, timeout=60).connect()
    silent.close()
