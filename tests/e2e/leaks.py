"""A search for secrets in everything that a local cloud holds."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import boto3
from botocore.config import Config

from local.braket.devices import REGIONS
from local.cloud.cloud import ACCOUNT, logged
from local.story.stage import Stage
from tests import canary

Client = Callable[[str], Any]  # of a service, in one region
Place = tuple[str, str]  # its name, and what lies there
#: A proxy cannot reach this machine.
DIRECT = build_opener(ProxyHandler({}))


def leaks(cloud: str, assembly: Path, written: Mapping[str, object]) -> list[str]:
    """The places of the secret with the text around it: in a cloud, in its deployment, and in the given output."""
    places = [*held(cloud), *files(assembly), *((name, f"{text}") for name, text in written.items())]
    return [f"{name}: {around(text)}" for name, text in places if canary.found_in(text)]


def around(text: str) -> str:
    """The text around the secret."""
    at = text.index(canary.CANARY)
    return text[max(0, at - 200) : at + 60]


def leaks_of(stage: Stage, assembly: Path) -> list[str]:
    written = {"posts": stage.inbox.posts, "mails": stage.inbox.mails, "logs": stage.cloud.logs()}
    return leaks(stage.cloud.url, assembly, written)


def held(cloud: str) -> Iterator[Place]:
    """Everything except SSM, which is for secrets, and Braket's own results."""
    yield "queues", read(f"{cloud}/_ministack/sqs/messages")  # hidden and delayed records too
    for region in REGIONS:
        with clients(cloud, region) as client:
            for kind in (rows, lines, stacks, functions):
                yield from ((f"{region} {name}", text) for name, text in kind(client))


@contextmanager
def clients(cloud: str, region: str) -> Iterator[Client]:
    with ExitStack() as opened:

        def client(service: str) -> Any:
            made_up = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "-"}
            config = Config(proxies={})
            made: Any = boto3.client(service, region, endpoint_url=cloud, config=config, **made_up)  # type: ignore[call-overload]  # by name
            return opened.enter_context(closing(made))

        yield client


def rows(client: Client) -> Iterator[Place]:
    dynamodb = client("dynamodb")
    for table in dynamodb.list_tables()["TableNames"]:
        for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            yield table, json.dumps(page["Items"], default=str)


def lines(client: Client) -> Iterator[Place]:
    yield from ((group, line) for group, _, line in logged(client("logs")))


def stacks(client: Client) -> Iterator[Place]:
    """Outputs, parameters and tags. The templates are among the files."""
    yield "stacks", json.dumps(client("cloudformation").describe_stacks()["Stacks"], default=str)


def functions(client: Client) -> Iterator[Place]:
    """The functions' configuration with their environments."""
    for page in client("lambda").get_paginator("list_functions").paginate():
        yield "functions", json.dumps(page["Functions"], default=str)


def files(assembly: Path) -> Iterator[Place]:
    """The templates, the CDK's files about them, and the code and the settings beside them."""
    paths = [*assembly.rglob("*")]
    assert paths, assembly
    for path in paths:
        if path.is_file():
            yield f"{path}", path.read_bytes().decode("latin-1")


def read(url: str) -> str:
    with DIRECT.open(url) as answer:
        return str(answer.read().decode())
