"""The channels that receive a transition, with a reason for each channel, chosen or not; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from braket_notifier.domain.destination import channel_of, direct, person_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import MACHINES, Person, Policy, Route
from braket_notifier.domain.reminder import reminder_of
from braket_notifier.domain.resource import FAILING, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.routing.conditions import ends_after_warning, is_failure, is_list, refusals, unmet_conditions
from braket_notifier.routing.owners import first_channel, owning, recipient, unreachable
from braket_notifier.routing.tags import wants
from braket_notifier.text.wording import clean


@dataclass(frozen=True, slots=True)
class Choice:
    """The decision for one destination: whether it receives the transition, whether silently, and the reason."""

    channel: str
    chosen: bool
    silent: bool
    reason: str


def route(transition: Transition, policy: Policy) -> tuple[Choice, ...]:
    """Decide for every channel; a destination receives a transition once, however many routes match.

    A channel that writes to owners has a choice for each person, or one of its own if it writes to nobody.
    """
    if transition.beside_card:
        end = replace(transition, status=transition.snapshot.status)
        return tuple(_beside_end(each, policy) for each in route(end, policy))
    if reason := ignored(transition, policy):
        return tuple(_not_chosen(channel, reason) for channel in policy.channels)
    return tuple(chain.from_iterable(_choices(channel, transition, policy) for channel in policy.channels))


def _beside_end(choice: Choice, policy: Policy) -> Choice:
    """Send the line about a hybrid job's last tasks to people who received its end; a silent end's card shows them."""
    if policy.channels[channel_of(choice.channel)] in MACHINES:
        return _not_chosen(choice.channel, "the line about a hybrid job's last tasks is for people")
    return _not_chosen(choice.channel, "the end was silent") if choice.chosen and choice.silent else choice


def notifications(transition: Transition, policy: Policy) -> tuple[Notification, ...]:
    """Address the transition to each channel that the routes choose."""
    chosen = (choice for choice in route(transition, policy) if choice.chosen)
    return tuple(Notification(transition, choice.channel, choice.silent) for choice in chosen)


def unrouted(notification: Notification, policy: Policy) -> str:
    """Return why the settings do not send the notification to its channel; empty if they do.

    What was sent to a person who is no longer in the settings stays, because nobody else gets it.
    """
    destination, choices = notification.channel, route(notification.transition, policy)
    if found := [each for each in choices if each.channel == destination]:
        return "" if found[0].chosen else found[0].reason
    if not person_of(destination):
        return ""
    if (reason := ignored(notification.transition, policy)) or not recipient(destination, policy):
        return reason
    return f"{clean(person_of(destination))} neither owns it nor is named by its tag notify"


def notified_directly(transition: Transition, policy: Policy) -> frozenset[str]:
    """Return the names of the people who receive the transition aloud in a channel that writes to owners."""
    if not policy.to_owner:
        return frozenset()
    chosen = [each for each in route(transition, policy) if each.chosen and not each.silent]
    return frozenset(person_of(each.channel) for each in chosen if person_of(each.channel))


def announceable(snapshot: Snapshot, policy: Policy) -> bool:
    """Whether a route or a tag may select this status as an event reports it. Ends and unknown ones always count."""
    if snapshot.terminal or snapshot.unknown:
        return True
    asked = wants(snapshot, policy)
    if (asked.channels or asked.people) and asked.includes(snapshot.status, snapshot, failed=False):
        return True
    if snapshot.job_arn and policy.job_tasks != "each":
        return False
    reached = Transition(snapshot, snapshot.status, None, None, None, 1, "event")
    routes = (replace(each, tags={}, took_over_s=None) for each in policy.routes)
    return any(not next(refusals(each, reached, policy), "") for each in routes)


def ignored(transition: Transition, policy: Policy) -> str:
    """Return the reason that keeps the transition from every channel; empty if routes and tags decide."""
    if not transition.status:
        return "Braket gave no status; the sweep will ask again"
    for number, ignored in enumerate(policy.ignored, 1):
        if not any(unmet_conditions(ignored, transition)):
            return f"ignored by [[ignore]] {number}"
    if wants(transition.snapshot, policy).nobody:
        return "the tag notify asks for nobody"
    if transition.snapshot.job_arn and policy.job_tasks == "ignore":
        return "a hybrid job's own quantum tasks are ignored"
    return ""


def _choices(channel: str, transition: Transition, policy: Policy) -> Iterable[Choice]:
    if channel in policy.to_owner:
        return _direct(channel, transition, policy)
    return (_choice(channel, transition, policy),)


def _direct(channel: str, transition: Transition, policy: Policy) -> Iterator[Choice]:
    """Decide for the owner, and for each person whom the tag names and whom no earlier channel reaches."""
    owner, asked = owning(transition.snapshot, policy), wants(transition.snapshot, policy)
    named = [each for each in asked.people if first_channel(each, policy) == channel]
    if owner is None:
        yield from [] if named else [_not_chosen(channel, "no owner is known")]
    elif reason := unreachable(owner, channel, policy):
        yield _not_chosen(direct(channel, owner.name), reason)
    elif owner not in named or not _asked_for(transition, policy):
        yield replace(_owners_choice(owner, channel, transition, policy), channel=direct(channel, owner.name))
        named = [each for each in named if each != owner]
    yield from (_named(direct(channel, each.name), transition, policy) for each in named)


def _owners_choice(owner: Person, channel: str, transition: Transition, policy: Policy) -> Choice:
    """Decide for the owner; the channel stands in for those that cannot reach this owner."""
    choice = _choice(channel, transition, policy)
    others = ((unreachable(owner, each, policy), each) for each in policy.to_owner)
    instead = ((why, _choice(each, transition, policy)) for why, each in others if why and not choice.chosen)
    for why, each in instead:
        if each.chosen and not each.silent:
            return replace(each, reason=f"{each.reason} for {each.channel}, because {why}")
    return choice


def _named(destination: str, transition: Transition, policy: Policy) -> Choice:
    if _asked_for(transition, policy):
        return Choice(destination, chosen=True, silent=False, reason="named by the tag notify")
    return _not_chosen(destination, f"named by the tag notify, not for {transition.status}")


def _asked_for(transition: Transition, policy: Policy, *, machine: bool = False) -> bool:
    """Whether the tags request the status for whomever they name."""
    snapshot, failed = transition.snapshot, is_failure(transition, policy)
    failed_before = ends_after_warning(transition) and not machine
    asked = wants(snapshot, policy)
    wanted = asked.includes(transition.status, snapshot, failed=failed)
    wanted = wanted or (failed_before and asked.includes(transition.status, snapshot, failed=True))
    return wanted and not (machine and (transition.status == FAILING or bool(reminder_of(transition.status))))


def _choice(channel: str, transition: Transition, policy: Policy) -> Choice:
    snapshot, machine = transition.snapshot, policy.channels[channel] in MACHINES
    asked_for = channel in wants(snapshot, policy).channels and _asked_for(transition, policy, machine=machine)
    if asked_for and not is_list(channel, transition, policy):
        return Choice(channel, chosen=True, silent=False, reason="asked for by the tag notify")
    if snapshot.job_arn and policy.job_tasks == "fold":
        return _folded(channel, transition, policy)
    return _routed(channel, transition, policy)


def _routed(channel: str, transition: Transition, policy: Policy) -> Choice:
    addressed = [(number, each) for number, each in enumerate(policy.routes, 1) if channel in each.to]
    refused = {number: next(refusals(each, transition, policy, channel), "") for number, each in addressed}
    matching = [(number, each) for number, each in addressed if not refused[number]]
    if matching:
        silent = all(transition.status in each.silent for _, each in matching)
        numbers = ", ".join(str(number) for number, _ in matching)
        return Choice(channel, chosen=True, silent=silent, reason=f"matched by route {numbers}")
    reasons = "; ".join(f"route {number}: {refusal}" for number, refusal in refused.items())
    return _not_chosen(channel, reasons or "no route leads here")


def _folded(channel: str, transition: Transition, policy: Policy) -> Choice:
    """Send a job's failed quantum task to the thread of the job's card; the job reports all other tasks of its own.

    Tags and device of the job are unknown here, so any route that may match it counts; without a card nothing is sent.
    """
    may_have_card = any(channel in each.to and _may_match_job(each, transition.arn.region) for each in policy.routes)
    if may_have_card and policy.channels[channel] == "slack" and is_failure(transition, policy):
        return Choice(channel, chosen=True, silent=True, reason="in the thread of its hybrid job's card")
    return _not_chosen(channel, "a hybrid job reports its own quantum tasks")


def _may_match_job(route: Route, region: str) -> bool:
    """Whether the route may match a failed hybrid job of the region."""
    here, failed = not route.region or region in route.region, not route.status or "FAILED" in route.status
    return route.kind != "task" and here and failed


def _not_chosen(channel: str, reason: str) -> Choice:
    return Choice(channel, chosen=False, silent=False, reason=reason)
