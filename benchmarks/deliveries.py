"""What the local cloud's tables say of a change: when it was recorded, claimed and accepted."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles
from typing import Any

from local.story.stage import Stage

PATIENCE_S = 300
#: To read both tables whole is work for the machine that is measured; the times are the tables' own.
LOOKS_EVERY_S = 10
#: How often it is asked whether one change has been told.
ASKS_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Told:
    """One change that one channel accepted."""

    arn: str
    channel: str
    recorded: datetime
    claimed: datetime
    accepted: datetime


def told(stage: Stage, status: str = "COMPLETED") -> list[Told]:
    """Every notification of this status that is DELIVERED by now."""
    recorded = {row["arn"]: row["changed_at"] for row in _rows(stage, "Snapshots") if "changed_at" in row}
    rows = (row for row in _rows(stage, "Deliveries") if row.get("state") == "DELIVERED")
    return [
        Told(
            row["arn"], row["channel"].split("#")[0], _at(recorded[row["arn"]]), _at(row["first_claim"]), _at(row["at"])
        )
        for row in rows
        if row["channel"].endswith(f"#{status}")
    ]


def wait_for(stage: Stage, count: int) -> list[Told]:
    """All of so many; TimeoutError if nothing more is told for minutes."""
    found: list[Told] = []
    deadline = time.monotonic() + PATIENCE_S
    while len(found) < count:
        now = told(stage)
        if len(now) > len(found):
            deadline = time.monotonic() + PATIENCE_S
        elif time.monotonic() > deadline:
            raise TimeoutError(f"{len(now)} of {count} were told")
        found = now
        time.sleep(LOOKS_EVERY_S)
    return found


def wait_for_one(stage: Stage, arn: str, channels: Sequence[str], status: str = "COMPLETED") -> None:
    """Until each of the channels has accepted this change; TimeoutError if one does not for minutes."""
    deadline = time.monotonic() + PATIENCE_S
    for channel in channels:
        while _state(stage, arn, f"{channel}#{status}") != "DELIVERED":
            if time.monotonic() > deadline:
                raise TimeoutError(f"{channel} was not told of {arn}")
            time.sleep(ASKS_EVERY_S)


def _state(stage: Stage, arn: str, notification: str) -> str:
    key = {"arn": {"S": arn}, "channel": {"S": notification}}
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
