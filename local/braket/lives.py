"""The account's quantum tasks and hybrid jobs, and their way through the statuses."""

import itertools
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from local.braket.clock import Clock
from local.braket.errors import BraketError, invalid, not_found
from local.braket.resource import Change, Resource
from local.braket.script import FIRST_STATUS, Choose, CreateRequest, Step, usual

MOST_TAGS = 50


class Lives:
    """All resources by ARN, and every status change in order."""

    def __init__(self, clock: Clock, ending: Callable[[Resource], None], changed: Callable[[Resource], None]) -> None:
        self._clock = clock
        self._ending = ending  # called before the end of the resource is visible
        self._changed = changed
        self._lock = threading.RLock()
        self._by_arn: dict[str, Resource] = {}
        self._by_client_token: dict[tuple[str, ...], tuple[Mapping[str, Any], str]] = {}
        self._changes: list[Change] = []
        self._numbers = itertools.count()

    @property
    def changes(self) -> list[Change]:
        with self._lock:
            return list(self._changes)

    def find(self, arn: str, region: str) -> Resource:
        """The resource of that region. A resource of another region is not found."""
        found = self._by_arn.get(arn)
        if found is None or found.asked.region != region or not found.is_kept(self._clock.now()):
            raise not_found(arn)
        return found

    def all(self, kind: str, region: str) -> list[Resource]:
        now = self._clock.now()
        with self._lock:
            known = list(self._by_arn.values())
        return [r for r in known if r.asked.kind == kind and r.asked.region == region and r.is_kept(now)]

    def knows(self, asked: CreateRequest) -> bool:
        """Whether a resource was created with this client token."""
        return (asked.region, asked.kind, asked.body["clientToken"]) in self._by_client_token

    def create(self, arn: str, asked: CreateRequest, choose: Choose, action: Mapping[str, Any]) -> str:
        """Create a resource. The same client token with the same request names the earlier resource."""
        key = (asked.region, asked.kind, asked.body["clientToken"])
        with self._lock:
            earlier = self._by_client_token.get(key)
            if earlier is not None:
                return _same_request(asked, *earlier)
            resource = Resource(
                arn=arn,
                asked=asked,
                script=choose(asked),
                action=action,
                number=next(self._numbers),
                born=self._clock.now(),
                status=FIRST_STATUS[asked.kind],
            )
            self._by_client_token[key] = (asked.body, arn)
            self._write(resource)
        self._changed(resource)
        self._go_on(arn, usual(asked.kind) if resource.script.steps is None else resource.script.steps, None)
        return arn

    def cancel(self, arn: str, region: str) -> Resource:
        with self._lock:
            resource = self.find(arn, region)
            if not resource.is_open:
                what = "quantum task" if resource.asked.kind == "task" else "job"
                words = f"Amazon Braket cannot cancel a {what} in the {resource.status} status"
                raise BraketError("ConflictException", words)
            if resource.status == "CANCELLING" or resource.cancelled_at is not None:
                return resource
            now = self._clock.now()
            resource = replace(resource.moved("CANCELLING", now), cancelled_at=now)
            self._write(resource)
        self._changed(resource)
        self._go_on(arn, resource.script.when_cancelled, resource.cancelled_at)
        return resource

    def tag(self, arn: str, region: str, tags: Mapping[str, str]) -> None:
        """Add the tags, in any status. AWS allows fifty tags on a resource."""
        with self._lock:
            resource = self.find(arn, region)
            merged = {**resource.asked.tags, **tags}
            if len(merged) > MOST_TAGS:
                raise invalid(f"{arn} would have {len(merged)} tags; the maximum is {MOST_TAGS}.")
            self._by_arn[arn] = resource.tagged(merged)

    def untag(self, arn: str, region: str, names: Collection[str]) -> None:
        """Remove the tags. A name that the resource does not have is no error."""
        with self._lock:
            resource = self.find(arn, region)
            self._by_arn[arn] = resource.tagged({k: v for k, v in resource.asked.tags.items() if k not in names})

    def _write(self, resource: Resource) -> None:
        self._by_arn[resource.arn] = resource
        lost = resource.script.loses(resource.status)
        self._changes.append(Change(resource.arn, resource.asked.kind, resource.status, self._clock.now(), lost))

    def _go_on(self, arn: str, steps: tuple[Step, ...], cancelled_at: datetime | None) -> None:
        if steps:
            self._clock.after(steps[0][0], partial(self._take, arn, steps, cancelled_at))

    def _take(self, arn: str, steps: tuple[Step, ...], cancelled_at: datetime | None) -> None:
        """Take the next status, unless a cancel has replaced these steps by others."""
        status = steps[0][1]
        late = self._by_arn[arn].script.late
        ended = self._by_arn[arn].moved(status, self._clock.now() - late)
        if not ended.is_open and ended.cancelled_at == cancelled_at:
            self._ending(ended)
        with self._lock:
            resource = self._by_arn[arn]
            if resource.cancelled_at != cancelled_at:
                return
            resource = resource.moved(status, ended.ended_at or self._clock.now() - late)
            self._write(resource)
        self._changed(resource)
        self._go_on(arn, steps[1:], cancelled_at)


def _same_request(asked: CreateRequest, earlier: Mapping[str, Any], arn: str) -> str:
    if earlier == asked.body:
        return arn
    words = "The client token was used before with another request."
    code = "ConflictException" if asked.kind == "job" else "ValidationException"
    raise BraketError(code, words)
