"""Samples of the weekly line and of the monthly page."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from braket_notifier.costs.month import DeviceMonth, to_tags
from braket_notifier.domain.announcement import ENDED, FAILED, MONTH, UNDELIVERED, WEEK, announcement, arn_of
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.resource import Snapshot
from local.gallery.samples.answers import FORTE, GARNET
from local.gallery.samples.sample import CHANNEL, Sample

OVER = datetime(2026, 11, 29, 23, tzinfo=UTC)
SPENT = Cost(Decimal("412.35"))


def _line(name: str, about: str, *troubles: str, ended: int = 214, failed: int = 3, undelivered: str = "0") -> Sample:
    """A line without a figure of undelivered records claims nothing; a week with ends has a sum."""
    known = {UNDELIVERED: undelivered} if undelivered else {}
    tags = {ENDED: str(ended), FAILED: str(failed), **known, **dict.fromkeys(troubles, "")}
    snapshot = Snapshot(
        arn_of("weekly-line", "us-east-1"), "CREATED", ended_at=OVER, tags=tags, cost=SPENT if ended else None
    )
    return Sample(name, about, announcement(snapshot, f"{WEEK} 2026-W48", CHANNEL).transition)


_ROWS = (
    DeviceMonth(FORTE, 3, 0, Cost(Decimal("160.60")), timedelta(hours=3, minutes=40)),
    DeviceMonth(GARNET, 50, 4, Cost(Decimal("102.15"), "at most", unknown=1), timedelta(minutes=12)),
)
_PAGE = Snapshot(arn_of("monthly-page", "us-east-1"), "CREATED", ended_at=OVER, tags=to_tags(_ROWS))
_MONTH = announcement(_PAGE, f"{MONTH} 2026-11", CHANNEL).transition

WEEKLY = (
    _line("weekly", "the line of a week"),
    _line("weekly-no-ends", "the line of a week in which nothing ended", ended=0, failed=0),
    _line(
        "weekly-missed",
        "the line of a week in which people may have missed something",
        *("mail is down", "us-west-1 was not swept"),
        undelivered="2",
    ),
    _line("weekly-unknown", "the line of a week about which SQS did not answer", undelivered=""),
    Sample("monthly", "the page about the costs of a month", _MONTH),
)
