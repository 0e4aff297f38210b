"""Amazon Braket through boto3: each resource is asked for in its own region, at the pace of our share."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, cast

from botocore.exceptions import BotoCoreError, ClientError

from braket_notifier.braket.rate_limit import RateLimiter
from braket_notifier.braket.responses import parse_snapshot, parse_summary
from braket_notifier.domain.resource import Arn, Kind, Snapshot
from braket_notifier.errors import BusyError, NotKnownError, UnreadableError
from braket_notifier.tracking.ports import CreatedRange, raised

if TYPE_CHECKING:
    from mypy_boto3_braket import BraketClient

Operation = Literal["GetQuantumTask", "GetJob", "SearchQuantumTasks", "SearchJobs"]
Filter = Mapping[str, object]
Answer = Mapping[str, object]

METHODS: Mapping[Operation, str] = {
    "GetQuantumTask": "get_quantum_task",
    "GetJob": "get_job",
    "SearchQuantumTasks": "search_quantum_tasks",
    "SearchJobs": "search_jobs",
}
OPEN_STATUSES = ("CREATED", "QUEUED", "RUNNING", "CANCELLING")
PAGE = 100
#: How often a question is asked in all; each time is paced, so botocore must not repeat it by itself.
ATTEMPTS = 3
#: How often a listing is begun whose place Braket has forgotten.
BEGINNINGS = 3
_NOT_KNOWN, _INVALID = "ResourceNotFoundException", "ValidationException"
#: A repeated question cannot help: no right to ask, not known (yet), or not a question at all.
_UNREADABLE = {"AccessDeniedException", _NOT_KNOWN, _INVALID}


class TokenRefusedError(Exception):
    """Braket does not continue a listing: its tokens expire."""


class BotoBraket:
    """The port `Braket` over one client a region; once it is `late`, nothing more is asked."""

    def __init__(
        self,
        client_for: "Callable[[str], BraketClient]",
        pace: RateLimiter,
        late: Callable[[], bool] = lambda: False,
        odd: Callable[[Exception], object] = raised,
    ) -> None:
        """`odd` hears of what is listed and cannot be read: it keeps nothing else from being found."""
        self._client_for = client_for
        self._pace = pace
        self._late = late
        self._odd = odd

    def read(self, arn: Arn) -> Snapshot:
        if arn.kind == "task":
            asked: Answer = {"quantumTaskArn": arn.text, "additionalAttributeNames": ["QueueInfo"]}
            answer = self._ask(arn.region, "GetQuantumTask", asked)
        else:
            asked = {"jobArn": arn.text, "additionalAttributeNames": ["QueueInfo"]}
            answer = self._ask(arn.region, "GetJob", asked)
        try:
            return parse_snapshot(answer, kind=arn.kind)
        except ValueError as error:
            raise UnreadableError(str(error)) from error

    def open_tasks(self, region: str, window: CreatedRange) -> Sequence[Snapshot]:
        """One listing for each status: whether Braket joins several values of a filter by "or" is not documented."""

        def listing(status: str) -> Sequence[Snapshot]:
            is_status = {"name": "status", "operator": "EQUAL", "values": [status]}
            return self._whole(region, "task", [is_status, *_created_in(window)])

        with ThreadPoolExecutor(len(OPEN_STATUSES)) as readers:
            return [each for listed in readers.map(listing, OPEN_STATUSES) for each in listed]

    def created(self, region: str, kind: Kind, window: CreatedRange) -> Sequence[Snapshot]:
        """SearchJobs has no status filter, only creation time."""
        return self._whole(region, kind, _created_in(window))

    def _whole(self, region: str, kind: Kind, filters: Sequence[Filter]) -> Sequence[Snapshot]:
        """Every page; a listing that cannot be continued begins again, because a part of it would prove nothing."""
        for _ in range(BEGINNINGS):
            try:
                return list(self._readable(self._pages(region, kind, filters), kind))
            except TokenRefusedError:
                continue
        raise BusyError(f"a listing of {kind}s was never continued to its end")

    def _readable(self, summaries: Iterable[Answer], kind: Kind) -> Iterator[Snapshot]:
        for each in summaries:
            try:
                yield parse_summary(each, kind=kind)
            except ValueError as error:
                self._odd(error)

    def _pages(self, region: str, kind: Kind, filters: Sequence[Filter]) -> Iterator[Answer]:
        operation: Operation = "SearchQuantumTasks" if kind == "task" else "SearchJobs"
        asked: Answer = {"filters": filters, "maxResults": PAGE}
        while True:
            try:
                answer = self._ask(region, operation, asked)
            except UnreadableError as error:
                if "nextToken" in asked and str(error) == _INVALID:
                    raise TokenRefusedError from error
                raise
            yield from cast("Sequence[Answer]", answer["quantumTasks" if kind == "task" else "jobs"])
            if not answer.get("nextToken"):
                return
            asked = {**asked, "nextToken": answer["nextToken"]}

    def _ask(self, region: str, operation: Operation, asked: Answer) -> Answer:
        """Braket's answer; what passes is asked again, a little later while Braket throttles."""
        client = self._client_for(region)
        for attempt in range(1, ATTEMPTS + 1):
            self._pace.take(region, operation, self._late)
            try:
                return _call(client, operation, asked)
            except (ClientError, BotoCoreError) as error:
                named = _named(error)
                if str(named) == "ThrottlingException":
                    self._pace.throttled(region, operation)
                if attempt == ATTEMPTS or isinstance(named, UnreadableError):
                    raise named from error
        raise AssertionError("the last attempt answers or raises")


def _call(client: "BraketClient", operation: Operation, asked: Answer) -> Answer:
    """Over an answer that is not of Braket's form botocore stumbles in several ways: it is none."""
    try:
        return cast("Callable[..., Answer]", getattr(client, METHODS[operation]))(**asked)
    except (ClientError, BotoCoreError):
        raise
    except Exception as error:
        raise UnreadableError(f"{operation}: {type(error).__name__}: {error}") from error


def _created_in(window: CreatedRange) -> list[Filter]:
    """`createdAt` in ISO-8601, as Braket's answers have it; its documentation does not say how a filter has it."""
    if window.since and window.until:
        return [{"name": "createdAt", "operator": "BETWEEN", "values": [_iso(window.since), _iso(window.until)]}]
    bounds = (("GTE", window.since), ("LTE", window.until))
    return [{"name": "createdAt", "operator": operator, "values": [_iso(at)]} for operator, at in bounds if at]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _named(error: ClientError | BotoCoreError) -> UnreadableError | BusyError:
    """Throttling, Braket's own failures and a broken network pass; everything else does not."""
    code = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
    if code == _NOT_KNOWN:
        return NotKnownError(code)
    return UnreadableError(code) if code in _UNREADABLE else BusyError(code or type(error).__name__)
