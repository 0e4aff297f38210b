"""Observations of a running notifier: the delivery table, the functions' output, and a wait for a condition."""

import time
from collections.abc import Callable
from typing import Any

from local.story.stage import NAME, Stage

PATIENCE_S = 180


def eventually(condition: Callable[[], Any]) -> Any:
    """Wait until the condition's answer is true, and return it."""
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return answer


def delivery(stage: Stage, arn: str, channel: str, status: str) -> dict[str, Any]:
    """The notification's row in the delivery table."""
    [table] = [name for name in stage.stack.of_type("AWS::DynamoDB::Table").values() if "Deliveries" in name]
    key = {"partition": {"S": f"{channel}#{arn}"}, "sort": {"S": status}}
    found = stage.cloud.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
    return {name: next(iter(value.values())) for name, value in found.items()}


def is_delivered(stage: Stage, arn: str, channel: str, status: str) -> bool:
    return delivery(stage, arn, channel, status).get("state") == "DELIVERED"


def printed(stage: Stage, channel: str) -> str:
    group = f"/aws/lambda/{NAME}-deliver-{channel} "
    return "\n".join(line for line in stage.cloud.logs().splitlines() if line.startswith(group))
