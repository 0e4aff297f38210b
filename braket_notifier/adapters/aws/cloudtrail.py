"""Read CloudTrail's event history, which needs no trail, at most one request a second and region."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, cast

from botocore.exceptions import ClientError

from braket_notifier.braket.rate_limit import Quota, RateLimiter
from braket_notifier.errors import EventHistoryError
from braket_notifier.text.failures import in_words
from braket_notifier.text.json_fields import moment, text
from braket_notifier.watching.ports import EventPage

#: Requests a second and region; an account has two, and its people need the other one.
PACE = {"LookupEvents": Quota(rate=1, burst=1)}
#: Events on one page, the most that CloudTrail allows.
PAGE = 50
#: Characters of one event; CloudTrail truncates members that are longer than 100 KB.
LONGEST_EVENT = 300_000


class CloudTrailClient(Protocol):
    """The part of botocore's client that is called."""

    def lookup_events(self, **request: object) -> Mapping[str, object]: ...


class CloudTrailSubmissions:
    """The port `Submissions`."""

    def __init__(self, client_for: Callable[[str], CloudTrailClient], limiter: RateLimiter) -> None:
        """`limiter`: of `PACE`; functions keep it, because the next invocation may follow at once."""
        self._client_for = client_for
        self._limiter = limiter

    def pages(self, region: str, operation: str, since: datetime, until: datetime) -> Iterator[EventPage]:
        """Ask for one attribute, because CloudTrail allows no second one; each request waits for its turn."""
        request: dict[str, object] = {
            "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": operation}],
            "StartTime": since,
            "EndTime": until,
            "MaxResults": PAGE,
        }
        while True:
            self._limiter.take(region, "LookupEvents", lambda: False)
            answer = self._request(region, request)
            yield _page(answer)
            if not answer.get("NextToken"):
                return
            request = {**request, "NextToken": answer["NextToken"]}

    def _request(self, region: str, request: Mapping[str, object]) -> Mapping[str, object]:
        """Raise EventHistoryError for every failure, because botocore fails in several ways over an odd answer."""
        try:
            answer = self._client_for(region).lookup_events(**request)
        except ClientError as error:
            raise EventHistoryError(error.response.get("Error", {}).get("Code", "Unknown")) from error
        except Exception as error:
            raise EventHistoryError(in_words(error)) from error
        if not isinstance(answer.get("Events"), list):
            raise EventHistoryError("an answer without events")
        return answer


def _page(answer: Mapping[str, object]) -> EventPage:
    members = [each for each in cast("Sequence[object]", answer["Events"]) if isinstance(each, Mapping)]
    texts = tuple(text(each.get("CloudTrailEvent"), most=LONGEST_EVENT) for each in members)
    return EventPage(texts, min((at for each in members if (at := _time(each.get("EventTime")))), default=None))


def _time(value: object) -> datetime | None:
    try:
        return moment(value)
    except ValueError:
        return None
