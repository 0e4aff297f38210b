"""A channel's possible endpoints: servers, with TLS and without, and addresses without an answer."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tests.prove.channel_faults import certificate
from tests.prove.channel_faults.faults import Fault
from tests.prove.wire import Treatment, Wire

#: A host that DNS does not know.
NOWHERE = "slack.invalid"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints of channels."""

    certificate: Path

    def wire(self, taken: bytes, fault: Fault | None = None) -> Wire:
        """A server that accepts everything. The first request meets a fault."""
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
                around.enter_context(patch("socket.getaddrinfo", _unknown(NOWHERE, socket.getaddrinfo)))
                yield f"http://{NOWHERE}"
            elif fault.place in ("refused", "unaccepting"):
                yield around.enter_context(_deaf(full=fault.place == "unaccepting"))
            else:
                if fault.place == "trusted":
                    environment = around.enter_context(pytest.MonkeyPatch.context())  # no other variable is changed
                    for name in ("SSL_CERT_FILE", "AWS_CA_BUNDLE"):
                        environment.setenv(name, str(self.certificate))
                yield wire.url


def _unknown(name: str, resolve: Callable[..., Any]) -> Callable[..., Any]:
    """Other names stay known, because other threads resolve theirs meanwhile."""

    def getaddrinfo(host: str, *args: Any, **kwargs: Any) -> Any:
        if host == name:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *args, **kwargs)

    return getaddrinfo


@contextmanager
def _deaf(*, full: bool) -> Iterator[str]:
    """An address where nothing listens, or where nothing accepts and the backlog is full."""
    with socket.socket() as listener, ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        if full:
            listener.listen(0)
            for number in range(4):
                client = waiting.enter_context(socket.socket())
                client.setblocking(number == 0)  # the first connection is made before anything else
                with contextlib.suppress(BlockingIOError):
                    client.connect(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
