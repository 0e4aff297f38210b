"""A server that answers what no server should."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.serving import serving


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

    with serving(Handler) as url:
        odd = OddServer(url)
        yield odd
