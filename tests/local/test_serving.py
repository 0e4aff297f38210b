"""Exceptions of the answering function in the HTTP server of emulators, tests and benchmarks."""

import contextlib
import http.client
from urllib.parse import urlsplit

import pytest

from local.braket.serving import Request, serving


def get(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request("GET", "/")
    with contextlib.closing(connection), pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()


def fail(request: Request) -> None:
    raise LookupError(request.target)


def test_an_exception_of_the_answer_is_raised_when_the_server_ends() -> None:
    with pytest.raises(ExceptionGroup) as raised, serving(fail) as url:  # noqa: PT012  the end raises
        get(url)
        get(url)

    assert [repr(each) for each in raised.value.exceptions] == ["LookupError('/')"] * 2


def test_an_exception_of_the_block_hides_behind_no_exception_of_the_answer() -> None:
    with pytest.raises(ZeroDivisionError), serving(fail) as url:  # noqa: PT012  likewise
        get(url)
        raise ZeroDivisionError
