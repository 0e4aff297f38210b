"""A quantum task or hybrid job at one moment, and the change that brought it there."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from local.braket.script import TERMINAL, CreateRequest, Script

RETENTION = timedelta(days=90)  # "After 90 days, Amazon Braket automatically removes all quantum task IDs"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A quantum task or hybrid job at one moment."""

    arn: str
    asked: CreateRequest
    script: Script
    action: Mapping[str, Any] = field(repr=False)
    number: int  # the order of creation, because createdAt may be equal
    born: datetime
    status: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cancelled_at: datetime | None = None  # the time of the client's request

    @property
    def created_at(self) -> datetime:
        return self.born - self.script.aged

    @property
    def is_open(self) -> bool:
        return self.status not in TERMINAL

    @property
    def associations(self) -> list[dict[str, str]]:
        named: list[dict[str, str]] = self.asked.body.get("associations", [])
        scripted = self.script.association
        return named or ([{"arn": scripted, "type": "RESERVATION_TIME_WINDOW_ARN"}] if scripted else [])

    def moved(self, status: str, at: datetime) -> "Resource":
        started = self.started_at or (at if status == "RUNNING" else None)
        return replace(self, status=status, started_at=started, ended_at=at if status in TERMINAL else None)

    def tagged(self, tags: Mapping[str, str]) -> "Resource":
        return replace(self, asked=replace(self.asked, tags=tags))

    def is_kept(self, now: datetime) -> bool:
        """Whether Braket still knows the resource. Its documentation does not state how long it keeps hybrid jobs."""
        return self.asked.kind == "job" or self.ended_at is None or now - self.ended_at < RETENTION


@dataclass(frozen=True)
class Change:
    """A status change of a resource, and whether its event was lost."""

    arn: str
    kind: str
    status: str
    at: datetime
    lost: bool
