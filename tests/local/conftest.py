"""A local cloud with the probe, for every test of the cloud, and an inbox."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.cloud.cloud import Cloud, Stack
from local.inbox.inbox import Inbox, Mail, Post

OWN_PACKAGES = str(Path(boto3.__file__).parents[1])


@pytest.fixture(scope="session")
def assembly() -> Path:
    """A small cloud assembly with every kind of resource of the notifier's stack."""
    return Path(__file__).parent / "assembly"


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The probe's layer has no boto3, so its functions use the tests'."""
    with Cloud({"AWS_ENDPOINT_URL_BRAKET": "http://127.0.0.1:1", "PYTHONPATH": OWN_PACKAGES}) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def probe(cloud: Cloud, assembly: Path) -> Stack:
    return cloud.deploy(assembly)


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], Any]:
    """The first true answer to a question. An assertion fails after a while without one."""

    def ask(question: Callable[[], Any], patience_s: float = 120) -> Any:
        deadline = time.monotonic() + patience_s
        while not (answer := question()):
            assert time.monotonic() < deadline, "has not come true"
            time.sleep(0.05)
        return answer

    return ask


@pytest.fixture
def arrived() -> list[Post | Mail]:
    return []


@pytest.fixture
def inbox(arrived: list[Post | Mail]) -> Iterator[Inbox]:
    with Inbox(on_arrival=arrived.append) as inbox:
        yield inbox
