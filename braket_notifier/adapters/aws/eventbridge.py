"""Put notifications on an EventBridge bus of the account, for programs that have rules there."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from braket_notifier.adapters.aws.sns import call_once, probe_once
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.errors import ChannelError, MendableError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.rendering.formats.topic_json import to_json

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsResultEntryTypeDef

#: The detail-type of an event, by the kind of its resource; Braket's own end with "State Change".
DETAIL_TYPES = {"task": "Braket Task Status", "job": "Braket Job Status"}
#: Codes of a refused entry, whose call succeeded; every other one can be mended.
_LATER = {"ThrottlingException", "Throttling"}
_DOUBTFUL = {"InternalFailure", "InternalException", "ServiceUnavailable"}
_NEVER = {"MalformedDetail", "InvalidArgument", "ValidationException"}


class EventBus:
    """The port `Channel` over a bus; its rules decide who receives the topic's JSON."""

    def __init__(self, client: "EventBridgeClient", bus: str, source: str, settings: Callable[[], Policy]) -> None:
        """`source`: the installation's name, the only one under which the role may put events."""
        self._client = client
        self._bus = bus
        self._source = source
        self._settings = settings
        self._is_there = False

    def send(self, notification: Notification, *, may_repeat: bool) -> None:
        """Look first whether the bus is there, because no error is documented for a put to one that is gone."""
        if not self._is_there:
            self.probe()
            self._is_there = True
        detail = to_json(notification, self._settings, may_repeat=may_repeat)
        arn = notification.transition.arn
        refused: list[PutEventsResultEntryTypeDef] = []

        def put() -> None:
            [entry] = self._client.put_events(  # an answer of none or of several is not EventBridge's
                Entries=[
                    {
                        "EventBusName": self._bus,
                        "Source": self._source,
                        "DetailType": DETAIL_TYPES[arn.kind],
                        "Resources": [arn.text],
                        "Detail": detail,
                    }
                ]
            )["Entries"]
            if "EventId" not in entry:
                refused.append(entry)

        call_once(self._client, put)
        for each in refused:
            raise _refusal(each.get("ErrorCode", "Unknown"))

    def probe(self) -> None:
        """Read the bus, which puts nothing on it."""
        probe_once(self._client, partial(self._client.describe_event_bus, Name=self._bus))


def _refusal(code: str) -> ChannelError:
    if code in _DOUBTFUL:
        return UnacknowledgedError(code)
    if code in _NEVER:
        return RefusedError(code)
    return TryLaterError(code) if code in _LATER else MendableError(code)
