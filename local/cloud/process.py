"""The emulator's process: it serves on the socket it was given and ends with its starter.

MiniStack's own entry point binds a port by its number, which another process may have taken by then; it outlives a
starter that is killed; and it runs functions with this project's packages in reach, which would hide a package that a
layer lacks. Three answers of MiniStack's would need an edited template; they are corrected here instead.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import sys
import threading
import venv
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

STARTER = 0  # standard input: a pipe without data that closes when the starter closes it or dies


#: AWS has no permissions of these names, because the single action's permission covers the batch.
BATCHES = {
    "sns:PublishBatch": "sns:Publish",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


def ask_for_permissions_that_exist() -> None:
    named_after_the_operation: Callable[..., str | None] = iam_actions.extract_iam_action

    def permission(*request: object) -> str | None:
        action = named_after_the_operation(*request)
        return BATCHES.get(action, action) if action else None

    iam_actions.extract_iam_action = permission


#: Members around the requests of a batch or a transaction.
WRAPPERS = {"PutRequest", "DeleteRequest", "TransactItems", "Get", "Put", "Update", "Delete", "ConditionCheck"}


def name_the_rows_of_a_request() -> None:
    """Add the rows and written attributes to a request's context, because policies limit functions to their own."""
    attributes: Callable[[bytes], dict[str, Any]] = iam_actions.dynamodb_service_context

    def with_keys(body: bytes) -> dict[str, Any]:
        said = json.loads(body or b"{}")
        keys = [next(iter(value.values())) for value in leading_keys(said)]
        written = [*said.get("ExpressionAttributeNames", {}).values()] if "UpdateExpression" in said else []
        named = {"dynamodb:LeadingKeys": keys, "dynamodb:Attributes": written}
        return attributes(body) | {key: values for key, values in named.items() if values}

    iam_actions.dynamodb_service_context = with_keys


def leading_keys(said: Any, table: str = "") -> Iterator[dict[str, str]]:  # noqa: ANN401  any JSON
    """The partition keys that a request names: of one row, of a query, of a batch or of a transaction."""
    if isinstance(said, list):
        for each in said:
            yield from leading_keys(each, table)
        return
    table = said.get("TableName", table)
    yield from queried_keys(said, table)
    for row in [*(said[name] for name in ("Key", "Item") if name in said), *said.get("Keys", [])]:
        yield from (row[name] for name in key_of(table) if name in row)
    for batched, rows in said.get("RequestItems", {}).items():
        yield from leading_keys(rows, batched)
    for name in WRAPPERS & said.keys():
        yield from leading_keys(said[name], table)


def queried_keys(said: dict[str, Any], table: str) -> Iterator[dict[str, str]]:
    names, values = said.get("ExpressionAttributeNames", {}), said.get("ExpressionAttributeValues", {})
    for name, value in re.findall(r"([#\w]+)\s*=\s*(:\w+)", said.get("KeyConditionExpression", "")):
        if names.get(name, name) in key_of(table, said.get("IndexName", "")):
            yield values[value]


def key_of(table: str, index: str = "") -> list[str]:
    """The name of the partition key; an unknown table has none."""
    known = dynamodb._tables.get(table.rpartition("/")[2], {})  # noqa: SLF001  MiniStack has no other way
    keyed = [each for each in known.get("GlobalSecondaryIndexes", []) if each["IndexName"] == index] or [known]
    return [each["AttributeName"] for each in keyed[0].get("KeySchema", []) if each["KeyType"] == "HASH"]


