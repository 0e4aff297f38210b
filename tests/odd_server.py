"""A server that answers wrongly."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from local.braket.serving import Request, Response, serving


@dataclass
class OddServer:
    """The answer to every request, and the requested paths and bodies."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    taken: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        self.taken.append(request.target)
        self.bodies.append(request.body)
        return Response(self.body, self.status, {"Connection": "close", **self.headers})


@contextmanager
def odd_server() -> Iterator[OddServer]:
    odd = OddServer()
    with serving(odd.answer) as odd.url:
        yield odd
