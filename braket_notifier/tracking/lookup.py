"""Braket's answer about one resource, or the error that takes its place."""

from collections.abc import Callable, Mapping

from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.errors import BusyError
from braket_notifier.tracking.ports import Braket

READERS = 8
Answers = Mapping[Arn, Snapshot | Exception]


def read_or_error(braket: Braket, arn: Arn, late: Callable[[], bool] = lambda: False) -> Snapshot | Exception:
    """Braket's answer, or what kept it from being one: that is raised later, for this resource only."""
    if late():
        return BusyError("no time was left to ask")
    try:
        return braket.read(arn)
    except Exception as error:  # noqa: BLE001 - see above
        return error
