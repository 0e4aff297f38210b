"""The cost of a quantum task; pure. An amount that is not certain is None, and no message shows it."""

from decimal import Decimal

from braket_notifier.braket.devices import device_type
from braket_notifier.costs.prices import Prices
from braket_notifier.domain.cost import NOTHING, Cost
from braket_notifier.domain.resource import Snapshot, may_have_results


def cost(snapshot: Snapshot, prices: Prices) -> Cost | None:
    """Return the cost of an ended quantum task.

    None for a hybrid job, an open task, a device that the list does not name, a list that is too old, a FAILED task
    that may have results, and an end of which only an event is known, because an event names neither the reservation
    nor the hybrid job. A FAILED task without results, a CANCELLED one and one in a reservation cost nothing. Braket
    charges a partial task less than the price of its requested shots, so its amount is an upper bound. A simulator has
    the price of a minute and no amount, because only its results say how long it ran.
    """
    ended = snapshot.ended_at
    if snapshot.arn.kind == "job" or ended is None or snapshot.degraded:
        return None
    if snapshot.reservation:
        return Cost(NOTHING, reserved=1)
    units = _units(snapshot, prices) if prices.cover(ended.date()) else ()
    if not units:
        return None
    if snapshot.status == "COMPLETED":
        return _used(snapshot, units)
    nothing_used = not (snapshot.successful_shots or may_have_results(snapshot))
    return Cost(NOTHING) if snapshot.status in {"FAILED", "CANCELLED"} and nothing_used else None


def _used(snapshot: Snapshot, units: tuple[Decimal, ...]) -> Cost | None:
    if device_type(snapshot.device) == "simulator":
        return Cost(NOTHING, unknown=1, minute=units[0])
    shots, good = snapshot.shots, snapshot.successful_shots
    if shots is None:
        return None
    return Cost(units[0] * shots + units[1], "exact" if good is not None and good >= shots else "at most")


def _units(snapshot: Snapshot, prices: Prices) -> tuple[Decimal, ...]:
    """Return the prices of a shot and a task on a QPU, or of a simulator's minute; empty if one is unknown."""
    region, device, of_job = snapshot.arn.region, snapshot.device, bool(snapshot.job_arn)
    kind = device_type(device)
    if kind == "qpu":
        found = [prices.of(region, item, device) for item in (("job shot", "job task") if of_job else ("shot", "task"))]
    else:
        found = [prices.of(region, "job minute" if of_job else "minute", device)] if kind else []
    return tuple(each for each in found if each is not None) if None not in found else ()
