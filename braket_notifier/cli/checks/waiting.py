"""The checks of `doctor` for records that wait in the queues, and for those that were given up."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.delivery_keys import VISIT_AT, VISIT_IN, visits_of
from braket_notifier.cli.checks.finding import Finding, asked, bad, good, needs, noted
from braket_notifier.cli.in_force.state import policy_in_force
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.show import date_and_time
from braket_notifier.cli.undelivered.plan import Plan, plan_for
from braket_notifier.cli.undelivered.records import give_back, read_records
from braket_notifier.domain.policy import MACHINES, Policy
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until
from braket_notifier.text.json_fields import moment
from braket_notifier.text.wording import plural

REDRIVE = "`braket-notifier redrive`"
#: A group's time for its next message may have passed by so much, because the sweep wakes a channel later.
OVERDUE = timedelta(minutes=10)
#: Reasons of unreadable records that one finding names.
SHOWN = 3
LONG_AGO = datetime.min.replace(tzinfo=UTC)


def queues(place: Installation) -> Iterator[Finding]:
    """A finding for each queue with records; what waits on purpose, or for a channel that is down, asks for nothing.

    Only a reader defers records, so a queue whose records are all visible has none.
    """
    refused: list[Finding] = []
    events = asked(partial(place.queue, "events"), refused)
    urls = {**({"events": events} if events else {}), **place.channel_queues}
    counts = {name: asked(partial(place.depth, url), refused) for name, url in urls.items()}
    depths = {name: depth for name, depth in counts.items() if depth}
    if not depths:
        yield from refused or [good(f"nothing waits in {plural(len(urls), 'queue')}")]
        return
    read = [name for name in depths if name in place.policy.channels and place.depth(urls[name], visible=False)]
    reasons = asked(partial(_reasons, place, read), refused) or {}
    for name, depth in depths.items():
        records = f"{plural(depth, 'record')} in the queue of {name}"
        function = f"{place.name}-{'observe' if name == 'events' else f'deliver-{name}'}"
        if reason := reasons.get(name):
            yield noted(f"{records}: {reason}")
        elif uuid := asked(partial(_stopped, place, function), refused):
            again = f"`aws lambda update-event-source-mapping --uuid {uuid} --enabled`"
            yield bad(f"{records}, which {function} does not read: {again} (docs/runbook.md#unread-queue)")
        else:
            yield needs(f"{records}: check again in a minute; if they stay, see the log of {function}")
    yield from refused


def undelivered(place: Installation) -> Iterator[Finding]:
    """The records that `redrive` can send again, by channel and with the last reason, apart from unreadable ones."""
    refused: list[Finding] = []
    ledger = DynamoLedger(place.deliveries, on_skipped=lambda _: None)
    depth = asked(lambda: place.depth(place.queue("undelivered")), refused) or 0
    given_up = asked(lambda: [*ledger.all_undelivered()], refused) or []
    kept = asked(lambda: [*read_records(place)], refused) if depth else []
    try:
        plan = asked(lambda: plan_for(place, kept or [], given_up, {}), refused)
    finally:
        give_back(place, kept or [])
    found = [*_given_up(plan), *_left(plan, hidden=max(0, depth - len(kept or [])))] if plan else []
    if (kept is None or plan is None) and (count := max(depth, len(given_up))):
        found = [bad(f"{plural(count, 'undelivered record')}: {REDRIVE} shows them")]
    yield from found or ([] if refused else [good("nothing is undelivered")])
    yield from refused


def _stopped(place: Installation, function: str) -> str:
    """The id of the function's disabled mapping, so that it does not read its queue; empty without one."""
    found = place.client("lambda").list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    return next((str(each["UUID"]) for each in found if each["State"] in {"Disabled", "Disabling"}), "")


def _reasons(place: Installation, channels: list[str]) -> Mapping[str, str]:
    """Why the records of these channels wait; a channel without a reason has none."""
    health, now = DynamoChannelLeases(place.deliveries).health(tuple(channels)), datetime.now(UTC)
    policy = policy_in_force(place)
    found: dict[str, str] = {}
    for name in channels:
        if health[name].down_since:
            found[name] = "until the channel accepts messages again"
        elif policy.channels.get(name) not in MACHINES and (reason := _intended(place, name, policy, now)):
            found[name] = f"as intended, {reason}"
    return found


def _intended(place: Installation, channel: str, policy: Policy, now: datetime) -> str:
    zone = policy.time_zone
    if until := held_until(channel, NO_STATUS, policy, now):
        return f"quiet hours or a mute last until {date_and_time(until, zone)}"
    visits = (moment(row[VISIT_AT]) for row in place.deliveries.index(VISIT_IN, visits_of(channel)))
    due = next((at for at in visits if at), None)
    if not due or due <= now - OVERDUE:
        return ""
    if due <= now:
        return f"a digest was due at {date_and_time(due, zone)}, and a sweep wakes the channel if it stays"
    return f"the next digest is due at {date_and_time(due, zone)}"


def _given_up(plan: Plan) -> Iterator[Finding]:
    """A finding for each channel; a notification that a redrive has reopened is on its way."""
    by_channel: dict[str, list[str]] = {}
    for id_, each in plan.send.items():
        if id_ not in plan.known or plan.known[id_].state != "REOPENED":
            by_channel.setdefault(each.channel, []).append(id_)
    for channel, ids in by_channel.items():
        rows = [row for id_ in ids if (row := plan.known.get(id_)) and row.at and row.reason]
        last = max(rows, key=lambda row: row.at or LONG_AGO, default=None)
        why = f", the last one because of {last.reason}" if last else ""
        again = f"after the fix {REDRIVE} sends {'it' if len(ids) == 1 else 'them'} again"
        yield bad(f"{plural(len(ids), 'notification')} of {channel} undelivered{why}: {again}")


def _left(plan: Plan, *, hidden: int) -> Iterator[Finding]:
    if plan.events:
        yield bad(f"{plural(len(plan.events), 'event')} undelivered: {REDRIVE} reads them again")
    if plan.finished:
        yield needs(f"{plural(len(plan.finished), 'undelivered record')} announced meanwhile: {REDRIVE} removes them")
    if plan.stay:
        reasons = [*dict.fromkeys(each.reason for each in plan.stay)]
        named = "; ".join(reasons[:SHOWN]) + "; …" * (len(reasons) > SHOWN)
        records = plural(len(plan.stay), "undelivered record")
        yield bad(f"{records} cannot be sent ({named}): {REDRIVE} shows them, and removes them with --drop")
    for channel, count in plan.gone.items():
        name = f"{plural(count, 'notification')} of {channel} undelivered, which is no longer a channel"
        yield bad(f"{name}: `braket-notifier redrive --from {channel} --to CHANNEL` sends them elsewhere")
    if hidden:
        yield needs(f"{plural(hidden, 'undelivered record')} just read by somebody else: check again in two minutes")
