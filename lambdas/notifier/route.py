"""Which channels hear of a transition, with a reason for each, chosen or not: pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

from notifier.model import RANKS, Notification, Snapshot, Transition
from notifier.policy import Policy, Route


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether one channel hears of a transition, how loudly, and why."""

    channel: str
    chosen: bool
    silent: bool
    reason: str


def route(transition: Transition, policy: Policy) -> tuple[Choice, ...]:
    """Decide for every channel; every matching route counts, and a channel hears of a transition once."""
    return tuple(_choice(channel, transition, policy) for channel in policy.channels)


def notifications(transition: Transition, policy: Policy) -> tuple[Notification, ...]:
    """The transition addressed to each channel that the routes choose."""
    chosen = (choice for choice in route(transition, policy) if choice.chosen)
    return tuple(Notification(transition, choice.channel, choice.silent) for choice in chosen)


def is_partial(snapshot: Snapshot, below: float) -> bool:
    """Fewer shots succeeded than the settings accept; an absent count is neither 0 nor partial."""
    if snapshot.shots is None or snapshot.successful_shots is None:
        return False
    return snapshot.successful_shots < below * snapshot.shots


def took(transition: Transition) -> timedelta | None:
    """From submission to the end (a quantum task has no startedAt); None where Braket gives no times."""
    ended, created = transition.snapshot.ended_at or transition.at, transition.snapshot.created_at
    return ended - created if ended and created else None


def device_type(device: str) -> str:
    """`qpu` or `simulator`, by the device's ARN; empty for a job's local device."""
    kind = device.split(":device/", 1)[-1].split("/", 1)[0] if ":device/" in device else ""
    return {"qpu": "qpu", "quantum-simulator": "simulator"}.get(kind, "")


def _choice(channel: str, transition: Transition, policy: Policy) -> Choice:
    if transition.snapshot.job_arn:
        return Choice(channel, chosen=False, silent=False, reason="a hybrid job's own quantum task is told by its job")
    if not transition.status:
        return Choice(channel, chosen=False, silent=False, reason="Braket gave no status; the sweep will ask again")
    addressed = [(number, each) for number, each in enumerate(policy.routes, 1) if channel in each.to]
    refusals = {number: next(_refusals(each, transition, policy), "") for number, each in addressed}
    matching = [(number, each) for number, each in addressed if not refusals[number]]
    if matching:
        silent = all(transition.status in each.silent for _, each in matching)
        numbers = ", ".join(str(number) for number, _ in matching)
        return Choice(channel, chosen=True, silent=silent, reason=f"matched by route {numbers}")
    reasons = "; ".join(f"route {number}: {refusal}" for number, refusal in refusals.items())
    return Choice(channel, chosen=False, silent=False, reason=reasons or "no route leads here")


def _refusals(route: Route, transition: Transition, policy: Policy) -> Iterator[str]:
    """Why a route does not match, first reason first; nothing if it does."""
    snapshot, kind = transition.snapshot, transition.arn.kind
    if route.kind and route.kind != kind:
        yield f"kind {kind} is not {route.kind}"
    if route.device_type and route.device_type != device_type(snapshot.device):
        yield f"the device is no {route.device_type}"
    if route.device and not any(fnmatchcase(snapshot.device, glob) for glob in route.device):
        yield f"device {snapshot.device} matches none of {', '.join(route.device)}"
    if route.region and transition.arn.region not in route.region:
        yield f"region {transition.arn.region} is not {' or '.join(route.region)}"
    for key, glob in route.tags.items():
        if key not in snapshot.tags or not fnmatchcase(snapshot.tags[key], glob):
            yield f"tag {key} is not {glob}"
    if not _status_matches(route, transition, policy):
        yield f"status {transition.status} is not {' or '.join(route.status)}"
    duration = took(transition)
    if route.took_over_s is not None and duration is not None and duration <= timedelta(seconds=route.took_over_s):
        yield f"took {duration.total_seconds():.0f} s, not over {route.took_over_s:.0f} s"


def _status_matches(route: Route, transition: Transition, policy: Policy) -> bool:
    """A status that nobody could name in a route (unknown to us, or GONE) is never hidden by a list of statuses."""
    if not route.status or transition.status in route.status:
        return True
    if transition.status not in RANKS or transition.status == "GONE":
        return True
    partial = transition.status == "COMPLETED" and is_partial(transition.snapshot, policy.partial_below)
    return route.partial and partial
