"""The monthly page as a message; pure."""

from datetime import datetime

from braket_notifier.braket.devices import device
from braket_notifier.costs.month import of_tags
from braket_notifier.domain.cost import total
from braket_notifier.domain.resource import Snapshot
from braket_notifier.rendering.message import PUSH, Message
from braket_notifier.rendering.words.money import cell, sum_of
from braket_notifier.text.wording import cut, duration, number, plural


def render_month(page: Snapshot, name: str, *, money: bool) -> Message:
    """Render sums, failures and the median wait of each device; a phone shows no amount. `name` is like 2026-11."""
    rows = list(of_tags(page.tags))
    tasks, failed = sum(each.tasks for each in rows), sum(each.failed for each in rows)
    counts = f"{plural(tasks, 'task')} on QPUs ended, {number(failed) if failed else 'none'} failed"
    headline = f"{datetime.strptime(name, '%Y-%m'):%B %Y}: {counts if rows else 'no task on a QPU ended'}"  # noqa: DTZ007 - a month
    known = money and any(each.sum.is_known for each in rows)
    titles = ("device", "ended", "failed", *(["cost"] if money else []), "median wait")
    table = [
        (
            device(each.device).model,
            str(each.tasks),
            str(each.failed or "-"),
            *([cell(each.sum) or "-"] if money else []),
            duration(each.waited) if each.waited is not None else "-",
        )
        for each in rows
    ]
    return Message(
        mark="",
        push=cut(headline, PUSH),
        headline=headline,
        lines=(sum_of(total(each.cost for each in rows)),) if known else (),
        table=(titles, *table) if rows else (),
        closing="Each day of the month:",
        command=f"braket-notifier costs --month {name} --by day",
    )
