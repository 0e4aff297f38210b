"""The checks of `doctor` for the stack: regions, rules, schedule, queues and the last sweep."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from braket_notifier import __version__
from braket_notifier.cli.checks.bootstrap import by_own_rights, is_refusal, needs_bootstrap
from braket_notifier.cli.checks.finding import REPAIR, Finding, answered, asked, bad, good, needs, one
from braket_notifier.cli.checks.stack_status import WHOLE, failure, stack_status
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import Tolerated
from braket_notifier.text.wording import duration, plural

#: Sweep intervals before a sweep is late, because the next sweep is the retry of a failed one.
MISSED_SWEEPS = 3
GONE = "not there"


def stack(place: Installation) -> Iterator[Finding]:
    name = place.settings.name
    status = stack_status(place.client("cloudformation"), name)
    whole = bool(place.resources) and status in WHOLE
    yield (
        good(f"stack {name} in {place.region}: {status}")
        if whole
        else bad(f"stack {name} in {place.region} is {status or 'not there'}: see its events in CloudFormation")
    )


def version(place: Installation) -> Iterator[Finding]:
    deployed, python = (place.outputs.get(key, "unknown") for key in ("Version", "Python"))
    if deployed == __version__:
        yield good(f"stack and command are version {deployed}; the functions run Python {python}")
    else:
        yield needs(f"the stack is version {deployed}, this command {__version__}: deploy, or install the same")


def regions(place: Installation) -> Iterator[Finding]:
    """A region without its forwarding stack is only less timely, because the sweep still reads it."""
    yield from answered(*(_region(place, each) for each in place.settings.regions if each != place.region))


def _region(place: Installation, region: str) -> Iterator[Finding]:
    status = stack_status(place.client("cloudformation", region), f"{place.settings.name}-{region}")
    if status in WHOLE:
        yield _forwarding(place, region)
    else:
        yield from _not_forwarding(place, region, status)


def _not_forwarding(place: Installation, region: str, status: str) -> Iterator[Finding]:
    """A region without a working stack, why it failed, and what a deployment needs first."""
    name, reason, refused = f"{place.settings.name}-{region}", "", list[Finding]()
    remedy = f"`braket-notifier deploy`, or take {region} out of `regions`"
    if status and not needs_bootstrap(place.settings, region):
        reason = asked(partial(failure, place.client("cloudformation", region), name), refused) or ""
        remedy = by_own_rights(region) if is_refusal(reason) else remedy
    why = ", ".join(filter(None, [status or "no stack there", reason]))
    yield needs(
        f"{region} forwards no events ({why}), so only the sweep sees its changes; the other regions work: {remedy}"
    )
    yield from refused


def _forwarding(place: Installation, region: str) -> Finding:
    rule, net = f"{place.settings.name}-changes", f"{place.settings.name}-undelivered"
    state = _state(place, rule, "default", region)
    if not state.startswith("ENABLED"):
        remedy = REPAIR if state == GONE else f"`aws events enable-rule --region {region} --name {rule}`"
        return bad(
            f"{region} forwards no events, so only the sweep sees its changes: its rule {rule} is {state}: {remedy}"
        )
    queue = place.client("sqs", region).get_queue_url(QueueName=net)["QueueUrl"]
    if undelivered := place.depth(queue, region):
        return bad(
            f"{region} could not forward {plural(undelivered, 'event')}, in {net} there: docs/runbook.md#unread-queue"
        )
    return good(f"{region} forwards its events")


def rules(place: Installation) -> Iterator[Finding]:
    name = place.settings.name
    buses = ((f"{name}-changes", "default"), (f"{name}-forwarded", name))
    yield from answered(*(one(_rule, place, rule, bus) for rule, bus in buses))


def _rule(place: Installation, rule: str, bus: str) -> Finding:
    state = _state(place, rule, bus, place.region)
    if state.startswith("ENABLED"):
        return good(f"rule {rule} is alive")
    enable = f"`aws events enable-rule --region {place.region} --name {rule} --event-bus-name {bus}`"
    return bad(f"rule {rule} is {state}: {REPAIR if state == GONE else enable}")


def schedule(place: Installation) -> Iterator[Finding]:
    name, found = f"{place.settings.name}-sweep", {"State": GONE}
    with Tolerated("ResourceNotFoundException"):
        found = place.client("scheduler").get_schedule(Name=name)
    if found["State"] == "ENABLED":
        yield good(f"schedule {name} is alive: {found['ScheduleExpression']}")
    else:
        yield bad(f"schedule {name} is {found['State']}, so no sweep finds missed events: {REPAIR}")


def undeployed(place: Installation) -> Iterator[Finding]:
    """Name the channels that the stack lacks; other checks skip them, because they have no queue or topic yet."""
    missing = [name for name in place.settings.channels if name not in place.channel_queues]
    for name in missing:
        yield needs(f"{name} is in the settings but not in the stack: `braket-notifier deploy` adds it")
    if not missing:
        yield good("every channel of the settings is deployed")


def sweeps(place: Installation) -> Iterator[Finding]:
    late = timedelta(seconds=MISSED_SWEEPS * place.settings.sweep_every_s)
    now, swept = datetime.now(UTC), place.snapshots.swept(place.settings.regions)
    for region in place.settings.regions:
        last = swept.get(region)
        if last is None:
            yield needs(f"{region} was never swept: the first sweep comes soon after a deployment, check again then")
        elif now - last > late:
            yield bad(f"{region} was last swept {duration(now - last)} ago: see the log of {place.settings.name}-sweep")
        else:
            yield good(f"{region} was swept {duration(now - last)} ago")


def _state(place: Installation, rule: str, bus: str, region: str) -> str:
    with Tolerated("ResourceNotFoundException"):
        return str(place.client("events", region).describe_rule(Name=rule, EventBusName=bus)["State"])
    return GONE
