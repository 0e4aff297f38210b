"""Amazon Braket through boto3: each resource is asked for in its own region."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

from notifier.braket import parse_snapshot
from notifier.model import Arn, Kind, Snapshot
from notifier.ports import BusyError, UnreadableError

if TYPE_CHECKING:
    from mypy_boto3_braket import BraketClient

OPEN_STATUSES = ("CREATED", "QUEUED", "RUNNING", "CANCELLING")
PAGE = 100
#: A repeated question cannot help: no right to ask, not known (yet), or not a question at all.
_UNREADABLE = {"AccessDeniedException", "ResourceNotFoundException", "ValidationException"}


class BotoBraket:
    """The port `Braket` over one client a region."""

    def __init__(self, client_for: "Callable[[str], BraketClient]") -> None:
        self._client_for = client_for

    def read(self, arn: Arn) -> Snapshot:
        client = self._client_for(arn.region)
        try:
            if arn.kind == "task":
                task = client.get_quantum_task(quantumTaskArn=arn.text, additionalAttributeNames=["QueueInfo"])
                return _snapshot(task, "task")
            job = client.get_job(jobArn=arn.text, additionalAttributeNames=["QueueInfo"])
            return _snapshot(job, "job")
        except (ClientError, BotoCoreError) as error:
            raise _named(error) from error
        except ValueError as error:
            raise UnreadableError(str(error)) from error

    def search(self, region: str, tasks_since: datetime, jobs_since: datetime) -> Iterable[Snapshot]:
        """One pass for each open status: whether Braket joins several values of a filter by "or" is not documented."""
        client = self._client_for(region)
        try:
            for status in OPEN_STATUSES:
                yield from _tasks(client, "status", "EQUAL", status)
            yield from _tasks(client, "createdAt", "GTE", _iso(tasks_since))
            yield from _jobs(client, _iso(jobs_since))
        except (ClientError, BotoCoreError) as error:
            raise _named(error) from error


def _tasks(client: "BraketClient", name: str, operator: str, value: str) -> Iterator[Snapshot]:
    pages = client.get_paginator("search_quantum_tasks").paginate(
        filters=[{"name": name, "operator": operator, "values": [value]}],  # type: ignore[typeddict-item]  # a word
        PaginationConfig={"PageSize": PAGE},
    )
    return (_snapshot(summary, "task") for page in pages for summary in page["quantumTasks"])


def _jobs(client: "BraketClient", since: str) -> Iterator[Snapshot]:
    """SearchJobs has no status filter, only creation time."""
    pages = client.get_paginator("search_jobs").paginate(
        filters=[{"name": "createdAt", "operator": "GTE", "values": [since]}],
        PaginationConfig={"PageSize": PAGE},
    )
    return (_snapshot(summary, "job") for page in pages for summary in page["jobs"])


def _snapshot(words: object, kind: Kind) -> Snapshot:
    return parse_snapshot(cast("Mapping[str, object]", words), kind=kind)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _named(error: ClientError | BotoCoreError) -> UnreadableError | BusyError:
    """Throttling, Braket's own failures and a broken network pass; everything else does not."""
    code = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
    return UnreadableError(code) if code in _UNREADABLE else BusyError(code or type(error).__name__)
