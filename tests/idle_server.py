"""A raw server that forgets connections during a rest, as AWS does: it resets the next request of each of them."""

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

#: The answer to a request's first line and body: a content type and a body.
Answer = Callable[[str, bytes], tuple[str, bytes]]
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of zero seconds, so that closing sends RST


class IdleServer(ThreadingTCPServer):
    """The answered requests, and the number of requests that were reset."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.answered: list[bytes] = []
        self.resets = 0
        self.awake: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Connection)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def rest(self) -> None:
        """Forget every open connection."""
        self.awake.clear()


class _Connection(StreamRequestHandler):
    """A connection that stays open between requests."""

    server: IdleServer
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.awake.add(self.connection)

    def handle(self) -> None:
        while line := self.rfile.readline().decode().strip():
            fields = dict[str, str]()
            while header := self.rfile.readline().decode().strip():
                name, _, value = header.partition(":")
                fields[name.lower()] = value.strip()
            body = self.rfile.read(int(fields.get("content-length", "0")))
            if self.connection not in self.server.awake:
                self.server.resets += 1
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                return
            self._answer(line, body)

    def _answer(self, line: str, body: bytes) -> None:
        self.server.answered.append(body)
        content_type, answer = self.server.answer(line, body)
        whole = f"bytes 0-{len(answer) - 1}/{len(answer)}"  # as S3 answers to a range
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Range: {whole}\r\n"
        self.wfile.write(f"{head}Content-Length: {len(answer)}\r\n\r\n".encode() + answer)

    def finish(self) -> None:
        super().finish()
        self.server.awake.discard(self.connection)


@contextmanager
def idle_server(answer: Answer) -> Iterator[IdleServer]:
    with IdleServer(answer) as server:
        listening = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        listening.start()
        try:
            yield server
        finally:
            server.shutdown()
            listening.join()
