"""One random history of ninety days, and its verdict."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from tests.prove.months.happenings import HAPPENINGS, Happening
from tests.prove.months.judge import Verdict, judge
from tests.prove.months.month import Month
from tests.prove.months.operators import heals
from tests.prove.months.rules import DAY, DIRECT, FALLBACKS, HOUR, Calendar, Settings
from tests.prove.months.troubles import expiry

DAYS = 90
#: Ninety days from each of these contain a change of the clocks.
STARTS = (datetime(2026, 8, 20, 9, 0, tzinfo=UTC), datetime(2027, 1, 10, 9, 0, tzinfo=UTC))
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")
#: What happens soon after something else, and how much happens.
SOON, NEAR = 0.4, 3 * HOUR
FEWEST, MOST = 40, 60


def month_of(seed: int, happenings: Mapping[Happening, int] = HAPPENINGS, most: int = MOST, days: int = DAYS) -> Month:
    """The world after so many days and the end of every fault."""
    random = Random(seed)  # noqa: S311 - to repeat a history, not to hide anything
    start, settings = random.choice(STARTS), Settings(random.choice(ZONES))
    calendar, people = Calendar([(start, settings)]), {DIRECT: (FALLBACKS[DIRECT],)}
    month = Month(seed, settings.policy, start, calendar=calendar, fallbacks=FALLBACKS, people_fallbacks=people)
    at = start
    month.plan(start + DAY, lambda: expiry(month))
    for _ in range(random.randint(min(FEWEST, most), most)):
        near = random.random() < SOON
        at = at + random.random() * NEAR if near else start + random.random() * 0.9 * days * DAY
        happens = random.choices(list(happenings), list(happenings.values()))[0]
        month.plan(at + timedelta(hours=1), partial(happens, month))
    month.sweeps()
    month.runs(start + days * DAY)
    heals(month)
    return month


def verdict_of(
    seed: int, happenings: Mapping[Happening, int] = HAPPENINGS, most: int = MOST, days: int = DAYS
) -> Verdict:
    return judge(month_of(seed, happenings, most, days))
