"""When the queue of a device opens, in the people's own time."""

from datetime import UTC, datetime, time

import pytest

from braket_notifier.braket.availability import Availability, Window
from braket_notifier.rendering.words.opening import opening

AFTERNOONS, MONDAYS = (Window("Everyday", time(14), time(18)),), (Window("Monday", time(14), time(18)),)
#: Friday; Berlin is an hour ahead of UTC.
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("device", "now", "words"),
    [
        (Availability("ONLINE", AFTERNOONS), NOON, "queue opens 15:00 CET"),
        (Availability("ONLINE", AFTERNOONS), NOON.replace(hour=15), ""),  # it is open
        (Availability("ONLINE", AFTERNOONS), NOON.replace(hour=20), "queue opens tomorrow 15:00 CET"),
        (Availability("ONLINE", AFTERNOONS), NOON.replace(hour=23, minute=30), "queue opens 15:00 CET"),  # 00:30 there
        (Availability("ONLINE", MONDAYS), NOON, "queue opens Mon 15:00 CET"),
        (Availability("ONLINE", MONDAYS), NOON.replace(day=23, hour=19), "queue opens 30 Nov 15:00 CET"),  # in a week
        # on 25 October 2026 the clocks go back, so that 14:00 in UTC is 16:00 before and 15:00 after it
        (Availability("ONLINE", AFTERNOONS), datetime(2026, 10, 24, 12, tzinfo=UTC), "queue opens 16:00 CEST"),
        (Availability("ONLINE", AFTERNOONS), datetime(2026, 10, 24, 20, tzinfo=UTC), "queue opens tomorrow 15:00 CET"),
        (Availability("ONLINE"), NOON, ""),  # its windows are not known
        (Availability("OFFLINE", AFTERNOONS), NOON, "OFFLINE since 11:00"),  # no window during an outage
        (Availability("RETIRED"), NOON.replace(day=22), "RETIRED since 20 Nov 11:00"),
    ],
)
def test_the_next_window_is_named_only_while_the_device_is_online_and_its_queue_closed(
    device: Availability, now: datetime, words: str
) -> None:
    assert opening(device, NOON.replace(hour=10), "Europe/Berlin", now) == words
