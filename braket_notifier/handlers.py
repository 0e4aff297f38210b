"""The public interface of handlers: the names that `lambdas/custom/NAME.py` may import and raise.

These names stay; everything else in this package may move or change (docs/handlers.md).
"""

from braket_notifier.domain.resource import Arn, Children, JobEvent, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import RefusedError, TryLaterError, UnacknowledgedError

__all__ = [
    "Arn",
    "Children",
    "JobEvent",
    "RefusedError",
    "Snapshot",
    "Transition",
    "TryLaterError",
    "UnacknowledgedError",
]
