"""Read a resource as Braket has it now, a hybrid job's own tasks, and devices as the last sweep saw them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from braket_notifier.adapters.dynamodb.watched import DynamoWatchedRows
from braket_notifier.braket.responses import parse_snapshot
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError, code_of
from braket_notifier.cli.show import warn_of_skipped
from braket_notifier.domain.resource import Arn, Snapshot, parse_arn
from braket_notifier.rendering.words import links
from braket_notifier.rendering.words.names import name
from braket_notifier.rendering.words.opening import opening
from braket_notifier.rendering.words.queue import tasks_ahead
from braket_notifier.text.json_fields import text
from braket_notifier.watching.queue import earlier_position
from braket_notifier.watching.watched import Seen

KINDS = {"task": "quantum task", "job": "hybrid job"}
PAGE = 100
#: Devices by region and ARN.
Devices = Mapping[tuple[str, str], Seen]


def document(snapshot: Snapshot) -> dict[str, object]:
    """The JSON of a resource, the same for every command."""
    return {
        "arn": snapshot.arn.text,
        "kind": KINDS[snapshot.arn.kind],
        "name": name(snapshot),
        "status": snapshot.status,
        "device": snapshot.device,
        "created_at": snapshot.created_at,
        "ended_at": snapshot.ended_at,
        "queue_position": snapshot.queue_position or None,
        "link": links.resource(snapshot.arn),
    }


def read_arn(given: str) -> Arn:
    try:
        return parse_arn(given)
    except ValueError as error:
        raise CommandError(f"{error}; `braket-notifier list --arn` prints those of open ones") from error


def not_known(arn: Arn) -> str:
    return f"Braket knows no {KINDS[arn.kind]} {arn}: wrong account, typing error, or ended more than 90 days ago"


def fetch(client: Any, arn: Arn) -> Snapshot:  # noqa: ANN401 - a client of Braket in the ARN's region
    """Call GetQuantumTask or GetJob. Raises CommandError if Braket does not know the resource."""
    wanted = {"additionalAttributeNames": ["QueueInfo"]}
    try:
        if arn.kind == "task":
            return parse_snapshot(client.get_quantum_task(quantumTaskArn=arn.text, **wanted), kind="task")
        return parse_snapshot(client.get_job(jobArn=arn.text, **wanted), kind="job")
    except ClientError as error:
        if code_of(error) not in {"ResourceNotFoundException", "ValidationException"}:
            raise
        raise CommandError(not_known(arn)) from error


def children(client: Any, arn: Arn) -> Counter[str]:  # noqa: ANN401 - as above
    """The number of a hybrid job's own quantum tasks in each status."""
    its_own = [{"name": "jobArn", "operator": "EQUAL", "values": [arn.text]}]
    pages = client.get_paginator("search_quantum_tasks").paginate(filters=its_own, PaginationConfig={"PageSize": PAGE})
    return Counter(text(task["status"]) for page in pages for task in page["quantumTasks"])


def devices_of(place: Installation, regions: Iterable[str]) -> Devices:
    """Read the devices; empty without a deployed notifier, or without the right to read its rows."""
    try:
        return DynamoWatchedRows(place.table("Snapshots"), warn_of_skipped).devices([*dict.fromkeys(regions)])
    except (CommandError, ClientError, BotoCoreError):
        return {}


def state_of(devices: Devices, region: str, device: str, zone: str, now: datetime) -> str:
    """Return since when a device is out, or when its queue opens; empty while it runs tasks, or if it is not known."""
    seen = devices.get((region, device))
    return opening(seen.answer, seen.since, zone, now) if seen else ""


def queue_of(devices: Devices, it: Snapshot, now: datetime) -> str:
    """Return "14 tasks ahead (30 two hours ago)"; without a number, Braket's own words for the position."""
    earlier, position = earlier_position(devices.get((it.arn.region, it.device)), it.arn, now), it.queue_position
    return tasks_ahead(it.arn.kind, position, earlier) or (f"{position} ahead" if position else "")
