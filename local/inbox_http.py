"""A small HTTP/1.1 server on 127.0.0.1: one function answers every request."""

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

LARGEST_BODY = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client gets; a body that is an iterator is sent piece by piece until it ends."""

    body: bytes | Iterator[bytes] = b""
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(content: object) -> Answer:
    return Answer(json.dumps(content).encode(), content_type="application/json; charset=utf-8")


Route = Callable[[Request], Answer | None]  # None closes the connection without a word


class Server(ThreadingHTTPServer):
    """Listens on a free port; ending it ends every connection and every thread of its own."""

    daemon_threads = False
    request_queue_size = 256

    def __init__(self, route: Route) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.route = route
        self._connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        for connection in list(self._connections):
            _hang_up(connection)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 (socketserver's signature)
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 (socketserver's signature)
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 (socketserver's signature)
        """A client that went away is no error of ours; all else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Exchange(BaseHTTPRequestHandler):
    """Reads requests from one kept-alive connection and writes each answer at once."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer must not wait for the acknowledgement of the one before

    def _exchange(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self.close_connection = True
            self._write(Answer(b"too large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
            return
        answer = self.server.route(self._request(self.rfile.read(length)))
        if answer is None:
            self.close_connection = True
        else:
            self._write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _exchange  # noqa: N815 (http.server's names)

    def _request(self, body: bytes) -> Request:
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, url.path, dict(parse_qsl(url.query)), headers, body)

    def _write(self, answer: Answer) -> None:
        streams = not isinstance(answer.body, bytes)
        self.close_connection = self.close_connection or streams
        self.wfile.write(self._head(answer) + (answer.body if isinstance(answer.body, bytes) else b""))
        if not isinstance(answer.body, bytes):
            for piece in answer.body:
                self.wfile.write(piece)

    def _head(self, answer: Answer) -> bytes:
        headers = {"Content-Type": answer.content_type, "Cache-Control": "no-store", **answer.headers}
        if isinstance(answer.body, bytes):
            headers["Content-Length"] = str(len(answer.body))
        if self.close_connection:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def log_message(self, *_: object) -> None:
        """Say nothing: the page shows what arrived."""


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # its client or its thread was faster
        return
