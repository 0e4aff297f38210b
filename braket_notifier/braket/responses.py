"""Parsers of Braket's JSON: events, API answers and stored rows go through the same ones."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from itertools import islice

from braket_notifier.domain.announcement import is_announcement
from braket_notifier.domain.resource import (
    LONGEST_TAG,
    OWN_STATUSES,
    Arn,
    Children,
    JobEvent,
    Kind,
    Snapshot,
    parse_arn,
)
from braket_notifier.text.json_fields import inside, iso, moment, shown, text, whole

#: Characters of a failureReason that fit a row, a queue record and a message; Braket sets no limit.
MAX_REASON = 8000
#: Events of a hybrid job, and characters kept of each event's message; Braket allows 20 events of 2500 characters.
MAX_EVENTS = 20
MAX_MESSAGE = 300
#: Characters of an ARN or a device's name (Braket's limit), tags of a resource and characters of a key (AWS's).
LONGEST_ARN, MOST_TAGS, LONGEST_KEY = 256, 50, 128
#: Braket's type of an association with a reservation; one of another type says nothing about when a task runs.
RESERVATION = "RESERVATION_TIME_WINDOW_ARN"
_STATUS = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,63}")


def parse_snapshot(members: Mapping[str, object], *, kind: Kind, degraded: bool = False) -> Snapshot:
    """Parse a task's or job's members from an event's detail, a Get answer or a stored row.

    Unknown members and statuses are accepted; ValueError names a member that cannot be read. Braket documents `shots`
    as an integer and shows it as a string in its event sample; boto3 gives times as datetimes, events as text.
    """
    bucket, directory = _output(members)
    device = text(members.get("deviceArn") or inside(members, "deviceConfig", "device"), most=LONGEST_ARN)
    return Snapshot(
        arn=parse_arn(text(members.get(ARN_KEYS[kind]))),
        status=_status(members.get("status")),
        created_at=moment(members.get("createdAt")),
        started_at=moment(members.get("startedAt")),
        ended_at=moment(members.get("endedAt")),
        device=device,
        shots=whole("shots", members.get("shots")),
        successful_shots=whole("numSuccessfulShots", members.get("numSuccessfulShots")),
        failure_reason=text(members.get("failureReason"), most=MAX_REASON),
        bucket=bucket,
        directory=directory,
        tags=_tags(members.get("tags")),
        job_arn=_parent(members.get("jobArn")) if kind == "task" else "",
        job_name=text(members.get("jobName")),
        instance_type=text(inside(members, "instanceConfig", "instanceType")),
        max_runtime_s=whole("maxRuntimeInSeconds", inside(members, "stoppingCondition", "maxRuntimeInSeconds")),
        programs=whole("programCount", inside(members, "actionMetadata", "programCount")),
        executables=whole("executableCount", inside(members, "actionMetadata", "executableCount")),
        reservation=_reservation(members.get("associations")),
        queue_position=_position(members),
        events=_events(members.get("events")) if kind == "job" else (),
        children=parse_children(members.get("children")) if kind == "job" else None,
        degraded=degraded,
    )


def parse_summary(members: Mapping[str, object], *, kind: Kind) -> Snapshot:
    """Parse a resource that Search lists. If it is malformed, its ARN and status are enough for a Get request."""
    try:
        return parse_snapshot(members, kind=kind)
    except ValueError:
        return parse_snapshot({key: members.get(key) for key in (ARN_KEYS[kind], "status")}, kind=kind)


def to_words(snapshot: Snapshot) -> dict[str, object]:
    """Return a snapshot in Braket's own JSON members, the inverse of `parse_snapshot`; absent members are left out.

    Device parameters and hyperparameters are not kept, because they may hold what users would not want in a message.
    """
    task = snapshot.arn.kind == "task"
    output = (
        {"outputS3Bucket": snapshot.bucket, "outputS3Directory": snapshot.directory}
        if task
        else {"outputDataConfig": _kept({"s3Path": _s3_path(snapshot)})}
    )
    device = {"deviceArn": snapshot.device} if task else {"deviceConfig": _kept({"device": snapshot.device})}
    associations = [{"arn": snapshot.reservation, "type": RESERVATION}]
    return _kept(
        {
            ARN_KEYS[snapshot.arn.kind]: snapshot.arn.text,
            "status": snapshot.status,
            "createdAt": iso(snapshot.created_at),
            "startedAt": iso(snapshot.started_at),
            "endedAt": iso(snapshot.ended_at),
            **device,
            **output,
            "shots": snapshot.shots,
            "numSuccessfulShots": snapshot.successful_shots,
            "failureReason": snapshot.failure_reason,
            "tags": dict(snapshot.tags),
            **({"jobArn": snapshot.job_arn} if task else {}),
            "jobName": snapshot.job_name,
            "instanceConfig": _kept({"instanceType": snapshot.instance_type}),
            "stoppingCondition": _kept({"maxRuntimeInSeconds": snapshot.max_runtime_s}),
            "actionMetadata": _kept({"programCount": snapshot.programs, "executableCount": snapshot.executables}),
            "associations": associations if snapshot.reservation else [],
            "queueInfo": _kept({"position": snapshot.queue_position}),
            "events": [
                _kept({"eventType": each.type, "timeOfEvent": iso(each.at), "message": each.message})
                for each in snapshot.events
            ],
            "children": _kept(asdict(snapshot.children)) if snapshot.children else {},
        },
    )


ARN_KEYS: dict[Kind, str] = {"task": "quantumTaskArn", "job": "jobArn"}


def all_arns(values: Iterable[object]) -> Iterator[Arn]:
    for value in values:
        try:
            yield parse_arn(text(value))
        except ValueError:
            continue


def _status(value: object) -> str:
    """Return the status, or empty text for an event without one. A Get answer always has a status.

    A future status of Braket's gets a prefix if the notifier has the same word for something else.
    """
    if value is None:
        return ""
    if not isinstance(value, str) or not _STATUS.fullmatch(value):
        raise ValueError(f"status {shown(value)} is not a valid Braket status")
    return f"BRAKET_{value}" if value in OWN_STATUSES or is_announcement(value) else value


def _tags(value: object) -> dict[str, str]:
    """Return the tags within AWS's limits of number and length, because a row has limited room."""
    members = islice(value.items(), MOST_TAGS) if isinstance(value, Mapping) else ()
    return {text(key, LONGEST_KEY): text(each, LONGEST_TAG) for key, each in members if text(key)}


