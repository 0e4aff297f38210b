"""What an operator does to queues and tables, and the end of every fault."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from braket_notifier.domain.destination import channel_of
from braket_notifier.errors import MalformedNotificationError, NewerVersionError
from braket_notifier.grouping.group import Group
from braket_notifier.sending.wire import decode
from tests.prove.months.month import Month
from tests.prove.months.rules import DAY
from tests.prove.world_braket import REGIONS, event
from tests.prove.world_root import NEXT_VERSION


def purge(month: Month, channel: str) -> None:
    """Lose the records of a channel's queue, but for those that nothing else remembers."""
    queue, groups = month.queues[channel], month.groups
    waiting = {
        number
        for (of, key, episode), entries in groups.added.items()
        for number, entry in entries.items()
        if channel_of(of) == channel
        and not entry.shown
        and (group := groups.groups.get((of, key), Group())).episode == episode
        if group.pending
    }
    month.purges.append(month.now)
    for number, record in list(queue.records.items()):
        try:
            each = decode(record.content)
        except NewerVersionError:
            continue
        except MalformedNotificationError:
            if "closes" in record.content:
                queue.delete([number])
            continue
        if each.id in waiting:
            month.purged.add((each.transition.arn.text, each.transition.status, each.channel))
            queue.delete([number])


def purge_events(month: Month) -> None:
    """Lose the events that have arrived and were not observed."""
    lost = {record.content for record in month.events.visible(month.now)}
    for each in month.ends:
        if event(each.life, each.at) in lost:
            each.arrivals = [at for at in each.arrivals if at > month.now]
    month.events.delete([record.number for record in month.events.visible(month.now)])


def restore(month: Month, backup: Any, began: datetime, which: str) -> None:
    """Bring one table back, or both; what a channel accepted since is forgotten with the ledger."""
    snapshots, ledger, groups, cards, posts = backup
    month.of_next |= month.snapshots.of_next | snapshots.of_next
    if which in ("snapshots", "both"):
        month.snapshots = snapshots
    if which in ("ledger", "both"):
        month.ledger, month.groups, month.cards, month.accepted.posts = ledger, groups, cards, posts
    month.restores.append((began, month.now, which))


def heals(month: Month) -> None:
    """End every fault and hold, send again what was given up, and become quiet."""
    month.outages_before = [(name, since, min(until, month.now), kind) for name, since, until, kind in month.outages]
    month.outages, month.silent_until, month.killing, month.racing, month.version = [], {}, 0.0, 0.0, NEXT_VERSION
    month.out = [(region, since, min(until, month.now)) for region, since, until in month.out]
    month.braket.heals()
    month.change(replace(month.settings, quiet={}, muted={}, regions=REGIONS))
    for days in (1, 4):
        month.redrives()
        month.lively_until = month.now + days * DAY
        month.runs(month.now + days * DAY)
    if not month.idle:
        month.wrong.append(f"not quiet: {[queue.contents[:3] for queue in month.all_queues]}")
