"""The execution windows, compared with amazon-braket-sdk for every minute of two weeks; runs in its environment."""

import json
import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from braket.aws import aws_device
from braket.device_schema.device_execution_window import DeviceExecutionWindow

from braket_notifier.braket.availability import is_open, parse_windows

#: Kinds of windows: each word for days, over midnight, overlapping, empty, to the last second.
KINDS: dict[str, list[tuple[str, str, str]]] = {
    "always": [("Everyday", "00:00:00", "23:59:59")],
    "office hours": [("Weekdays", "09:00:00", "17:30:00")],
    "nights of the week": [("Weekdays", "22:00:00", "04:00:00")],
    "nights of the weekend": [("Weekend", "20:00:00", "08:00:00")],
    "weekends": [("Weekend", "10:00:00", "16:00:00")],
    "single days": [("Monday", "08:00:00", "12:00:00"), ("Thursday", "23:00:00", "01:00:00")],
    "Sunday night": [("Sunday", "23:30:00", "00:30:00")],
    "overlapping": [("Everyday", "09:00:00", "13:00:00"), ("Tuesday", "12:00:00", "15:00:00")],
    "midnight to midnight": [("Friday", "00:00:00", "00:00:00")],
    "empty": [("Everyday", "12:00:00", "12:00:00")],
    "none": [],
}
BEGIN, MINUTES = datetime(2026, 11, 30, tzinfo=UTC), 14 * 1440


class FixedTime:
    """The class `datetime` with the time that the SDK is to read."""

    at = BEGIN

    @classmethod
    def now(cls, tz: object = None) -> datetime:
        return cls.at if tz else cls.at.replace(tzinfo=None)

    @classmethod
    def utcnow(cls) -> datetime:
        return cls.at.replace(tzinfo=None)


def sdks_answer(windows: list[DeviceExecutionWindow]) -> bool:
    device = SimpleNamespace(
        status="ONLINE", properties=SimpleNamespace(service=SimpleNamespace(executionWindows=windows))
    )
    return bool(aws_device.AwsDevice.is_available.fget(device))


def differences(listed: list[tuple[str, str, str]]) -> list[str]:
    """The minutes at which the answers differ."""
    members = [{"executionDay": day, "windowStartHour": begins, "windowEndHour": ends} for day, begins, ends in listed]
    theirs = [DeviceExecutionWindow(**each) for each in members]
    ours, found = parse_windows(json.dumps({"service": {"executionWindows": members}})), []
    for minute in range(MINUTES):
        FixedTime.at = BEGIN + timedelta(minutes=minute)
        if is_open(ours, FixedTime.at) != sdks_answer(theirs):
            found.append(f"{FixedTime.at:%a %H:%M}")
    return found


def main() -> int:
    aws_device.datetime = FixedTime
    wrong = {name: found for name, listed in KINDS.items() if (found := differences(listed))}
    for name, found in wrong.items():
        print(f"FAIL windows {name}: {len(found)} minutes differ, like {found[0]}")  # noqa: T201
    print(f"ok   AwsDevice.is_available: {len(KINDS) - len(wrong)} kinds of windows, {MINUTES:,} minutes each")  # noqa: T201
    return len(wrong)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