def know_buses_and_sources() -> None:
    """Add the source of events to a request's context, and name the bus that a request describes, not a rule of it."""
    context: Callable[..., dict[str, Any]] = iam_actions.request_tag_context
    resource: Callable[..., str] = iam_actions.extract_resource_arn

    def with_source(service: str, action: str, body: bytes, *more: object) -> dict[str, Any]:
        entries = json.loads(body or b"{}").get("Entries", []) if action == "events:PutEvents" else []
        sources = sorted({each.get("Source", "") for each in entries})
        named = {"events:source": sources[0] if len(sources) == 1 else sources} if sources else {}
        return context(service, action, body, *more) | named

    def of_bus(service: str, method: str, path: str, headers: Mapping[str, str], body: bytes, *more: object) -> str:
        arn = resource(service, method, path, headers, body, *more)
        describes = headers.get("x-amz-target", "").endswith(".DescribeEventBus")
        return arn.replace(":rule/default/", ":event-bus/") if describes else arn

    iam_actions.request_tag_context, iam_actions.extract_resource_arn = with_source, of_bus


def say_what_is_refused() -> None:
    """Log each refusal, because the refused function may log nothing."""
    enforce: Callable[..., Any] = iam_evaluator.enforce

    def said(
        access_key: str, action: str, service: str, region: str, resource_arn: str = "*", **more: object
    ) -> object:
        refused = enforce(access_key, action, service, region, resource_arn=resource_arn, **more)
        if principal := getattr(refused, "principal_arn", ""):
            print(f"{os.environ['REFUSED']}{principal.split('/')[1]} {action} {resource_arn}", flush=True)
        return refused

    iam_evaluator.enforce = said


def deploy_alarms_on_metric_math() -> None:
    """Deploy an alarm on several metrics as an alarm on the first, because MiniStack refuses its whole stack."""
    record: Callable[[str, Mapping[str, Any]], object] = provisioners._cw_metric_alarm_record  # noqa: SLF001

    def first(name: str, properties: Mapping[str, Any]) -> object:
        if not properties.get("Metrics"):
            return record(name, properties)
        stat = next(each["MetricStat"] for each in properties["Metrics"] if "MetricStat" in each)
        others = {key: value for key, value in properties.items() if key != "Metrics"}
        return record(name, {**others, **stat["Metric"], "Period": stat["Period"], "Statistic": stat["Stat"]})

    provisioners._cw_metric_alarm_record = first  # noqa: SLF001


async def answer_who_may(scope: Scope, send: Send) -> None:
    """Answer whether the policies allow an access key's owner an action, for a service emulated elsewhere."""
    asked = dict(parse_qsl(scope["query_string"].decode()))
    refused = iam_evaluator.enforce(**asked)
    await send({"type": "http.response.start", "status": 403 if refused else 204, "headers": []})
    await send({"type": "http.response.body"})


async def app_behind_tls(scope: Scope, receive: Receive, send: Send) -> None:
    """Count the loopback as TLS, as behind a proxy that ends it, because queues and topics deny plain http."""
    if scope["type"] == "http" and scope["path"] == os.environ["WHO_MAY"]:
        await answer_who_may(scope, send)
        return
    if scope["type"] == "http":
        scope["headers"] = [*scope["headers"], (b"x-forwarded-proto", b"https")]
    await app(scope, receive, send)


def python_without_packages(directory: Path) -> str:
    """A Python with its standard library alone, because the layer has to bring the rest, as on AWS."""
    venv.create(directory, symlinks=True)
    return str(directory / "bin" / "python")


def end_with_the_starter(directory: Path) -> None:
    while os.read(STARTER, 1):
        pass
    lambda_runtime.reset()  # ends the functions and reaps them
    shutil.rmtree(directory, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)  # this process, and the processes it is starting meanwhile


def main(listener: str, directory: str) -> None:
    threading.Thread(target=end_with_the_starter, args=[Path(directory)], daemon=True).start()
    ask_for_permissions_that_exist()
    name_the_rows_of_a_request()
    know_buses_and_sources()
    say_what_is_refused()
    deploy_alarms_on_metric_math()
    sys.executable = python_without_packages(Path(directory, "python"))  # MiniStack starts functions with it
    config = Config()
    config.bind = [f"fd://{listener}"]
    config.keep_alive_timeout = 75  # as MiniStack sets it, so that a client's idle connection outlives a pause
    asyncio.run(serve(app_behind_tls, config))


if __name__ == "__main__":
    main(*sys.argv[1:])
