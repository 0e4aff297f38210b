"""Read Braket's answer about one resource, or the error that takes its place."""

from collections.abc import Callable, Mapping

from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.errors import BusyError
from braket_notifier.tracking.ports import Braket

#: Threads that read Braket at the same time, as many as botocore keeps connections.
READERS = 10
Answers = Mapping[Arn, Snapshot | Exception]


def read_or_error(braket: Braket, arn: Arn, out_of_time: Callable[[], bool] = lambda: False) -> Snapshot | Exception:
    """Return an error instead of raising it, so that it is raised later for this resource alone."""
    if out_of_time():
        return BusyError("no time was left to read Braket")
    try:
        return braket.read(arn)
    except Exception as error:  # noqa: BLE001 - raised by the caller
        return error
