"""A server that answers what no server should."""

from collections.abc import Iterator

import pytest

from tests.odd_server import OddServer, odd_server


@pytest.fixture
def server() -> Iterator[OddServer]:
    with odd_server() as running:
        yield running
