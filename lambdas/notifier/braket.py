"""Braket's words → our values: events, API answers and stored rows go through the same parsers."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from itertools import islice

from notifier.members import inside, iso, moment, shown, text, whole
from notifier.model import LONGEST_TAG, Arn, Children, Hint, JobEvent, Kind, Snapshot, parse_arn

DETAIL_TYPES: dict[str, Kind] = {"Braket Task State Change": "task", "Braket Job State Change": "job"}
#: Braket sets no limit to a quantum task's failureReason; ours fits a row, a queue record and a message.
MAX_REASON = 8000
#: Braket: a hybrid job has at most 20 events, each with a message of up to 2500 characters.
MAX_EVENTS = 20
MAX_MESSAGE = 300
#: Braket: no ARN, and no device's name, is longer. AWS: nor has a resource more tags, of longer keys.
LONGEST_ARN, MOST_TAGS, LONGEST_KEY = 256, 50, 128
_STATUS = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,63}")


class MalformedEventError(ValueError):
    """An event that no retry will make readable; it is kept with its raw text."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Where believable events come from: the event source, our partition and account, the watched regions."""

    source: str
    partition: str
    account: str
    regions: frozenset[str]


def parse_event(body: str, watch: Watch) -> Hint:
    """Read one EventBridge event as text; MalformedEventError says what is wrong with it.

    The ARN is looked for in `detail.*Arn` and `resources[]`: AWS publishes no sample of a Job event.
    """
    event = _load(body)
    for key, allowed in (("source", {watch.source}), ("account", {watch.account}), ("region", watch.regions)):
        if text(event.get(key)) not in allowed:
            raise MalformedEventError(f"{key} {shown(event.get(key))} is not {' or '.join(sorted(allowed))}")
    kind = DETAIL_TYPES.get(text(event.get("detail-type")))
    if kind is None:
        raise MalformedEventError(f"detail-type {shown(event.get('detail-type'))} is not a task's or job's")
    detail = event.get("detail")
    if not isinstance(detail, Mapping):
        raise MalformedEventError(f"detail is not an object but {type(detail).__name__}")
    arn = _arn_of(kind, event, detail)
    if (arn.partition, arn.account, arn.region) != (watch.partition, watch.account, event["region"]):
        raise MalformedEventError(f"{arn} is not of the partition, account and region of its envelope")
    try:
        snapshot = parse_snapshot({**detail, _ARN_KEYS[kind]: arn.text}, kind=kind, degraded=True)
        return Hint(snapshot, moment(event.get("time")), text(event.get("id"), most=64))
    except ValueError as error:
        raise MalformedEventError(str(error)) from error


def about(body: str, watch: Watch) -> dict[str, str]:
    """What a log says of an event, whatever becomes of it; nothing, if it is malformed."""
    try:
        return parse_event(body, watch).about
    except MalformedEventError:
        return {}


def parse_snapshot(words: Mapping[str, object], *, kind: Kind, degraded: bool = False) -> Snapshot:
    """Read a task's or job's members from an event's detail, a Get answer or a stored row.

    Unknown members and unknown statuses pass; ValueError names a member that cannot be read. Braket: `shots` is an
    integer in the API and a string in the official event sample; boto3 gives times as datetimes, events as text.
    """
    bucket, directory = _output(words)
    device = text(words.get("deviceArn") or inside(words, "deviceConfig", "device"), most=LONGEST_ARN)
    return Snapshot(
        arn=parse_arn(text(words.get(_ARN_KEYS[kind]))),
        status=_status(words.get("status")),
        created_at=moment(words.get("createdAt")),
        started_at=moment(words.get("startedAt")),
        ended_at=moment(words.get("endedAt")),
        device=device,
        shots=whole("shots", words.get("shots")),
        successful_shots=whole("numSuccessfulShots", words.get("numSuccessfulShots")),
        failure_reason=text(words.get("failureReason"), most=MAX_REASON),
        bucket=bucket,
        directory=directory,
        tags=_tags(words.get("tags")),
        job_arn=_parent(words.get("jobArn")) if kind == "task" else "",
        job_name=text(words.get("jobName")),
        instance_type=text(inside(words, "instanceConfig", "instanceType")),
        max_runtime_s=whole("maxRuntimeInSeconds", inside(words, "stoppingCondition", "maxRuntimeInSeconds")),
        programs=whole("programCount", inside(words, "actionMetadata", "programCount")),
        executables=whole("executableCount", inside(words, "actionMetadata", "executableCount")),
        reservation=_reservation(words.get("associations")),
        queue_position=_position(words),
        events=_events(words.get("events")) if kind == "job" else (),
        children=_children(words.get("children")) if kind == "job" else None,
        degraded=degraded,
    )


