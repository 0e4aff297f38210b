"""CloudTrail's event history of the emulator's Create calls, which shows each event minutes late."""

import json
import random
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from local.braket.clock import Clock
from local.braket.errors import BraketError
from local.braket.serving import Request

#: The operation's name in the header of a request to CloudTrail.
TARGET = re.compile(r"com\.amazonaws\.cloudtrail\.v20131101\.CloudTrail_20131101\.LookupEvents")
#: Events of one page, and requests a second of a region.
PAGE, REQUESTS_A_SECOND = 50, 2
#: Seconds by which an event appears late.
SOONEST_S, LATEST_S = 60, 900
JOB_ROLE = "AmazonBraketJobsExecutionRole"

Answer = dict[str, Any]


@dataclass(frozen=True)
class _Listed:
    """An event, the moment of its call, and the moment at which it appears."""

    name: str
    region: str
    at: datetime
    appears: datetime
    members: Mapping[str, object]


def is_lookup(request: Request) -> bool:
    return TARGET.fullmatch(request.headers.get("x-amz-target", "")) is not None


class EventHistory:
    """The events of every region, newest first, as LookupEvents lists them."""

    def __init__(self, account: str, clock: Clock, late: Callable[[str], float] | None = None) -> None:
        """`late` gives the seconds by which the event of an ARN appears late; otherwise 1 to 15 minutes."""
        self._account, self._clock = account, clock
        self._late = late or _late
        self._events: list[_Listed] = []
        self._asked: dict[str, list[datetime]] = {}
        self._lock = Lock()

    def add(self, name: str, region: str, identity: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Add the event of a call that created a quantum task or a hybrid job."""
        arn, now = str(next(iter(answer.values()))), self._clock.now()
        who = identity
        if "jobToken" in asked:  # the call comes from a hybrid job's container
            who = f"arn:aws:sts::{self._account}:assumed-role/{JOB_ROLE}/{asked['jobToken']}"
        members = {
            "eventVersion": "1.11",
            "userIdentity": {"type": _type_of(who), "arn": who, "accountId": self._account},
            "eventTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": "braket.amazonaws.com",
            "eventName": name,
            "awsRegion": region,
            "requestParameters": {key: asked[key] for key in ("deviceArn", "jobName") if key in asked},
            "responseElements": {**answer, "status": "INITIALIZED"},
            "eventID": str(uuid.uuid4()),
            "readOnly": False,
        }
        with self._lock:
            self._events.append(_Listed(name, region, now, now + timedelta(seconds=self._late(arn)), members))

    def lookup(self, region: str, body: bytes) -> Answer:
        """Answer LookupEvents; BraketError with CloudTrail's own codes."""
        self._spend(region)
        asked = json.loads(body or b"{}")
        [attribute] = asked.get("LookupAttributes") or [{}]
        if attribute.get("AttributeKey") != "EventName":
            raise BraketError("ValidationException", "This emulator looks up events by EventName alone.")
        now = self._clock.now()
        since, until = (_moment(asked.get(key), now, days) for key, days in (("StartTime", 90), ("EndTime", 0)))
        if since > until or not 1 <= asked.get("MaxResults", PAGE) <= PAGE:
            raise BraketError("ValidationException", "StartTime is after EndTime, or MaxResults is not 1 to 50.")
        with self._lock:
            shown = [each for each in self._events if each.region == region and each.appears <= now]
        found = [each for each in shown if each.name == attribute["AttributeValue"] and since <= each.at <= until]
        found.sort(key=lambda each: each.at, reverse=True)
        first, size = int(asked.get("NextToken", 0)), asked.get("MaxResults", PAGE)
        more = {"NextToken": str(first + size)} if first + size < len(found) else {}
        return {"Events": [_event(each) for each in found[first : first + size]], **more}

    def _spend(self, region: str) -> None:
        with self._lock:
            now = self._clock.now()
            lately = [at for at in self._asked.get(region, []) if now - at < timedelta(seconds=1)]
            if len(lately) >= REQUESTS_A_SECOND:
                raise BraketError("ThrottlingException", "Rate exceeded")
            self._asked[region] = [*lately, now]


def _late(arn: str) -> float:
    return random.Random(arn).uniform(SOONEST_S, LATEST_S)  # noqa: S311 - a delay, the same for each run of an ARN


def _type_of(identity: str) -> str:
    return "AssumedRole" if ":assumed-role/" in identity else "IAMUser"


def _moment(value: float | None, now: datetime, days: int) -> datetime:
    return now - timedelta(days=days) if value is None else datetime.fromtimestamp(value, UTC)


def _event(each: _Listed) -> Answer:
    return {
        "EventId": str(each.members["eventID"]),
        "EventName": each.name,
        "EventSource": "braket.amazonaws.com",
        "EventTime": int(each.at.timestamp()),
        "ReadOnly": "false",
        "CloudTrailEvent": json.dumps(each.members),
    }