def _parent(value: object) -> str:
    """Return the ARN of the hybrid job that a task belongs to; empty for any other value."""
    named = next(all_arns([value]), None) if value else None  # usually absent, and an error takes long
    return named.text if named and named.kind == "job" else ""


def _reservation(value: object) -> str:
    """Return the ARN of the task's reservation. Braket allows one, and gives each association its type."""
    associations = [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
    return next((text(each.get("arn"), LONGEST_ARN) for each in associations if each.get("type") == RESERVATION), "")


def _position(members: Mapping[str, object]) -> str:
    """Return the queue position. Braket gives the text "None" for a status without a position."""
    position = text(inside(members, "queueInfo", "position"), most=16)
    return "" if position == "None" else position


def _events(value: object) -> tuple[JobEvent, ...]:
    """Return the newest events. Braket gives at most twenty, and each of their members is optional."""
    events = [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
    return tuple(
        JobEvent(text(each.get("eventType"), most=64), moment(each.get("timeOfEvent")), _message(each))
        for each in events[-MAX_EVENTS:]
    )


def _message(event: Mapping[str, object]) -> str:
    return text(event.get("message"), most=MAX_MESSAGE)


def parse_children(value: object) -> Children | None:
    """Return the counts of a hybrid job's own quantum tasks, which the notifier adds to Braket's members."""
    members = value if isinstance(value, Mapping) else {}
    counts = {each.name: whole(each.name, members.get(each.name)) for each in fields(Children)}
    present = {name: count for name, count in counts.items() if count is not None}
    return Children(**present) if "submitted" in present else None


def _output(members: Mapping[str, object]) -> tuple[str, str]:
    path = text(inside(members, "outputDataConfig", "s3Path"))
    if path.startswith("s3://"):
        bucket, _, directory = path.removeprefix("s3://").partition("/")
        return bucket, directory.rstrip("/")
    return text(members.get("outputS3Bucket")), text(members.get("outputS3Directory"))


def _s3_path(snapshot: Snapshot) -> str:
    return f"s3://{snapshot.bucket}/{snapshot.directory}" if snapshot.bucket else ""


def _kept(members: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in members.items() if value not in (None, "", {}, [])}
