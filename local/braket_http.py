"""HTTP/1.1 with keep-alive on 127.0.0.1, for clients that may send anything."""

import contextlib
import re
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from types import TracebackType
from typing import Any, Self

MAX_BODY = 6 * 1024 * 1024  # a task's action has at most 5 MB
IDLE_SECONDS = 60


@dataclass(frozen=True)
class Request:
    """One request as it came, the path undecoded."""

    method: str
    target: str
    authorization: str = ""
    body: bytes = b""


@dataclass(frozen=True)
class Response:
    """One answer in JSON."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


Answer = Callable[[Request], Response]


class Server(ThreadingTCPServer):
    """A thread for each connection; all of them are gone when it ends."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128  # many clients at once: a full backlog costs them a second each

    def __init__(self, answer: Answer, failures: list[Exception], port: int = 0) -> None:
        self.answer = answer
        self.failures = failures
        self._open: set[Any] = set()
        self._closed_one = threading.Condition()
        super().__init__(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="braket-http", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _hang_up(self.socket)  # wakes the listening thread, which else looks up only now and then
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._closed_one:
            for connection in self._open:
                _hang_up(connection)
            self._closed_one.wait_for(lambda: not self._open, timeout=10)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  socketserver's own types
        with self._closed_one:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  socketserver's own types
        super().shutdown_request(request)
        with self._closed_one:
            self._open.discard(request)
            self._closed_one.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002  socketserver's own types
        """A client may hang up at any moment; whatever else went wrong is the emulator's fault."""
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):
            self.failures.append(error)


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other end was faster
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One connection: it reads requests and writes answers until either end closes it."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = 1 << 20  # head and body leave in one write: two would wait for each other's acknowledgement
    error_content_type = "application/json"
    error_message_format = '{"message": "The request is not HTTP as this server speaks it."}'

    def answer(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            return
        request = Request(self.command, self.path, self.headers.get("Authorization", ""), body)
        self._send(self.server.answer(request))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = answer  # noqa: N815  http.server's names

    def _body(self) -> bytes | None:
        """The whole body, so that the next request starts where it should; None if there is no telling."""
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
        self.send_response(response.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)

    def handle_expect_100(self) -> bool:
        carry_on = super().handle_expect_100()
        self.wfile.flush()  # the client waits for this line before it sends its body
        return carry_on

    def log_message(self, *_: object) -> None:
        """The emulator keeps no access log."""
