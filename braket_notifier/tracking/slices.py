"""The ranges of creation times that a sweep lists, in slices that one run can list and compare: pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from braket_notifier.tracking.ports import CreatedRange
from braket_notifier.tracking.reconcile import SEARCH_OVERLAP

#: The range of creation times that is listed again once an hour.
LISTED_EACH_HOUR = timedelta(hours=2)
#: The range of creation times in one slice.
SPAN = timedelta(hours=6)
#: Open quantum tasks in one slice: a hundred pages, or a minute and a half at our share of Search's quota.
SLICE_ROWS = 10_000


def listed_since(watermark: datetime | None, began: datetime, start: datetime) -> datetime:
    """Return the creation time from which a run lists everything, because Search may list a resource late.

    The first run of each hour looks back two hours before the last complete pass. If it fails, the watermark stays in
    the hour before, so that the next run looks back instead, however long it comes later.
    """
    listed = min(watermark or start, began) - SEARCH_OVERLAP  # a clock may have been ahead
    if watermark is None or _hour(watermark) == _hour(began):
        return listed
    return min(listed, max(watermark - LISTED_EACH_HOUR, start - SEARCH_OVERLAP))


def time_slices(since: datetime, until: datetime) -> Sequence[CreatedRange]:
    """Split a range of creation times into slices that one run can list. The last has no end."""
    bounds = [since]
    while bounds[-1] + SPAN < until:
        bounds.append(bounds[-1] + SPAN)
    return [CreatedRange(since, until) for since, until in pairwise([*bounds, None])]


def row_slices(created: Iterable[datetime | None], reached: datetime | None) -> Sequence[CreatedRange]:
    """Split the creation times after `reached` into slices of `SLICE_ROWS` open tasks, the oldest first."""
    later = sorted(at for at in created if at and (reached is None or at > reached))
    bounds = [reached, *dict.fromkeys(later[SLICE_ROWS::SLICE_ROWS]), None]
    return [CreatedRange(since, until) for since, until in pairwise(bounds)]


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
