"""A raw server on the loopback: it reads whole requests and treats each connection as given."""

import contextlib
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass
from ssl import SSLContext
from typing import Literal, Self

_TLS = b"\x16\x03"
#: Seconds of patience: longer than a client with its own limits, shorter than slack-sdk's 30 s.
PATIENCE_S = 20
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of zero seconds, so that closing sends RST


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """The treatment of one request."""

    answer: bytes = b""
    #: Whether the server accepts the message, whatever it answers.
    accepts: bool = False
    #: Seconds between two bytes of the answer.
    byte_s: float = 0
    #: Close before the body of the request was read.
    early: bool = False
    #: garbage: no TLS record; wait: until the client gives up.
    end: Literal["close", "reset", "wait", "garbage"] = "close"


def http(status: int, body: str = "", content_type: str = "text/plain", **headers: str) -> bytes:
    """An answer that ends the connection. `Retry_After` is the header Retry-After."""
    named = {"Content-Type": content_type, "Content-Length": str(len(body)), "Connection": "close"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} said", *(f"{name}: {value}" for name, value in named.items()), "", body]
    return "\r\n".join(lines).encode("latin-1")


class Wire:
    """The server, open inside its `with` block. `usual` is its treatment unless `treat` names another."""

    def __init__(self, usual: Treatment, tls: SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.accepted: list[bytes] = []
        #: Requests of patient clients: the server's slow answer, or its patience, ended first.
        self.waited_for: list[bytes] = []
        self.treat: deque[Treatment] = deque()
        self._usual = usual
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._ending = threading.Event()

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.settimeout(0.05)
        self._start(threading.Thread(target=self._listen, daemon=True))
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the listening thread on some systems
        self._threads[0].join()
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def settle(self, requests: int, patience_s: float) -> None:
        """Wait for the expected number of requests, because a client may leave before they are read."""
        deadline = time.monotonic() + patience_s
        while len(self.requests) < requests and time.monotonic() < deadline:
            time.sleep(0.01)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"

    def _start(self, thread: threading.Thread) -> None:
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while not self._ending.is_set():
            with contextlib.suppress(OSError):  # no connection, or the end
                connection, _ = self._listener.accept()
                self._open.add(connection)
                self._start(threading.Thread(target=self._serve, args=[connection], daemon=True))

    def _serve(self, connection: socket.socket) -> None:
        raw = connection
        try:
            with contextlib.suppress(OSError):  # some faults consist in a client that ends first
                if self._tls:
                    raw = socket.socket(fileno=socket.dup(connection.fileno()))
                    connection = self._tls.wrap_socket(connection, server_side=True)
                self._treat(connection, raw)
        finally:
            self._open.discard(raw)
            raw.close()
            connection.close()

    def _treat(self, connection: socket.socket, raw: socket.socket) -> None:
        head, _, body = _receive(connection, b"\r\n\r\n").partition(b"\r\n\r\n")
        if head.startswith(_TLS):
            connection.sendall(http(400))  # a plain server's answer to a TLS client
        if not head or head.startswith(_TLS):
            return
        treatment = self.treat.popleft() if self.treat else self._usual
        if not treatment.early:
            body += _receive(connection, missing=_length(head) - len(body))
        if treatment.accepts:
            self.accepted.append(body)
        self.requests.append(head + b"\r\n\r\n" + body)
        for byte in _pieces(treatment):
            connection.sendall(byte)
            if treatment.byte_s:
                self._ending.wait(treatment.byte_s)
        if treatment.byte_s or (treatment.end == "wait" and not _is_left(connection)):
            self.waited_for.append(head)
        elif treatment.end == "garbage":
            raw.sendall(b"no record of TLS" * 4)
        elif treatment.end == "reset":
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def _is_left(connection: socket.socket) -> bool:
    """Whether the client ends the connection within the server's patience."""
    connection.settimeout(PATIENCE_S)
    try:
        connection.recv(1)
    except TimeoutError:
        return False
    return True


def _pieces(treatment: Treatment) -> list[bytes]:
    answer = treatment.answer
    return [answer[at : at + 1] for at in range(len(answer))] if treatment.byte_s else [answer]


def _receive(connection: socket.socket, until: bytes = b"", missing: int = 1) -> bytes:
    """Bytes up to a mark, or a number of bytes. Fewer if the client ends first."""
    got = b""
    while (until not in got if until else len(got) < missing) and not got.startswith(_TLS):
        if not (piece := connection.recv(65536)):
            break
        got += piece
    return got


def _length(head: bytes) -> int:
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
    return int(fields.get(b"content-length", b"0"))
