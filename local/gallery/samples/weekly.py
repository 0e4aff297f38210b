"""Samples of the weekly line."""

from dataclasses import replace
from datetime import UTC, datetime

from braket_notifier.domain.weekly_line import WeeklyLine
from local.gallery.samples.sample import CHANNEL, Sample

_LINE = WeeklyLine(CHANNEL, "2026-W48", 214, 3, datetime(2026, 11, 29, 23, tzinfo=UTC), undelivered=0)

WEEKLY = (
    Sample("weekly", "the line of a week", _LINE),
    Sample("weekly-no-ends", "the line of a week in which nothing ended", replace(_LINE, ended=0, failed=0)),
    Sample(
        "weekly-missed",
        "the line of a week in which people may have missed something",
        replace(_LINE, undelivered=2, down=("mail",), unswept=("us-west-1",)),
    ),
    Sample("weekly-unknown", "the line of a week about which SQS did not answer", replace(_LINE, undelivered=None)),
)
