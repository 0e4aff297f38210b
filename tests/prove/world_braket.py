"""A simulated Braket with lagging answers, throttling, refusals and forgotten resources."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from braket_notifier.braket.availability import Availability
from braket_notifier.braket.rate_limit import RateLimiter
from braket_notifier.braket.responses import to_words
from braket_notifier.domain.resource import Arn, Kind, Snapshot, parse_arn
from braket_notifier.domain.spending import Allowance
from braket_notifier.errors import BusyError, NotKnownError, UnreadableError
from braket_notifier.tracking.ports import CreatedRange

Answer = TypeVar("Answer")
ACCOUNT = "012345678901"
REGIONS = ("eu-north-1", "us-east-1")
DEVICE = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"
#: The owners of the resources in turn; the settings know all but the last one.
OWNERS = ("anna", "ben", "zoe")
#: The order of statuses, repeated here so that no mistake in the library hides itself.
RANKS = {"CREATED": 0, "QUEUED": 1, "RUNNING": 2, "PAUSED": 2.5, "CANCELLING": 3}
#: The last one is unknown to the library: an end only because Braket gives its time.
ENDS = ("COMPLETED", "FAILED", "CANCELLED", "EXPIRED")
DETAIL_TYPES: Mapping[Kind, str] = {"task": "Braket Task State Change", "job": "Braket Job State Change"}


@dataclass
class Resource:
    """A quantum task or hybrid job: every snapshot of its life, oldest first, and the faults of reading it."""

    lives: list[Snapshot]
    listed_from: datetime
    lag: int = 0
    unreadable: bool = False
    forgotten: bool = False
    #: Whether an event of the last status arrived, after which only Braket's lag may prevent its recording.
    ever_lagged: bool = False
    last_end_arrived: bool = False

    @property
    def arn(self) -> Arn:
        return self.lives[0].arn

    @property
    def truth(self) -> Snapshot:
        return self.lives[-1]

    @property
    def ends(self) -> list[Snapshot]:
        return [life for life in self.lives if life.status in ENDS]

    @property
    def answer(self) -> Snapshot:
        """Braket's present answer, which may lag some statuses behind."""
        return self.lives[max(0, len(self.lives) - 1 - self.lag)]

    def moves(self, status: str, at: datetime) -> None:
        began = at if status == "RUNNING" and self.arn.kind == "job" else self.truth.started_at
        ended = at if status in ENDS else None
        self.lives.append(replace(self.truth, status=status, started_at=began, ended_at=ended))


@dataclass
class LastCost:
    """The port `LastCosts` with one cost for every device."""

    cost: Decimal | None = None

    def last_cost(self, region: str, device: str, since: datetime) -> Decimal | None:  # noqa: ARG002 - of the port
        return self.cost


@dataclass
class WorldBraket:
    """The port `Braket`."""

    resources: dict[Arn, Resource] = field(default_factory=dict)
    #: The same resources by region and kind, because each sweep lists them many times.
    of: defaultdict[tuple[str, Kind], list[Resource]] = field(default_factory=lambda: defaultdict(list))
    busy: bool = False
    #: The one device. Without windows no time makes a task stuck.
    device: Availability = field(default_factory=lambda: Availability("ONLINE"))

    #: The spending limits of the first region.
    limits: list[Allowance] = field(default_factory=list)
    refuses_limits: bool = False

    def submit(self, kind: Kind, region: str, at: datetime, *, unlisted: timedelta = timedelta(0)) -> Resource:
        """Search may list it some minutes late."""
        number = len(self.resources)
        path = f"{'quantum-task' if kind == 'task' else 'job'}/834b21ed-77a7-4b36-a90c-{number:012d}"
        arn = parse_arn(f"arn:aws:braket:{region}:{ACCOUNT}:{path}")
        status, tags = "CREATED" if kind == "task" else "QUEUED", {"owner": OWNERS[number % len(OWNERS)]}
        first = Snapshot(arn, status, created_at=at, device=DEVICE, shots=100, tags=tags)
        self.resources[arn] = resource = Resource([first], at + unlisted)
        self.of[region, kind].append(resource)
        return resource

    def read(self, arn: Arn) -> Snapshot:
        if self.busy:
            raise BusyError("ThrottlingException")
        resource = self.resources[arn]
        if resource.unreadable:
            raise UnreadableError("AccessDeniedException")
        if resource.forgotten:
            raise NotKnownError("ResourceNotFoundException")
        return resource.answer

    def listing(self, now: datetime) -> "Listing":
        return Listing(self, now)

    def heals(self) -> None:
        """End every fault. Forgotten resources stay forgotten."""
        self.busy = False
        for resource in self.resources.values():
            resource.lag, resource.unreadable = 0, False


