"""A server that answers what no server should."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class OddServer:
    """What it answers to every request, and what it was asked for."""

    url: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    taken: list[str] = field(default_factory=list)


@contextmanager
def odd_server() -> Iterator[OddServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            odd.taken.append(self.path)
            self.send_response_only(odd.status)
            for name, value in ({"Content-Length": str(len(odd.body))} | odd.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(odd.body)
            self.close_connection = True

        do_GET = do_POST  # noqa: N815 - the server's own name

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        odd = OddServer(f"http://127.0.0.1:{running.server_port}")
        thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield odd
        running.shutdown()
        thread.join()
