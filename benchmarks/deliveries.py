"""The times of a change in the local cloud's tables: recorded, claimed and accepted."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles
from typing import Any

from local.story.stage import Stage

PATIENCE_S = 300
#: Seconds between reads of both tables, because each read loads the measured machine.
LOOKS_EVERY_S = 10
#: Seconds between reads of one delivery row.
ASKS_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Delivery:
    """A change that one channel accepted."""

    arn: str
    channel: str
    recorded: datetime
    claimed: datetime
    accepted: datetime


def delivered(stage: Stage, status: str = "COMPLETED") -> list[Delivery]:
    """Every notification of this status that is DELIVERED by now."""
    recorded = {row["arn"]: row["changed_at"] for row in _rows(stage, "Snapshots") if "changed_at" in row}
    rows = (row for row in _rows(stage, "Deliveries") if row.get("state") == "DELIVERED")
    return [
        Delivery(arn, channel, _at(recorded[arn]), _at(row["first_claim"]), _at(row["at"]))
        for row in rows
        if row["sort"] == status
        for channel, _, arn in [row["partition"].partition("#")]
    ]


def wait_for(stage: Stage, count: int) -> list[Delivery]:
    """Wait for `count` deliveries. Raises TimeoutError if none is added for minutes."""
    found: list[Delivery] = []
    deadline = time.monotonic() + PATIENCE_S
    while len(found) < count:
        now = delivered(stage)
        if len(now) > len(found):
            deadline = time.monotonic() + PATIENCE_S
        elif time.monotonic() > deadline:
            raise TimeoutError(f"{len(now)} of {count} were delivered")
        found = now
        time.sleep(LOOKS_EVERY_S)
    return found


def wait_for_one(stage: Stage, arn: str, channels: Sequence[str], status: str = "COMPLETED") -> None:
    """Wait until each channel has accepted this change. Raises TimeoutError after minutes without one."""
    deadline = time.monotonic() + PATIENCE_S
    for channel in channels:
        while _state(stage, channel, arn, status) != "DELIVERED":
            if time.monotonic() > deadline:
                raise TimeoutError(f"{channel} did not accept {arn}")
            time.sleep(ASKS_EVERY_S)


def _state(stage: Stage, channel: str, arn: str, status: str) -> str:
    key = {"partition": {"S": f"{channel}#{arn}"}, "sort": {"S": status}}
    found = stage.cloud.client("dynamodb").get_item(TableName=_table(stage, "Deliveries"), Key=key)
    return str(found.get("Item", {}).get("state", {}).get("S", ""))


def percentile(seconds: list[float], percent: int) -> float:
    return quantiles(seconds, n=100, method="inclusive")[percent - 1]


def _rows(stage: Stage, table: str) -> Iterator[Mapping[str, Any]]:
    for page in stage.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=_table(stage, table)):
        yield from ({key: next(iter(value.values())) for key, value in item.items()} for item in page["Items"])


def _table(stage: Stage, name: str) -> str:
    [found] = [each for each in stage.stack.of_type("AWS::DynamoDB::Table").values() if name in each]
    return found


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