@dataclass(frozen=True)
class Listing:
    """Braket at one moment, as Search lists it."""

    braket: WorldBraket
    now: datetime

    def read(self, arn: Arn) -> Snapshot:
        return self.braket.read(arn)

    def availability(self, region: str, device: str) -> Availability:  # noqa: ARG002 - there is one device
        if self.braket.busy:
            raise BusyError("ThrottlingException")
        return self.braket.device

    def spending_limits(self, region: str) -> list[Allowance]:
        if self.braket.busy:
            raise BusyError("ThrottlingException")
        if self.braket.refuses_limits:
            raise UnreadableError("AccessDeniedException")
        return [*self.braket.limits] if region == REGIONS[0] else []

    def open_tasks(self, region: str, window: CreatedRange) -> list[Snapshot]:
        return [_summary(each) for each in self._listed(region, "task", window) if each.status in RANKS]

    def created(self, region: str, kind: Kind, window: CreatedRange) -> list[Snapshot]:
        return [_summary(each) for each in self._listed(region, kind, window)]

    def _listed(self, region: str, kind: Kind, window: CreatedRange) -> list[Snapshot]:
        if self.braket.busy:
            raise BusyError("ThrottlingException")
        return [
            resource.answer
            for resource in self.braket.of[region, kind]
            if window.has(resource.lives[0].created_at) and resource.listed_from <= self.now and not resource.forgotten
        ]


def _summary(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, tags={}, failure_reason="")


@dataclass(frozen=True)
class Limited:
    """The port `Braket`, asked at the rate of a function's share as the real adapter asks it."""

    braket: Listing
    limiter: RateLimiter
    late: Callable[[], bool]

    def read(self, arn: Arn) -> Snapshot:
        operation = "GetQuantumTask" if arn.kind == "task" else "GetJob"
        return self._asked(arn.region, operation, lambda: self.braket.read(arn))

    def availability(self, region: str, device: str) -> Availability:
        return self._asked(region, "GetDevice", lambda: self.braket.availability(region, device))

    def spending_limits(self, region: str) -> list[Allowance]:
        return self._asked(region, "SearchSpendingLimits", lambda: self.braket.spending_limits(region))

    def open_tasks(self, region: str, window: CreatedRange) -> list[Snapshot]:
        return self._asked(region, "SearchQuantumTasks", lambda: self.braket.open_tasks(region, window))

    def created(self, region: str, kind: Kind, window: CreatedRange) -> list[Snapshot]:
        operation = "SearchQuantumTasks" if kind == "task" else "SearchJobs"
        return self._asked(region, operation, lambda: self.braket.created(region, kind, window))

    def _asked(self, region: str, operation: str, ask: Callable[[], Answer]) -> Answer:
        self.limiter.take(region, operation, self.late)
        try:
            return ask()
        except BusyError:
            self.limiter.throttled(region, operation)
            raise


def event(snapshot: Snapshot, at: datetime, *, says_end: bool = True) -> str:
    """The EventBridge event of a status. Its detail may lack the time of the end."""
    arn = snapshot.arn
    detail = to_words(snapshot if says_end else replace(snapshot, ended_at=None))
    envelope = {"version": "0", "id": f"{arn.id}-{snapshot.status}", "source": "aws.braket", "account": ACCOUNT}
    envelope |= {"detail-type": DETAIL_TYPES[arn.kind], "region": arn.region, "time": at.isoformat()}
    return json.dumps({**envelope, "resources": [arn.text], "detail": detail})
