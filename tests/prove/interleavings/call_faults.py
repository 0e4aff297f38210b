"""Faults of one call: how often it took effect, and the answer that its caller gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from botocore.exceptions import ReadTimeoutError

from braket_notifier.errors import BusyError, TryLaterError, UnacknowledgedError
from tests.prove.interleavings.replay import Call

Seen = Literal["the answer", "an error", "nothing, killed"]


@dataclass(frozen=True, slots=True)
class Fault:
    """An outcome of a call."""

    name: str
    effects: int
    seen: Seen


WELL = Fault("", 1, "the answer")
KILLED_BEFORE = Fault("killed before", 0, "nothing, killed")
KILLED_AFTER = Fault("killed after", 1, "nothing, killed")
ACKNOWLEDGEMENT_LOST = Fault("acknowledgement lost", 1, "an error")
FAILED = Fault("failed", 0, "an error")
#: botocore repeats a call with a lost answer, and its caller gets the second answer.
REPEATED = Fault("repeated by its client", 2, "the answer")


def faults(call: Call, *, changed: bool, clients_retry_sends: bool) -> Sequence[Fault]:
    """The possible faults of a call. A call without effect has fewer."""
    if call.port == "clock":
        return ()
    if not changed:
        return (KILLED_BEFORE, FAILED)
    if call.port == "channel":
        lost = REPEATED if clients_retry_sends else ACKNOWLEDGEMENT_LOST
        return (KILLED_BEFORE, KILLED_AFTER, FAILED, lost)
    return (KILLED_BEFORE, KILLED_AFTER, FAILED, ACKNOWLEDGEMENT_LOST, REPEATED)


def error_of(call: Call, fault: Fault) -> Exception:
    """The error of the real adapter."""
    if call.port == "channel":
        return UnacknowledgedError("reset") if fault.effects else TryLaterError("connection refused")
    if call.port == "braket":
        return BusyError("ThrottlingException")
    return ReadTimeoutError(endpoint_url=f"https://{call.port}")
