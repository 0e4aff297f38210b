"""Spending limits of QPUs: what they list, and the tasks that they refuse.

What is spent and queued follows from the tasks themselves: a waiting task reserves its estimate, a completed one costs
the shots that succeeded, and a failed or cancelled one costs nothing. Tasks in a reservation cost nothing here.
"""

import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from local.braket.answers import iso, usable_shots
from local.braket.devices import Device
from local.braket.errors import invalid, not_found
from local.braket.prices import PER_TASK, per_shot
from local.braket.resource import Resource
from local.braket.search import page

#: The end of a limit without one, as Braket gives it.
NO_END = datetime(2125, 12, 30, tzinfo=UTC)
PAGE = 20
FILTERS = ("deviceArn", "spendingLimitArn")
Asked = Mapping[str, Any]


@dataclass(frozen=True)
class Limit:
    """A spending limit of a device, and its place in the order of creation."""

    arn: str
    number: int
    device: str
    amount: str
    since: datetime
    until: datetime
    created_at: datetime
    updated_at: datetime
    tags: Mapping[str, str]

    def has(self, task: Resource) -> bool:
        """Whether the task exists under the limit: on its device, without a reservation, created after the limit."""
        return task.asked.device == self.device and not task.associations and task.born >= self.created_at


class Limits:
    """The spending limits of every region."""

    def __init__(self, account: str, now: Callable[[], datetime], devices: Mapping[str, Device]) -> None:
        self._account, self._now, self._devices = account, now, devices
        self._by_arn: dict[str, Limit] = {}
        #: Held from the check of a task to its creation, otherwise two tasks could spend the same remainder.
        self.lock = threading.Lock()

    def create(self, asked: Asked, region: str) -> str:
        device = self._devices.get(asked["deviceArn"])
        if device is None or not device.is_in(region) or not device.is_qpu:
            raise invalid(f"Device {asked['deviceArn']} is no QPU of {region}.")
        if any(each.device == device.arn for each in self._by_arn.values()):
            raise invalid(f"Device {device.arn} has a spending limit already.")
        now, arn = self._now(), f"arn:aws:braket:{region}:{self._account}:spending-limit/{uuid.uuid4()}"
        since, until = _period(asked, now, NO_END)
        tags = asked.get("tags", {})
        limit = Limit(arn, len(self._by_arn), device.arn, asked["spendingLimit"], since, until, now, now, tags)
        self._by_arn[arn] = limit
        return arn

    def update(self, asked: Asked, region: str) -> None:
        limit = self._find(asked["spendingLimitArn"], region)
        since, until = _period(asked, limit.since, limit.until)
        amount = asked.get("spendingLimit", limit.amount)
        changed = replace(limit, amount=amount, since=since, until=until, updated_at=self._now())
        self._by_arn[limit.arn] = changed

    def delete(self, arn: str, region: str) -> None:
        del self._by_arn[self._find(arn, region).arn]

    def search(
        self, asked: Asked, region: str, tasks: Iterable[Resource]
    ) -> tuple[list[dict[str, Any]], dict[str, str]]:
        """A page of summaries, and the token of the next one."""
        asked, listed = {"filters": [], "maxResults": PAGE, **asked}, list(tasks)
        if wrong := [each["name"] for each in asked["filters"] if each["name"] not in FILTERS]:
            raise invalid(f"Unsupported filter name {wrong[0]}. Supported: {', '.join(FILTERS)}.")
        found = [each for each in self._by_arn.values() if _region(each.arn) == region]
        for wanted in asked["filters"]:
            by_device = wanted["name"] == "deviceArn"
            found = [each for each in found if (each.device if by_device else each.arn) in wanted["values"]]
        shown, token = page(found, lambda each: (0.0, each.number), asked, f"limits/{region}")
        return [self._summary(each, listed) for each in shown], token

    def check(self, device: Device, shots: int, region: str, tasks: Iterable[Resource]) -> None:
        """Refuse a task whose estimate exceeds what remains, in Braket's own words."""
        limit = next((e for e in self._by_arn.values() if (e.device, _region(e.arn)) == (device.arn, region)), None)
        if limit is None:
            return
        spent, queued = self._use(limit, tasks)
        estimate = _cost(device, shots)
        if spent + queued + estimate > Decimal(limit.amount) or not limit.since <= self._now() < limit.until:
            raise invalid(
                "Attempted to spend over the spending limit or outside the spending limit time window. "
                f"Spending limit: {limit.amount}, current spend: {spent}, estimated cost: {estimate}, "
                f"start time: {iso(limit.since)}, end time: {iso(limit.until)}"
            )

    def _summary(self, limit: Limit, tasks: Iterable[Resource]) -> dict[str, Any]:
        spent, queued = self._use(limit, tasks)
        return {
            "spendingLimitArn": limit.arn,
            "deviceArn": limit.device,
            "timePeriod": {"startAt": int(limit.since.timestamp()), "endAt": int(limit.until.timestamp())},
            "spendingLimit": limit.amount,
            "queuedSpend": f"{queued}",
            "totalSpend": f"{spent}",
            "createdAt": iso(limit.created_at),
            "updatedAt": iso(limit.updated_at),
            "tags": dict(limit.tags),
        }

    def _use(self, limit: Limit, tasks: Iterable[Resource]) -> tuple[Decimal, Decimal]:
        """What is spent and what is queued."""
        device, spent, queued = self._devices[limit.device], Decimal(0), Decimal(0)
        for task in filter(limit.has, tasks):
            if task.is_open:
                queued += _cost(device, task.asked.shots)
            elif task.status == "COMPLETED":
                spent += _cost(device, usable_shots(task))
        return spent, queued

    def _find(self, arn: str, region: str) -> Limit:
        limit = self._by_arn.get(arn)
        if limit is None or _region(arn) != region:
            raise not_found(arn)
        return limit


def _cost(device: Device, shots: int) -> Decimal:
    return Decimal(PER_TASK) + shots * Decimal(per_shot(device) or 0)


def _period(asked: Asked, since: datetime, until: datetime) -> tuple[datetime, datetime]:
    if given := asked.get("timePeriod"):
        since, until = (datetime.fromtimestamp(given[name], UTC) for name in ("startAt", "endAt"))
    if since >= until:
        raise invalid("The spending limit's start is not before its end.")
    return since, until


def _region(arn: str) -> str:
    return arn.split(":")[3]