def parse_summary(words: Mapping[str, object], *, kind: Kind) -> Snapshot:
    """Read what Search lists: if it cannot be read whole, its ARN and its status are enough to ask for the rest."""
    try:
        return parse_snapshot(words, kind=kind)
    except ValueError:
        return parse_snapshot({key: words.get(key) for key in (_ARN_KEYS[kind], "status")}, kind=kind)


def to_words(snapshot: Snapshot) -> dict[str, object]:
    """The inverse of `parse_snapshot`: Braket's own members, as JSON, without what Braket did not say.

    Device parameters and hyperparameters are never kept: they may carry what users would not want in a message.
    """
    task = snapshot.arn.kind == "task"
    output = (
        {"outputS3Bucket": snapshot.bucket, "outputS3Directory": snapshot.directory}
        if task
        else {"outputDataConfig": _kept({"s3Path": _s3_path(snapshot)})}
    )
    device = {"deviceArn": snapshot.device} if task else {"deviceConfig": _kept({"device": snapshot.device})}
    associations = [{"arn": snapshot.reservation, "type": "RESERVATION_TIME_WINDOW_ARN"}]
    return _kept(
        {
            _ARN_KEYS[snapshot.arn.kind]: snapshot.arn.text,
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


_ARN_KEYS: dict[Kind, str] = {"task": "quantumTaskArn", "job": "jobArn"}


def _load(body: str) -> Mapping[str, object]:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedEventError(f"not JSON: {error}") from error
    if not isinstance(event, dict):
        raise MalformedEventError(f"not an object but {type(event).__name__}")
    return event


def _arn_of(kind: Kind, event: Mapping[str, object], detail: Mapping[str, object]) -> Arn:
    """The one ARN of this kind that the event names; a job's task also names its parent, which is of the other kind."""
    resources = event.get("resources")
    named = [value for key, value in detail.items() if key.endswith("Arn")]
    found = {arn for arn in _arns(named + (resources if isinstance(resources, list) else [])) if arn.kind == kind}
    if len(found) != 1:
        raise MalformedEventError(f"names {len(found)} ARNs of a {kind} in detail.*Arn and resources[], not one")
    return found.pop()


def _arns(values: Iterable[object]) -> Iterator[Arn]:
    for value in values:
        try:
            yield parse_arn(text(value))
        except ValueError:
            continue


def _status(value: object) -> str:
    """Braket documents an event's status as optional; a Get answer always has one."""
    if value is None:
        return ""
    if not isinstance(value, str) or not _STATUS.fullmatch(value):
        raise ValueError(f"status {shown(value)} is not a word")
    return value


def _tags(value: object) -> dict[str, str]:
    """As many, and as long, as AWS allows: a row has room for so much; none has an empty key."""
    words = islice(value.items(), MOST_TAGS) if isinstance(value, Mapping) else ()
    return {text(key, LONGEST_KEY): text(each, LONGEST_TAG) for key, each in words if text(key)}


def _parent(value: object) -> str:
    """The ARN of the hybrid job that it belongs to; what is no such ARN names none."""
    named = next(_arns([value]), None)
    return named.text if named and named.kind == "job" else ""


def _reservation(value: object) -> str:
    """The ARN of the reservation this ran in; Braket allows one."""
    associations = value if isinstance(value, list) else []
    return next((text(inside(a, "arn"), LONGEST_ARN) for a in associations if isinstance(a, Mapping)), "")


def _position(words: Mapping[str, object]) -> str:
    """Braket: the text "None" where a status has no position."""
    said = text(inside(words, "queueInfo", "position"), most=16)
    return "" if said == "None" else said


def _events(value: object) -> tuple[JobEvent, ...]:
    """Braket: at most twenty, and every member optional; the last of them are the newest."""
    events = [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
    return tuple(
        JobEvent(text(each.get("eventType"), most=64), moment(each.get("timeOfEvent")), _message(each))
        for each in events[-MAX_EVENTS:]
    )


def _message(event: Mapping[str, object]) -> str:
    return text(event.get("message"), most=MAX_MESSAGE)


def _children(value: object) -> Children | None:
    """Ours, not Braket's: how a hybrid job's own quantum tasks stand."""
    words = value if isinstance(value, Mapping) else {}
    counts = {each.name: whole(each.name, words.get(each.name)) for each in fields(Children)}
    told = {name: count for name, count in counts.items() if count is not None}
    return Children(**told) if "submitted" in told else None


def _output(words: Mapping[str, object]) -> tuple[str, str]:
    path = text(inside(words, "outputDataConfig", "s3Path"))
    if path.startswith("s3://"):
        bucket, _, directory = path.removeprefix("s3://").partition("/")
        return bucket, directory.rstrip("/")
    return text(words.get("outputS3Bucket")), text(words.get("outputS3Directory"))


def _s3_path(snapshot: Snapshot) -> str:
    return f"s3://{snapshot.bucket}/{snapshot.directory}" if snapshot.bucket else ""


def _kept(words: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in words.items() if value not in (None, "", {}, [])}
