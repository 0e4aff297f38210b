"""The operator's requests to Braket: one resource with its queue position, and a hybrid job's own tasks."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from braket_notifier.braket.responses import parse_snapshot
from braket_notifier.cli.sentences import CommandError, code_of
from braket_notifier.domain.resource import Arn, Snapshot, parse_arn
from braket_notifier.rendering.words import links
from braket_notifier.rendering.words.names import name
from braket_notifier.text.json_fields import inside, text

KINDS = {"task": "quantum task", "job": "hybrid job"}
PAGE = 100


@dataclass(frozen=True, slots=True)
class BraketAnswer:
    """Braket's present answer about one resource. `position` is its queue position as Braket words it."""

    snapshot: Snapshot
    position: str = ""


def document(snapshot: Snapshot, position: str = "") -> dict[str, object]:
    """The JSON of a resource, the same for every command."""
    return {
        "arn": snapshot.arn.text,
        "kind": KINDS[snapshot.arn.kind],
        "name": name(snapshot),
        "status": snapshot.status,
        "device": snapshot.device,
        "created_at": snapshot.created_at,
        "ended_at": snapshot.ended_at,
        "queue_position": position or None,
        "link": links.resource(snapshot.arn),
    }


def read_arn(given: str) -> Arn:
    try:
        return parse_arn(given)
    except ValueError as error:
        raise CommandError(str(error)) from error


def not_known(arn: Arn) -> str:
    return f"Braket knows no {KINDS[arn.kind]} {arn}: wrong account, typing error, or ended more than 90 days ago"


def fetch(client: Any, arn: Arn) -> BraketAnswer:  # noqa: ANN401 - a client of Braket in the ARN's region
    """Call GetQuantumTask or GetJob. Raises CommandError if Braket does not know the resource."""
    wanted = {"additionalAttributeNames": ["QueueInfo"]}
    try:
        if arn.kind == "task":
            return _answer(client.get_quantum_task(quantumTaskArn=arn.text, **wanted), arn)
        return _answer(client.get_job(jobArn=arn.text, **wanted), arn)
    except ClientError as error:
        if code_of(error) not in {"ResourceNotFoundException", "ValidationException"}:
            raise
        raise CommandError(not_known(arn)) from error


def children(client: Any, arn: Arn) -> Counter[str]:  # noqa: ANN401 - as above
    """The number of a hybrid job's own quantum tasks in each status."""
    its_own = [{"name": "jobArn", "operator": "EQUAL", "values": [arn.text]}]
    pages = client.get_paginator("search_quantum_tasks").paginate(filters=its_own, PaginationConfig={"PageSize": PAGE})
    return Counter(text(task["status"]) for page in pages for task in page["quantumTasks"])


def _answer(response: Mapping[str, object], arn: Arn) -> BraketAnswer:
    position = text(inside(response, "queueInfo", "position"))
    return BraketAnswer(parse_snapshot(response, kind=arn.kind), "" if position == "None" else position)
