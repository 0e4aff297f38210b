"""Read Amazon Braket in the region of each resource, at the rate of our share of its quotas."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar, cast

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from braket_notifier.braket.availability import Availability, parse_availability
from braket_notifier.braket.rate_limit import RateLimiter
from braket_notifier.braket.responses import parse_snapshot, parse_summary
from braket_notifier.domain.resource import Arn, Kind, Snapshot
from braket_notifier.errors import BraketError, BusyError, NotKnownError, UnreadableError
from braket_notifier.text.failures import in_words
from braket_notifier.tracking.ports import CreatedRange, raised

if TYPE_CHECKING:
    from mypy_boto3_braket import BraketClient

    from braket_notifier.domain.spending import Allowance

Search = Literal["SearchQuantumTasks", "SearchJobs", "SearchSpendingLimits"]
Operation = Literal["GetQuantumTask", "GetJob", "GetDevice"] | Search
Filter = Mapping[str, object]
Answer = Mapping[str, object]
Found = TypeVar("Found")

#: The member of each search's answer that lists what it found.
LISTS: Mapping[Search, str] = {
    "SearchQuantumTasks": "quantumTasks",
    "SearchJobs": "jobs",
    "SearchSpendingLimits": "spendingLimits",
}
OPEN_STATUSES = ("CREATED", "QUEUED", "RUNNING", "CANCELLING")
#: Summaries on one page, the most that Braket allows.
PAGE = 100
#: Attempts of one request; each passes the rate limiter, so botocore must not repeat by itself.
ATTEMPTS = 3
#: Starts of one listing, because Braket may refuse an old page token.
STARTS = 3
_NOT_KNOWN, _INVALID = "ResourceNotFoundException", "ValidationException"
#: Errors after which a repeat cannot help: no permission, an unknown resource or an invalid request.
_UNREADABLE = {"AccessDeniedException", _NOT_KNOWN, _INVALID}


class TokenRefusedError(BraketError):
    """Braket refuses a page token, because tokens expire. The caller starts the listing again."""


class BotoBraket:
    """The ports `Braket`, `Devices` and `SpendingLimits` with one client a region.

    It stops with LateError when no time is left.
    """

    def __init__(
        self,
        client_for: "Callable[[str], BraketClient]",
        rate_limiter: RateLimiter,
        out_of_time: Callable[[], bool] = lambda: False,
        on_skipped: Callable[[Exception], object] = raised,
        among: Sequence[Filter] = (),
    ) -> None:
        """`on_skipped` gets the error of an unreadable summary, which is skipped; `among` filters what is listed."""
        self._client_for = client_for
        self._rate_limiter = rate_limiter
        self._out_of_time = out_of_time
        self._on_skipped = on_skipped
        self._among = among

    def of_job(self, job: str) -> "BotoBraket":
        """The same Braket, which lists the quantum tasks of one hybrid job alone."""
        among = [{"name": "jobArn", "operator": "EQUAL", "values": [job]}]
        return BotoBraket(self._client_for, self._rate_limiter, self._out_of_time, self._on_skipped, among)

    def read(self, arn: Arn) -> Snapshot:
        operation: Operation = "GetQuantumTask" if arn.kind == "task" else "GetJob"
        named = {"quantumTaskArn" if arn.kind == "task" else "jobArn": arn.text}
        answer = self._request(arn.region, operation, {**named, "additionalAttributeNames": ["QueueInfo"]})
        return _parsed(partial(parse_snapshot, kind=arn.kind), answer)

    def availability(self, region: str, device: str) -> Availability:
        return _parsed(parse_availability, self._request(region, "GetDevice", {"deviceArn": device}))

    def open_tasks(self, region: str, window: CreatedRange) -> Sequence[Snapshot]:
        """List each status by itself, because Braket does not document a filter with several values."""

        def listing(status: str) -> Sequence[Snapshot]:
            is_status = {"name": "status", "operator": "EQUAL", "values": [status]}
            return self._snapshots(region, "task", [is_status, *_created_in(window)])

        with ThreadPoolExecutor(len(OPEN_STATUSES)) as readers:
            return [each for listed in readers.map(listing, OPEN_STATUSES) for each in listed]

    def created(self, region: str, kind: Kind, window: CreatedRange) -> Sequence[Snapshot]:
        """Filter by creation time only, because SearchJobs has no status filter."""
        return self._snapshots(region, kind, _created_in(window))

    def spending_limits(self, region: str) -> "Sequence[Allowance]":
        from braket_notifier.costs.limits import parse_limit  # noqa: PLC0415 - the sweep alone needs it

        return self._complete(region, "SearchSpendingLimits", (), parse_limit)

    def _snapshots(self, region: str, kind: Kind, filters: Sequence[Filter]) -> Sequence[Snapshot]:
        operation: Search = "SearchQuantumTasks" if kind == "task" else "SearchJobs"
        return self._complete(region, operation, [*self._among, *filters], lambda each: parse_summary(each, kind=kind))

    def _complete(
        self, region: str, operation: Search, filters: Sequence[Filter], parse: Callable[[Answer], Found]
    ) -> list[Found]:
        """Read every page. Start again after a refused token, because a partial list cannot show what vanished."""
        for _ in range(STARTS):
            try:
                return list(self._readable(self._pages(region, operation, filters), parse))
            except TokenRefusedError:
                continue
        raise BusyError(f"no listing of {LISTS[operation]} was completed in {STARTS} starts")

    def _readable(self, summaries: Iterable[Answer], parse: Callable[[Answer], Found]) -> Iterator[Found]:
        for each in summaries:
            try:
                yield parse(each)
            except ValueError as error:
                self._on_skipped(error)

    def _pages(self, region: str, operation: Search, filters: Sequence[Filter]) -> Iterator[Answer]:
        request: Answer = {"filters": filters, "maxResults": PAGE}
        while True:
            try:
                answer = self._request(region, operation, request)
            except UnreadableError as error:
                if "nextToken" in request and str(error) == _INVALID:
                    raise TokenRefusedError from error
                raise
            yield from cast("Sequence[Answer]", answer[LISTS[operation]])
            if not answer.get("nextToken"):
                return
            request = {**request, "nextToken": answer["nextToken"]}

    def _request(self, region: str, operation: Operation, request: Answer) -> Answer:
        """Send a request, and repeat it after a temporary error, more slowly after throttling."""
        client = self._client_for(region)
        for attempt in range(1, ATTEMPTS + 1):
            self._rate_limiter.take(region, operation, self._out_of_time)
            try:
                return _call(client, operation, request)
            except (ClientError, BotoCoreError) as error:
                cause = _error_of(error)
                if str(cause) == "ThrottlingException":
                    self._rate_limiter.throttled(region, operation)
                if attempt == ATTEMPTS or isinstance(cause, UnreadableError):
                    raise cause from error
        raise AssertionError("the last attempt returns or raises")


def _call(client: "BraketClient", operation: Operation, request: Answer) -> Answer:
    """Raise UnreadableError for an answer not of Braket's form, over which botocore fails in several ways."""
    try:
        return cast("Callable[..., Answer]", getattr(client, xform_name(operation)))(**request)
    except (ClientError, BotoCoreError):
        raise
    except Exception as error:
        raise UnreadableError(f"the answer to {operation} is not Braket's") from error


def _parsed(parse: Callable[[Answer], Found], answer: Answer) -> Found:
    try:
        return parse(answer)
    except ValueError as error:
        raise UnreadableError(str(error)) from error


def _created_in(window: CreatedRange) -> list[Filter]:
    """Filter by `createdAt` in the ISO-8601 format of Braket's answers, because the filter's is not documented."""
    if window.since and window.until:
        return [{"name": "createdAt", "operator": "BETWEEN", "values": [_iso(window.since), _iso(window.until)]}]
    bounds = (("GTE", window.since), ("LTE", window.until))
    return [{"name": "createdAt", "operator": operator, "values": [_iso(at)]} for operator, at in bounds if at]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _error_of(error: ClientError | BotoCoreError) -> UnreadableError | BusyError:
    """Classify an error: throttling, Braket's own failures and a broken network are temporary."""
    code = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
    if code == _NOT_KNOWN:
        return NotKnownError(code)
    return UnreadableError(code) if code in _UNREADABLE else BusyError(code or in_words(error))
