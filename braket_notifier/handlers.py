"""The public interface of handlers: the names that `lambdas/custom/NAME.py` may import and raise.

These names stay; everything else in this package may move or change (docs/handlers.md).
"""

from braket_notifier.domain.cost import Cost
from braket_notifier.domain.resource import Arn, Children, JobEvent, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.rendering.formats.handler_message import HandlerMessage as Message

__all__ = [
    "Arn",
    "Children",
    "Cost",
    "JobEvent",
    "Message",
    "RefusedError",
    "Snapshot",
    "Transition",
    "TryLaterError",
    "UnacknowledgedError",
]
