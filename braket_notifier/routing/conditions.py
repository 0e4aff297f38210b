"""The conditions of routes and of [[ignore]] on a transition, with a reason for each that is not met; pure."""

from collections.abc import Iterator
from datetime import timedelta
from fnmatch import fnmatchcase

from braket_notifier.braket.devices import device_type
from braket_notifier.domain.policy import MACHINES, Ignored, Policy, Route
from braket_notifier.domain.reminder import reminder_of
from braket_notifier.domain.resource import FAILING, RANKS, is_partial
from braket_notifier.domain.spending import spending_of
from braket_notifier.domain.transition import Transition, took
from braket_notifier.routing.tags import ENDS
from braket_notifier.text.wording import duration


def is_failure(transition: Transition, policy: Policy) -> bool:
    """Whether the transition is a failure. Too few successful shots count as one."""
    partial = transition.status == "COMPLETED" and is_partial(transition.snapshot, policy.partial_below)
    return partial or transition.status in {"FAILED", FAILING}


def unmet_conditions(conditions: Route | Ignored, transition: Transition) -> Iterator[str]:
    """Yield each condition, of those that routes and [[ignore]] share, that the resource does not meet."""
    snapshot, kind = transition.snapshot, transition.arn.kind
    if conditions.kind and conditions.kind != kind:
        yield f"kind {kind} is not {conditions.kind}"
    if conditions.device and not any(fnmatchcase(snapshot.device, glob) for glob in conditions.device):
        yield f"device {snapshot.device} matches none of {', '.join(conditions.device)}"
    if conditions.region and transition.arn.region not in conditions.region:
        yield f"region {transition.arn.region} is not {' or '.join(conditions.region)}"
    for key, glob in conditions.tags.items():
        if key not in snapshot.tags or not fnmatchcase(snapshot.tags[key], glob):
            yield f"tag {key} is not {glob}"


def refusals(route: Route, transition: Transition, policy: Policy, channel: str = "") -> Iterator[str]:
    """Yield the reasons why a route does not match for the channel; none if it matches."""
    yield from unmet_conditions(route, transition)
    if route.device_type and route.device_type != device_type(transition.snapshot.device):
        yield f"the device is no {route.device_type}"
    quiet = policy.channels.get(channel) in MACHINES or is_list(channel, transition, policy)
    if not _status_matches(route, transition, policy, quiet):
        yield f"status {transition.status} is not {' or '.join(route.status) or 'named'}"
    time = took(transition)
    if route.took_over_s is not None and time is not None and time <= (most := timedelta(seconds=route.took_over_s)):
        yield f"took {duration(time)}, not over {duration(most)}"


def is_list(channel: str, transition: Transition, policy: Policy) -> bool:
    """Whether the channel is an e-mail list, which gets a reminder only where a route names it."""
    shared = policy.channels.get(channel) == "email" and channel not in policy.to_owner
    return shared and bool(reminder_of(transition.status))


def ends_after_warning(transition: Transition) -> bool:
    return transition.warned and transition.snapshot.terminal


def _status_matches(route: Route, transition: Transition, policy: Policy, machine: bool) -> bool:  # noqa: FBT001 - its only flag
    """Whether the status matches. A list of statuses never hides one that no route can name (unknown, or GONE).

    People are warned of FAILING where they get FAILED, and are then notified of the job's end, whatever it is. A
    program that acts on FAILED must not act on a running job. A reminder goes to people who are notified of an end.
    """
    status = transition.status
    if spending := spending_of(status):
        return spending in route.status
    if reminder := reminder_of(status):
        return reminder in route.status or (
            not machine and (not route.status or not set(ENDS).isdisjoint(route.status))
        )
    if ends_after_warning(transition) and not machine and {"FAILED", FAILING} & set(route.status):
        return True
    if status == FAILING and FAILING not in route.status:
        if machine:
            return False
        status = "FAILED"
    if not route.status or status in route.status or status not in RANKS or status == "GONE":
        return True
    return route.partial and status == "COMPLETED" and is_failure(transition, policy)
