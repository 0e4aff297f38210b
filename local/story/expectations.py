"""The notifications of a story that the settings' routes ask for; pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from braket_notifier.braket.availability import Availability
from braket_notifier.costs.limits import threshold_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.reminder import NEAR_LIMIT, OFFLINE
from braket_notifier.domain.resource import FAILING, TASKS_ENDED, Snapshot, parse_arn
from braket_notifier.domain.spending import Allowance
from braket_notifier.domain.transition import Transition
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until
from braket_notifier.routing.routes import notifications
from braket_notifier.watching.causes import Waiting
from braket_notifier.watching.reminders import reminders
from braket_notifier.watching.spending import Reached, notices
from braket_notifier.watching.watched import Seen, Watched
from local.braket.script import FIRST_STATUS, TERMINAL
from local.story.story import Act, tags_of
from local.story.tally import Expected

#: Any time of submission, because only the time from submission to end matters to a route.
SUBMITTED = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Expectations:
    """The ends that must be accepted, and what else may be.

    Only ends are promised: a status may be over before it is read, a silent one may be left out by a flood, and a
    hybrid job's own tasks stand in the thread of its card only if there is one.
    """

    ends: frozenset[Expected] = frozenset()
    others: frozenset[Expected] = frozenset()

    def __or__(self, more: "Expectations") -> "Expectations":
        return Expectations(self.ends | more.ends, self.others | more.others)

    @property
    def channels(self) -> frozenset[str]:
        return frozenset(channel for channel, _, _ in self.ends | self.others)


def expectations(act: Act, arn: str, policy: Policy, job: str = "") -> Expectations:
    """The notifications of an act's resource; `job` is the ARN of the hybrid job that submits it."""
    if act.region not in policy.regions:
        return Expectations()
    ends: set[Expected] = set()
    others: set[Expected] = set()
    for status in (*_statuses(act), *((FAILING, TASKS_ENDED, NEAR_LIMIT) if act.kind == "job" else ())):
        for each in notifications(_transition(act, arn, status, job), policy):
            in_thread = each.silent and bool(job)
            (ends if status in TERMINAL and not in_thread else others).add((each.channel, arn, status))
    return Expectations(frozenset(ends), frozenset(others))


def outage(act: Act, arn: str, since: datetime, policy: Policy) -> Expectations:
    """The announcement that the device of an act that waits has been out since a time."""
    if act.region not in policy.regions:
        return Expectations()
    waiting = Waiting(_transition(act, arn, "QUEUED", "").snapshot, since)
    watched, now = Watched({act.device: Seen(Availability(OFFLINE), since)}), datetime.now(UTC)
    return _unpromised(each.notification for each in reminders(watched, [waiting], (), policy, now))


def spending(limits: Sequence[Allowance], policy: Policy) -> Expectations:
    """The notices of spending limits, of which no last cost decides."""
    now = datetime.now(UTC)
    there = [each for each in limits if each.region in policy.regions and policy.money]
    reached = [Reached(each, threshold) for each in there if (threshold := threshold_of(each, None, now))]
    return _unpromised(each.notification for each in notices(reached, {}, policy, now))


def _unpromised(found: Iterable[Notification]) -> Expectations:
    named = ((each.channel, each.transition.arn.text, each.transition.status) for each in found)
    return Expectations(others=frozenset(named))


def remarks(acts: Iterable[Act], policy: Policy, now: datetime) -> Iterator[str]:
    """Why channels, or resources of the story, send nothing, or nothing yet."""
    acts = tuple(acts)
    invented = (expectations(each, _arn(each), policy, _job(each)) for each in acts)
    reached = frozenset[str]().union(*(each.channels for each in invented))
    for channel in policy.channels:
        if channel not in reached:
            yield f"{channel} gets nothing, because no route sends a resource of this story there"
        elif until := held_until(channel, NO_STATUS, policy, now):
            ends = f"{until.astimezone(ZoneInfo(policy.time_zone)):%H:%M}"
            yield f"{channel} has quiet hours until {ends}, and gets what they hold only then"
    for region in sorted({each.region for each in acts} - set(policy.regions)):
        number = sum(each.region == region for each in acts)
        yield f"{number} resources of this story are in {region}, which `regions` does not name, so they send nothing"


def _statuses(act: Act) -> tuple[str, ...]:
    steps = (*(act.script.steps or ()), *(act.script.when_cancelled if act.cancelled else ()))
    return (FIRST_STATUS["job" if act.kind == "job" else "task"], *(status for _, status in steps))


def _transition(act: Act, arn: str, status: str, job: str) -> Transition:
    script, ended = act.script, status in TERMINAL
    took = timedelta(seconds=sum(after for after, _ in script.steps or ())) + script.aged - script.late
    usual = act.shots if status == "COMPLETED" else None
    reached = {FAILING: "RUNNING", NEAR_LIMIT: "RUNNING", TASKS_ENDED: _statuses(act)[-1]}.get(status, status)
    snapshot = Snapshot(
        parse_arn(arn),
        reached,
        created_at=SUBMITTED,
        ended_at=SUBMITTED + took if ended else None,
        device=act.device,
        shots=None if act.kind == "job" else act.shots,
        successful_shots=(usual if script.successful_shots == "all" else script.successful_shots) if ended else None,
        tags=tags_of(act),
        job_arn=job,
    )
    return Transition(snapshot, status, None, snapshot.ended_at, None, 1, "event")


def _arn(act: Act) -> str:
    return f"arn:aws:braket:{act.region}:000000000000:{'job' if act.kind == 'job' else 'quantum-task'}/{act.name}"


def _job(act: Act) -> str:
    return f"arn:aws:braket:{act.region}:000000000000:job/{act.job}" if act.job else ""
