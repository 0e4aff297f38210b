"""The event of a custom widget. An invalid member has its default."""

from datetime import UTC, datetime
from typing import Any

import pytest

from braket_notifier.status_board.widget import View, parse_view
from braket_notifier.tracking.ports import CreatedRange

#: The sample of the CloudWatch User Guide, "Details about custom widgets".
CONTEXT: dict[str, Any] = {
    "dashboardName": "Name-of-current-dashboard",
    "widgetId": "widget-16",
    "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
    "timeRange": {
        "mode": "relative",
        "start": 1627236199729,
        "end": 1627322599729,
        "relativeStart": 86400012,
        "zoom": {"start": 1627276030434, "end": 1627282956521},
    },
    "theme": "light",
    "width": 588,
    "height": 369,
}
DAY = {"start": 1627236199729, "end": 1627322599729}
START, END = (datetime(2021, 7, day, 18, 3, 19, 729000, UTC) for day in (25, 26))
ZOOM = CreatedRange(datetime(2021, 7, 26, 5, 7, 10, 434000, UTC), datetime(2021, 7, 26, 7, 2, 36, 521000, UTC))


def context(**changes: Any) -> dict[str, Any]:
    return {"widgetContext": {**CONTEXT, **changes}}


@pytest.mark.parametrize(
    ("event", "view"),
    [
        # the guide's own sample, in which the reader zoomed into a range
        (context(), View("light", 588, ZOOM)),
        # a range relative to now, which has no end
        (context(timeRange={"mode": "relative", **DAY}), View("light", 588, CreatedRange(START))),
        (context(timeRange={"mode": "absolute", **DAY}), View("light", 588, CreatedRange(START, END))),
        (context(theme="dark", timeRange=None), View("dark", 588)),
        # undocumented values have their defaults
        (context(theme='sepia"><script>', width="wide", timeRange="today"), View()),
        (context(theme=["dark"], width=-1, timeRange={"mode": "absolute", "start": "x", "end": {}}), View()),
        ({}, View()),
        ({"widgetContext": "none"}, View()),
    ],
)
def test_a_widget_s_context_becomes_a_view(event: dict[str, Any], view: View) -> None:
    assert parse_view(event) == view
