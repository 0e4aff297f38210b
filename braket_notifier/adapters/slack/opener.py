"""urllib's opener for slack-sdk: no redirects, a limit for connecting, and one for the whole answer."""

import urllib.request
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from socket import socket
from time import monotonic
from typing import TYPE_CHECKING

from braket_notifier.errors import TryLaterError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CONNECT_S = 3.0
READ_S = 10.0


def install() -> None:
    """slack-sdk sends through urllib's global opener, and knows one limit only, for each byte anew."""
    urllib.request.install_opener(urllib.request.build_opener(_NoRedirect, _OpenHttp, _OpenHttps))


class _Until(RawIOBase):
    """What arrives before a deadline, however slowly it trickles."""

    def __init__(self, source: RawIOBase, connected: socket, deadline: float) -> None:
        self._source = source
        self._socket = connected
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the answer came too slowly")
        self._socket.settimeout(left)
        return self._source.readinto(buffer)

    def close(self) -> None:
        self._source.close()
        super().close()


class _Response(HTTPResponse):
    """An answer that is whole before its deadline, or none."""

    def __init__(self, sock: socket, debuglevel: int = 0, method: str | None = None, url: str | None = None) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp = BufferedReader(_Until(self.fp.detach(), sock, monotonic() + READ_S))


class _Http(HTTPConnection):
    """A connection that fails before anything is sent, or not before it is."""

    response_class = _Response

    def connect(self) -> None:
        began = monotonic()
        self.timeout = CONNECT_S
        try:
            super().connect()
        except OSError as error:  # DNS, refused, TLS, too slow: Slack has seen nothing
            raise TryLaterError(type(error).__name__) from None
        if monotonic() - began > CONNECT_S:  # several addresses, a slow DNS: no claim may end before its send
            raise TryLaterError("connecting took too long")
        self.sock.settimeout(READ_S)


class _Https(_Http, HTTPSConnection):
    """The same over TLS, whose handshake is part of connecting."""


class _OpenHttp(urllib.request.HTTPHandler):
    """What the global opener does with http: the local inbox only."""

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Http, req)


class _OpenHttps(urllib.request.HTTPSHandler):
    """What the global opener does with https."""

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Https, req)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another host: it is answered like any other refusal."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None
