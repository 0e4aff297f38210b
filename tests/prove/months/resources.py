"""Resources that are submitted, move on and end, one function for each class of happenings."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tests.prove.months.month import Month
from tests.prove.months.rules import HOUR, MINUTE
from tests.prove.world_braket import REGIONS, Resource

STATUSES = ("COMPLETED", "COMPLETED", "COMPLETED", "FAILED", "CANCELLED")
REASONS = ("Program validation failed", "Internal device error")
#: Batch tags are used again after days or weeks.
BATCHES = ("ghz-scan", "vqe", "rb-sweep")


def some_ends(month: Month) -> None:
    """A few tasks or jobs, now and in the next hours."""
    for _ in range(month.random.randint(1, 4)):
        month.plan(within(month, 4 * HOUR), partial(task, month))


def lonely_failure(month: Month) -> None:
    month.plan(within(month, HOUR), partial(task, month, status="FAILED"))


def burst(month: Month) -> None:
    """Up to fifty tasks of a batch, or of no batch, that end together or one after another."""
    tags = {} if month.random.random() < 0.3 else {"batch": month.random.choice(BATCHES)}
    gap, region = month.random.choice([0.0, 1.0, 7.0, 100.0]), month.random.choice(REGIONS)
    for number in range(month.random.choice([5, 12, 50])):
        month.plan(month.now + timedelta(seconds=gap * number), partial(task, month, region=region, tags=tags))


def flood(month: Month) -> None:
    """Up to forty tasks of as many groups that end together or over a quarter of an hour."""
    gap = month.random.choice([0.0, 1.0, 20.0])
    for number in range(month.random.choice([15, 40])):
        tags = {"batch": f"alone-{number}"}
        month.plan(month.now + timedelta(seconds=gap * number), partial(task, month, tags=tags))


def correction(month: Month) -> None:
    """Braket reports an end, and later another one of the same task."""
    first, then = month.random.sample(["COMPLETED", "FAILED", "CANCELLED"], 2)
    found = month.submit("task", month.random.choice(REGIONS), month.now)
    month.plan(month.now + MINUTE, partial(month.moves, found, first))
    later = month.now + MINUTE + month.random.choice([MINUTE, 20 * MINUTE, 8 * HOUR])
    month.plan(later, partial(month.moves, found, then))


def job(month: Month) -> None:
    """A hybrid job, its tasks, which it submits while it runs, and some of them that end after it."""
    region, runs = month.random.choice(REGIONS), month.random.choice([10 * MINUTE, HOUR, 5 * HOUR])
    found = month.submit("job", region, month.now, job_name="vqe")
    month.plan(month.now + MINUTE, lambda: month.moves(found, "RUNNING"))
    for _ in range(month.random.choice([0, 2, 12])):
        at = month.now + 2 * MINUTE + month.random.random() * (runs - 2 * MINUTE)
        lasts = month.random.choice([MINUTE, 30 * MINUTE, 7 * HOUR])
        own = partial(task, month, region=region, lasts=lasts, job_arn=found.arn.text, tags=found.truth.tags)
        month.plan(at, own)
    end = month.random.choice(STATUSES)
    month.plan(month.now + runs, lambda: month.moves(found, end, _delays(month), _reason(month, end)))


def unheard_ends(month: Month) -> None:
    """Tasks and a job of which no event ever arrives."""
    for kind in ("task", "task", "job"):
        found = month.submit(kind, month.random.choice(REGIONS), month.now)
        _ends(month, found, within(month, 5 * HOUR), heard=False)


def late_search(month: Month) -> None:
    """Resources that Search lists late, and of which no event arrives."""
    for kind in ("task", "job"):
        late = month.random.choice([8 * MINUTE, 50 * MINUTE, 9 * HOUR, 46 * HOUR])
        found = month.submit(kind, month.random.choice(REGIONS), month.now, listed=late)
        _ends(month, found, within(month, 3 * HOUR), heard=False)


def task(month: Month, status: str = "", region: str = "", lasts: timedelta | None = None, **words: Any) -> None:
    """A task that is submitted, waits, and ends after some minutes or hours."""
    tags = dict(words.pop("tags", {}))
    if month.random.random() < 0.1:
        tags["trial"] = "yes"
    found = month.submit("task", region or month.random.choice(REGIONS), month.now, tags=tags, **words)
    month.moves(found, "QUEUED", _delays(month))
    span = MINUTE if "batch" in tags else month.random.choice([MINUTE, 20 * MINUTE, 7 * HOUR])
    _ends(month, found, month.now + (lasts or span), status=status)


def _ends(month: Month, found: Resource, at: datetime, status: str = "", *, heard: bool = True) -> None:
    end = status or month.random.choice(STATUSES)
    month.plan(at, lambda: month.moves(found, end, _delays(month) if heard else (), _reason(month, end)))


def _delays(month: Month) -> tuple[float, ...]:
    """When copies of an event arrive: soon, late, twice, or never."""
    return month.random.choice([(2.0,), (2.0,), (2.0,), (1.0, 400.0), (40.0,), (1800.0,), ()])


def _reason(month: Month, status: str) -> str:
    return month.random.choice(REASONS) if status == "FAILED" else ""


def within(month: Month, range_: timedelta) -> datetime:
    return month.now + month.random.random() * range_
