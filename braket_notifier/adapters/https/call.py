"""Send one request to a channel's service, without redirect or repeat; read the whole response before a deadline.

The standard library's client is used because urllib3 logs the URL of a response whose headers it cannot parse.
"""

from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPMessage, HTTPResponse, HTTPSConnection, IncompleteRead
from io import BufferedReader, RawIOBase
from socket import socket
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from braket_notifier.errors import TryLaterError, UnacknowledgedError
from braket_notifier.text.failures import in_words

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: Seconds for DNS, TCP and TLS together, and for a request with its response.
CONNECT_S, GIVE_UP_S = 3.0, 13.0
#: Seconds for one message with all it reads and all its requests, fewer than its claim has after the longest pause.
MESSAGE_S = 22.0
#: The most bytes of a response's body, which may repeat the whole message.
LARGEST = 1_000_000
#: Statuses of HTTP for a request that was not accepted because it came too slowly or too soon.
LATER_STATUSES = {408, 425, 429}
#: The one for the rate, after which some services show the message all the same.
LIMITED_STATUS = 429
#: Seconds of the longest wait that is taken from a service.
LONGEST_WAIT_S = 12 * 3600.0
_AGENT = {"User-Agent": "braket-status-notifier"}


class Response(NamedTuple):
    """A whole response of any status."""

    status: int
    headers: HTTPMessage
    text: str

    @property
    def retry_after_s(self) -> float | None:
        """Seconds that the service asks to wait, as a number of digits; None otherwise and for 0."""
        seconds = self.headers.get("Retry-After", "")
        return min(float(seconds), LONGEST_WAIT_S) or None if seconds.isdecimal() else None


def message_deadline() -> float:
    """Return the time by which a message that begins now ends."""
    return monotonic() + MESSAGE_S


def call(url: str, headers: Mapping[str, str], body: bytes, deadline: float, *, method: str = "POST") -> Response:
    """Raise TryLaterError if nothing was sent, else UnacknowledgedError. Neither shows the request."""
    deadline = min(deadline, monotonic() + GIVE_UP_S)
    try:
        address = urlsplit(url)
        target = f"{address.path}?{address.query}" if address.query else address.path
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        with closing(kind(address.netloc)) as connection:
            _connect(connection, deadline)
            connection.request(method, target, body or None, {**_AGENT, **headers})
            connection.sock.settimeout(_left_s(deadline))
            return _whole(connection.getresponse())
    except TryLaterError:
        raise
    except Exception as error:  # noqa: BLE001 - its text may hold the request
        raise UnacknowledgedError(in_words(error)) from None


def _connect(connection: HTTPConnection, deadline: float) -> None:
    """Open the connection without sending any part of the request."""
    connect_by = min(monotonic() + CONNECT_S, deadline)
    connection.timeout = _left_s(connect_by)
    connection.response_class = BoundedResponse
    try:
        connection.connect()
    except OSError as error:
        raise TryLaterError(in_words(error)) from None
    if monotonic() > connect_by:  # several addresses or a slow DNS; a claim must not end before its send
        raise TryLaterError("connecting took too long")
    connection.sock.settimeout(_left_s(deadline))


def _left_s(deadline: float) -> float:
    return max(deadline - monotonic(), 0.001)  # because a socket with a timeout of 0 does not block


def _whole(response: HTTPResponse) -> Response:
    body = response.read(LARGEST)
    if response.length or response.read(1):
        raise IncompleteRead(body)
    return Response(response.status, response.headers, _decoded(body, response.headers.get_content_charset("utf-8")))


def _decoded(body: bytes, charset: str) -> str:
    """Decode for the words that an answer may have; a body without readable ones leaves the verdict to the status."""
    try:
        return body.decode(charset, "replace")
    except (LookupError, ValueError):  # no charset, or one of Python's own
        return "\N{REPLACEMENT CHARACTER}"


class BoundedResponse(HTTPResponse):
    """A response whose timeout limits the whole response, not each read."""

    def __init__(self, sock: socket, debuglevel: int = 0, method: str | None = None, url: str | None = None) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp = BufferedReader(_Until(self.fp.detach(), sock))


class _Until(RawIOBase):
    """A stream that ends with TimeoutError at a deadline, however slowly its bytes arrive."""

    def __init__(self, source: RawIOBase, connected: socket) -> None:
        self._source = source
        self._socket = connected
        self._deadline = monotonic() + (connected.gettimeout() or 0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        if monotonic() >= self._deadline:
            raise TimeoutError
        self._socket.settimeout(_left_s(self._deadline))
        return self._source.readinto(buffer)

    def close(self) -> None:
        self._source.close()
        super().close()
