"""Sums of costs: whatever groups the tasks, the groups add up to the tasks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal
from random import Random

import pytest

from braket_notifier.costs.month import by_device
from braket_notifier.costs.sums import By, keys, sums, together
from braket_notifier.domain.cost import Cost, total
from braket_notifier.domain.resource import Snapshot
from tests.conftest import GARNET, NOON, SV1, job_arn

TASKS = 10_000
FORTE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"


@pytest.fixture
def ended(a_task: Callable[..., Snapshot]) -> list[Snapshot]:
    """Tasks of every kind that a sum may meet: partial, failed, reserved, of unknown price, on a simulator, open."""
    random, plain = Random(22), a_task("COMPLETED")  # noqa: S311 - samples, no secrets
    costs = (
        *(Cost(Decimal(cents) / 1000) for cents in (1, 1745, 300)),
        *(Cost(Decimal("0.1"), "at most"), Cost(Decimal(0), reserved=1), Cost(Decimal(0)), None),
    )
    return [
        replace(
            plain,
            status=random.choice(("COMPLETED", "FAILED", "CANCELLED", "RUNNING")),
            cost=random.choice(costs),
            device=random.choice((GARNET, FORTE, SV1)),
            job_arn=random.choice(("", *map(job_arn, (1, 2, 3)))),
            tags=random.choice(({}, {"batch": "ghz"}, {"batch": "rb"}, {"owner": "anna"})),
            ended_at=NOON - timedelta(minutes=random.randrange(50_000)),
        )
        for _ in range(TASKS)
    ]


@pytest.mark.parametrize("by", ["device", "batch", "job", "day", "person"])
def test_the_sums_of_ten_thousand_tasks_add_up_to_the_tasks(ended: list[Snapshot], by: By) -> None:
    over = [each for each in ended if each.status != "RUNNING" and each.device != SV1]

    found = sums(ended, keys(UTC, lambda each: each.tags.get("owner", ""))[by])

    amounts = (each.cost.amount for each in over if each.cost)
    assert len(found) > 1
    assert sum(each.cost.amount for each in found) == sum(amounts)
    assert sum(each.cost.unknown for each in found) == sum(each.cost is None for each in over)
    assert sum(each.cost.reserved for each in found) == sum(bool(each.cost and each.cost.reserved) for each in over)
    assert (sum(each.tasks for each in found), sum(each.failed for each in found)) == (
        len(over),
        sum(each.status == "FAILED" for each in over),
    )
    assert together(ended) == total(each.cost for each in found) == total(each.cost for each in by_device(ended))
