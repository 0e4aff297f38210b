"""Amounts of money in words, for lines that no lock screen shows; pure."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from braket_notifier.costs.sums import LEFT_OUT, Sum, together
from braket_notifier.domain.cost import Cost, total
from braket_notifier.domain.resource import Snapshot
from braket_notifier.text.wording import number

_CENT, _LEAST = Decimal("0.01"), Decimal("0.00001")
#: Dollars from which a sum leaves out the cents.
_ROUND = Decimal(100)
IN_RESERVATION = "in your reservation"


def dollars(amount: Decimal) -> str:
    """Return an amount to the cent: $3.20; one below a cent keeps its digits: $0.00375."""
    least = _LEAST if 0 < amount < _CENT else _CENT
    rounded = amount.quantize(least, ROUND_HALF_UP)
    return f"${rounded.normalize():f}" if least == _LEAST else f"${rounded:,.2f}"


def known(snapshot: Snapshot) -> Cost | None:
    """Return a cost that has an amount."""
    return snapshot.cost if snapshot.cost and snapshot.cost.minute is None else None


def amount(snapshot: Snapshot) -> str:
    """Return what an ended quantum task costs, or the tasks of a hybrid job; empty if that is not known."""
    cost = known(snapshot)
    if cost is None or not snapshot.terminal:
        return ""
    if snapshot.arn.kind == "task":
        return IN_RESERVATION if cost.reserved else f"{_bound(cost)} {dollars(cost.amount)}"
    return f"{_bound(cost)} {dollars(cost.amount)} for its tasks, without the instance{_left_out(cost)}"


def sum_of(cost: Cost) -> str:
    """Return a sum with what it leaves out: ≈ $412 for on-demand QPU tasks (not reservations, …)."""
    whole = number(int(cost.amount.quantize(Decimal(1), ROUND_HALF_UP)))
    shown = f"${whole}" if cost.amount >= _ROUND else dollars(cost.amount)
    unknown = f"; {number(cost.unknown)} of unknown price" if cost.unknown else ""
    return f"{_bound(cost)} {shown} for on-demand QPU tasks (not {LEFT_OUT}{unknown})"


def sum_over(ended: Iterable[Snapshot]) -> str:
    """Return the sum over quantum tasks, and over hybrid jobs whose tasks are not among them; empty without one."""
    listed = list(ended)
    there = {each.job_arn for each in listed}
    jobs = [each.cost for each in listed if each.arn.kind == "job" and each.cost and each.arn.text not in there]
    parts = [*jobs, *([tasks] if (tasks := together(listed)) else [])]
    return sum_of(total(parts)) if parts else ""


def cell(each: Sum) -> str:
    """The sum; none where no part of it is known."""
    if not each.is_known:
        return ""
    reserved = each.cost.reserved == each.tasks
    return "reserved" if reserved else f"{'≤ ' if each.cost.bound == 'at most' else ''}{dollars(each.cost.amount)}"


def _bound(cost: Cost) -> str:
    return "at most" if cost.bound == "at most" else "≈"


def _left_out(cost: Cost) -> str:
    """Name the tasks that the sum of a hybrid job leaves out."""
    named = ((cost.unknown, "of unknown price"), (cost.reserved, IN_RESERVATION))
    words = [f"{number(count)} {what}" for count, what in named if count]
    return f" ({', '.join(words)})" if words else ""
