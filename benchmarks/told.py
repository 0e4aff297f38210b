"""What the local cloud's tables say of a change: when it was recorded, claimed and accepted."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles
from typing import Any

from local.stage import Stage

PATIENCE_S = 300


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


def _told(row: Mapping[str, Any], recorded: str) -> Told:
    return Told(row["arn"], row["channel"].split("#")[0], _at(recorded), _at(row["first_claim"]), _at(row["at"]))


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
        time.sleep(2)
    return found


def percentile(seconds: list[float], percent: int) -> float:
    return quantiles(seconds, n=100, method="inclusive")[percent - 1]


def _rows(stage: Stage, table: str) -> Iterator[Mapping[str, Any]]:
    [name] = [each for each in stage.stack.of_type("AWS::DynamoDB::Table").values() if table in each]
    for page in stage.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=name):
        yield from ({key: next(iter(value.values())) for key, value in item.items()} for item in page["Items"])


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
