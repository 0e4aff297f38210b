"""The channels that receive a transition, with a reason for each channel, chosen or not; pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from fnmatch import fnmatchcase

from braket_notifier.braket.devices import device_type
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import MACHINES, Ignored, Policy, Route
from braket_notifier.domain.resource import FAILING, RANKS, Snapshot, is_partial
from braket_notifier.domain.transition import Transition, took
from braket_notifier.routing.tags import wants


@dataclass(frozen=True, slots=True)
class Choice:
    """The decision for one channel: whether it receives the transition, whether silently, and the reason."""

    channel: str
    chosen: bool
    silent: bool
    reason: str


def route(transition: Transition, policy: Policy) -> tuple[Choice, ...]:
    """Decide for every channel; a channel receives a transition once, however many routes match."""
    if transition.beside_card:
        end = replace(transition, status=transition.snapshot.status)
        return tuple(_beside_end(each, policy) for each in route(end, policy))
    if reason := _ignored(transition, policy):
        return tuple(_not_chosen(channel, reason) for channel in policy.channels)
    return tuple(_choice(channel, transition, policy) for channel in policy.channels)


def _beside_end(choice: Choice, policy: Policy) -> Choice:
    """Send the line about a hybrid job's last tasks to people who received its end; a silent end's card shows them."""
    if policy.channels[choice.channel] in MACHINES:
        return _not_chosen(choice.channel, "the line about a hybrid job's last tasks is for people")
    return _not_chosen(choice.channel, "the end was silent") if choice.chosen and choice.silent else choice


def notifications(transition: Transition, policy: Policy) -> tuple[Notification, ...]:
    """Address the transition to each channel that the routes choose."""
    chosen = (choice for choice in route(transition, policy) if choice.chosen)
    return tuple(Notification(transition, choice.channel, choice.silent) for choice in chosen)


def unrouted(notification: Notification, policy: Policy) -> str:
    """Return why the settings do not send the notification to its channel; empty if they do."""
    choices = route(notification.transition, policy)
    return next((each.reason for each in choices if each.channel == notification.channel and not each.chosen), "")


def announceable(snapshot: Snapshot, policy: Policy) -> bool:
    """Whether a route or a tag may select this status as an event reports it. Ends and unknown ones always count."""
    if snapshot.terminal or snapshot.unknown:
        return True
    asked = wants(snapshot, policy)
    if any(asked.includes(each, snapshot.status, snapshot, failed=False) for each in asked.channels):
        return True
    if snapshot.job_arn and policy.job_tasks != "each":
        return False
    reached = Transition(snapshot, snapshot.status, None, None, None, 1, "event")
    routes = (replace(each, tags={}, took_over_s=None) for each in policy.routes)
    return any(not next(_refusals(each, reached, policy), "") for each in routes)


def _ignored(transition: Transition, policy: Policy) -> str:
    """Return the reason that keeps the transition from every channel; empty if routes and tags decide."""
    if not transition.status:
        return "Braket gave no status; the sweep will ask again"
    for number, ignored in enumerate(policy.ignored, 1):
        if not any(_unmet_conditions(ignored, transition)):
            return f"ignored by [[ignore]] {number}"
    if wants(transition.snapshot, policy).nobody:
        return "the tag notify asks for nobody"
    if transition.snapshot.job_arn and policy.job_tasks == "ignore":
        return "a hybrid job's own quantum tasks are ignored"
    return ""


def _choice(channel: str, transition: Transition, policy: Policy) -> Choice:
    snapshot, failed = transition.snapshot, _is_failure(transition, policy)
    machine, asked = policy.channels[channel] in MACHINES, wants(snapshot, policy)
    wanted = asked.includes(channel, transition.status, snapshot, failed=failed)
    if _ends_after_warning(transition) and not machine:
        wanted = wanted or asked.includes(channel, transition.status, snapshot, failed=True)
    if wanted and not (machine and transition.status == FAILING):
        return Choice(channel, chosen=True, silent=False, reason="asked for by the tag notify")
    if snapshot.job_arn and policy.job_tasks == "fold":
        return _folded(channel, transition, policy)
    return _routed(channel, transition, policy)


def _routed(channel: str, transition: Transition, policy: Policy) -> Choice:
    addressed = [(number, each) for number, each in enumerate(policy.routes, 1) if channel in each.to]
    refusals = {number: next(_refusals(each, transition, policy, channel), "") for number, each in addressed}
    matching = [(number, each) for number, each in addressed if not refusals[number]]
    if matching:
        silent = all(transition.status in each.silent for _, each in matching)
        numbers = ", ".join(str(number) for number, _ in matching)
        return Choice(channel, chosen=True, silent=silent, reason=f"matched by route {numbers}")
    reasons = "; ".join(f"route {number}: {refusal}" for number, refusal in refusals.items())
    return _not_chosen(channel, reasons or "no route leads here")


def _folded(channel: str, transition: Transition, policy: Policy) -> Choice:
    """Send a job's failed quantum task to the thread of the job's card; the job reports all other tasks of its own.

    Tags and device of the job are unknown here, so any route that may match it counts; without a card nothing is sent.
    """
    may_have_card = any(channel in each.to and _may_match_job(each, transition.arn.region) for each in policy.routes)
    if may_have_card and policy.channels[channel] == "slack" and _is_failure(transition, policy):
        return Choice(channel, chosen=True, silent=True, reason="in the thread of its hybrid job's card")
    return _not_chosen(channel, "a hybrid job reports its own quantum tasks")


def _may_match_job(route: Route, region: str) -> bool:
    """Whether the route may match a failed hybrid job of the region."""
    here, failed = not route.region or region in route.region, not route.status or "FAILED" in route.status
    return route.kind != "task" and here and failed


def _not_chosen(channel: str, reason: str) -> Choice:
    return Choice(channel, chosen=False, silent=False, reason=reason)


def _is_failure(transition: Transition, policy: Policy) -> bool:
    """Whether the transition is a failure. Too few successful shots count as one."""
    partial = transition.status == "COMPLETED" and is_partial(transition.snapshot, policy.partial_below)
    return partial or transition.status in {"FAILED", FAILING}


def _unmet_conditions(conditions: Route | Ignored, transition: Transition) -> Iterator[str]:
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


def _refusals(route: Route, transition: Transition, policy: Policy, channel: str = "") -> Iterator[str]:
    """Yield the reasons why a route does not match for the channel; none if it matches."""
    yield from _unmet_conditions(route, transition)
    if route.device_type and route.device_type != device_type(transition.snapshot.device):
        yield f"the device is no {route.device_type}"
    if not _status_matches(route, transition, policy, policy.channels.get(channel) in MACHINES):
        yield f"status {transition.status} is not {' or '.join(route.status) or 'named'}"
    duration = took(transition)
    if route.took_over_s is not None and duration is not None and duration <= timedelta(seconds=route.took_over_s):
        yield f"took {duration.total_seconds():.0f} s, not over {route.took_over_s:.0f} s"


def _ends_after_warning(transition: Transition) -> bool:
    return transition.warned and transition.snapshot.terminal


def _status_matches(route: Route, transition: Transition, policy: Policy, machine: bool) -> bool:  # noqa: FBT001
    """Whether the status matches. A list of statuses never hides one that no route can name (unknown, or GONE).

    People are warned of FAILING where they get FAILED, and are then notified of the job's end, whatever it is. A
    program that acts on FAILED must not act on a running job.
    """
    status = transition.status
    if _ends_after_warning(transition) and not machine and {"FAILED", FAILING} & set(route.status):
        return True
    if status == FAILING and FAILING not in route.status:
        if machine:
            return False
        status = "FAILED"
    if not route.status or status in route.status or status not in RANKS or status == "GONE":
        return True
    return route.partial and status == "COMPLETED" and _is_failure(transition, policy)
