"""Fixtures of the adapters: a server with unexpected answers, and the composer of messages."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.domain.policy import Policy
from braket_notifier.rendering.compose import Compose, message_of
from tests.odd_server import OddServer, odd_server


@pytest.fixture
def server() -> Iterator[OddServer]:
    with odd_server() as running:
        yield running


@pytest.fixture
def compose(policy: Policy) -> Compose:
    return partial(message_of, policy=policy, channel="", threads=True)


@pytest.fixture(params=["dynamodb", "sqlite"])
def table(request: pytest.FixtureRequest) -> Callable[[str], Table]:
    """The tables of a deployed notifier and of a state file, under the same tests."""
    made: Callable[[str], Table] = request.getfixturevalue(f"{request.param}_table")
    return made
