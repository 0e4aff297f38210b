"""Where a channel can be sent to: servers, with TLS and without, and addresses where none answers."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from tests.prove import certificate
from tests.prove.faults import Fault
from tests.prove.wire import Treatment, Wire


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where channels can be sent to."""

    certificate: Path

    def wire(self, taken: bytes, fault: Fault | None = None) -> Wire:
        """A server that takes everything; a fault is met by the first request."""
        tls = fault is not None and fault.place in ("self-signed", "trusted")
        wire = Wire(Treatment(answer=taken, accepts=True), certificate.server_side(self.certificate) if tls else None)
        wire.treat.extend([fault.treatment] if fault else [])
        return wire

    @contextmanager
    def place(self, fault: Fault, wire: Wire) -> Iterator[str]:
        with ExitStack() as around:
            if fault.place == "plain":
                yield wire.url.replace("http://", "https://")
            elif fault.place == "dns":
                around.enter_context(patch("socket.getaddrinfo", _no_such_host))
                yield "http://slack.invalid"
            elif fault.place in ("refused", "unaccepting"):
                yield around.enter_context(_deaf(full=fault.place == "unaccepting"))
            else:
                if fault.place == "trusted":
                    path = str(self.certificate)
                    around.enter_context(patch.dict(os.environ, {"SSL_CERT_FILE": path, "AWS_CA_BUNDLE": path}))
                yield wire.url


def _no_such_host(*_: object, **__: object) -> object:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@contextmanager
def _deaf(*, full: bool) -> Iterator[str]:
    """An address where nobody listens, or where nobody accepts and no connection more can wait."""
    with socket.socket() as listener, ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        if full:
            listener.listen(0)
            for _ in range(4):
                client = waiting.enter_context(socket.socket())
                client.setblocking(False)  # noqa: FBT003 - the name says it
                with contextlib.suppress(BlockingIOError):
                    client.connect(listener.getsockname())
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
