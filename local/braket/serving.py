"""An HTTP/1.1 server with keep-alive on 127.0.0.1 for clients of any kind. A function answers each request."""

import json
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from urllib.parse import parse_qsl
from weakref import WeakSet

MAX_BODY = 6 * 1024 * 1024  # a task's action has at most 5 MB


@dataclass(frozen=True, slots=True)
class Request:
    """A request. The target is undecoded, and the names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.target.partition("?")[2]))


@dataclass(frozen=True, slots=True)
class Response:
    """A response. An iterator as its body is sent piece by piece, and its end closes the connection."""

    body: bytes | Iterator[bytes] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/plain; charset=utf-8"})


def json_response(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(content).encode(), status, {"Content-Type": "application/json", **(headers or {})})


@contextmanager
def serving(answer: Callable[[Request], Response | None], port: int = 0) -> Iterator[str]:
    """Serve at the URL that this yields, each connection in a thread; None closes the connection unanswered.

    The end of the block ends every connection and thread, and raises the exceptions of `answer`.
    """
    server = _Server(answer, port)
    listening = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    with server:  # its end waits for the connections' threads
        listening.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            _hang_up(server.socket)  # otherwise the listening thread notices the end up to 50 ms later
            server.shutdown()
            listening.join()
            for connection in server.connections:
                _hang_up(connection)
    if server.failures:
        raise ExceptionGroup("The server failed to answer", server.failures)


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # the other end was faster
        connection.shutdown(socket.SHUT_RDWR)


class _Server(ThreadingTCPServer):
    """The listening socket, the open connections, and the exceptions behind unanswered requests."""

    allow_reuse_address = True
    request_queue_size = 256  # a full backlog costs each of many clients a second

    def __init__(self, answer: Callable[[Request], Response | None], port: int) -> None:
        self.answer = answer
        self.connections: WeakSet[socket.socket] = WeakSet()
        self.failures: list[Exception] = []
        super().__init__(("127.0.0.1", port), _Exchange)

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        self.connections.add(connection)
        return connection, address

    def handle_error(self, *_: object) -> None:
        """Keep the exception, unless the client hung up."""
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):
            self.failures.append(error)


class _Exchange(BaseHTTPRequestHandler):
    """A connection, which reads requests and writes responses until either end closes it."""

    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 20  # head and body leave in one write; otherwise each waits for the other's acknowledgement
    error_content_type = "application/json"
    error_message_format = '{"message": "The request is not HTTP as this server speaks it."}'

    def exchange(self) -> None:
        body = self._body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        response = None if body is None else self.server.answer(Request(self.command, self.path, headers, body))
        if response is None:
            self.close_connection = True
        else:
            self._send(response)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = exchange  # noqa: N815  http.server's names

    def _body(self) -> bytes | None:
        """Read the whole body because the next request starts after it; None if its end is unknown."""
        length = self.headers.get("Content-Length", "0").strip()
        if "Transfer-Encoding" in self.headers or not re.fullmatch(r"\d{1,12}", length):
            self.send_error(411)
            return None
        if int(length) > MAX_BODY:
            self.send_error(413)
            return None
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else None

    def _send(self, response: Response) -> None:
        body = response.body
        framing = {"Content-Length": str(len(body))} if isinstance(body, bytes) else {"Connection": "close"}
        self.send_response(response.status)
        for name, value in {"Cache-Control": "no-store", **framing, **response.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        for piece in [body] if isinstance(body, bytes) else body:
            self.wfile.write(piece)
            self.wfile.flush()

    def handle_expect_100(self) -> bool:
        carry_on = super().handle_expect_100()
        self.wfile.flush()  # the client waits for this line before it sends its body
        return carry_on

    def log_message(self, *_: object) -> None:
        """Keep no access log."""
