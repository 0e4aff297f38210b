"""The call that all channels over HTTPS share."""

from collections.abc import Iterator
from time import monotonic

import pytest

from braket_notifier.adapters.https import call as https
from braket_notifier.adapters.https.call import call
from braket_notifier.errors import TryLaterError, UnacknowledgedError
from tests.prove.wire import Treatment, Wire, http


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire(Treatment(answer=http(200, "ok", Retry_After="7"))) as opened:
        yield opened


def test_a_call_is_one_post_of_its_own_connection(wire: Wire) -> None:
    response = call(f"{wire.url}/hook?signature=1", {"X-Own": "mine"}, b"{}", monotonic() + 5)

    (request,) = wire.requests
    head, _, body = request.decode().partition("\r\n\r\n")
    assert head.startswith("POST /hook?signature=1 HTTP/1.1\r\n")
    assert {"X-Own: mine", "User-Agent: braket-status-notifier"} <= {*head.splitlines()}
    assert (body, response.status, response.text, response.headers["retry-after"]) == ("{}", 200, "ok", "7")


@pytest.mark.parametrize("headers", [{}, {"Content_Length": "1" * 5}])
def test_a_body_that_is_too_long_is_not_read_to_its_end(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(https, "LARGEST", 100)
    head = http(200, **headers) if headers else b"HTTP/1.1 200 said\r\n\r\n"
    wire.treat.append(Treatment(answer=head + b"x" * 11111))

    with pytest.raises(UnacknowledgedError, match=r"^an unreadable answer$"):
        call(wire.url, {}, b"", monotonic() + 5)


def test_nothing_is_sent_after_the_deadline(wire: Wire) -> None:
    with pytest.raises(TryLaterError):
        call(wire.url, {}, b"", monotonic() - 1)

    assert wire.requests == []


def test_an_invalid_url_is_not_shown() -> None:
    with pytest.raises(UnacknowledgedError, match=r"^an unreadable address or answer$"):
        call("https://[secret/", {}, b"", monotonic() + 5)
