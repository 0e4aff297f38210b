"""The EventBridge events that Braket sends when a status changes."""

import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.braket.answers import directory, iso
from local.braket.resource import Resource
from local.braket.script import FIRST_STATUS

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

Event = dict[str, Any]


def event_of(resource: Resource, at: datetime, account: str, source: str) -> Event:
    """The event as a rule's target receives it."""
    is_task = resource.asked.kind == "task"
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": f"Braket {'Task' if is_task else 'Job'} State Change",
        "source": source,
        "account": account,
        "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": resource.asked.region,
        "resources": [resource.arn],
        "detail": _task_detail(resource) if is_task else _job_detail(resource),
    }


def _task_detail(task: Resource) -> dict[str, Any]:
    detail = {
        "quantumTaskArn": task.arn,
        "status": task.status,
        "deviceArn": task.asked.device,
        "shots": str(task.asked.shots),  # documented as an integer; the official sample has a string
        "outputS3Bucket": task.asked.body["outputS3Bucket"],
        "outputS3Directory": directory(task),
        "createdAt": iso(task.created_at),
        "eventName": "INSERT" if task.status == FIRST_STATUS["task"] else "MODIFY",
    }
    return detail | ({"endedAt": iso(task.ended_at)} if task.ended_at else {})


def _job_detail(job: Resource) -> dict[str, Any]:
    """Braket publishes no sample. Other software is known to read these members."""
    detail = {"jobArn": job.arn, "status": job.status}
    if job.started_at:
        detail["startedAt"] = iso(job.started_at)
    return detail | ({"endedAt": iso(job.ended_at)} if job.ended_at else {})


def deliveries(resource: Resource, event: Event, held_back: Event | None) -> tuple[list[Event], Event | None]:
    """The events to send now, and the event to send after the next change (Braket: at least once, in any order)."""
    if resource.script.loses(resource.status):
        return [], held_back
    match resource.script.events:
        case "duplicated":
            return [event, event], None
        case "reordered" if held_back is not None:
            return [event, held_back], None
        case "reordered" if resource.is_open:
            return [], event
        case _:
            return [event], None


def put_event(client: "EventBridgeClient", event: Event, bus: str = "default") -> None:
    """Put one event on a bus of the client's region. Raises RuntimeError if the bus refuses it."""
    answer = client.put_events(
        Entries=[
            {
                "Source": event["source"],
                "DetailType": event["detail-type"],
                "Detail": json.dumps(event["detail"]),
                "Resources": event["resources"],
                "Time": datetime.fromisoformat(event["time"]),
                "EventBusName": bus,
            },
        ],
    )
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"EventBridge took no event of {event['resources'][0]}: {answer['Entries']}")
