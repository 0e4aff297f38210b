"""Everything that may happen in ninety days. To add a class, write one function and put it into this table."""

from collections.abc import Callable

from tests.prove.months.changes import clocks_change, mute, push, quiet_hours, region_out, rollback
from tests.prove.months.month import Month
from tests.prove.months.resources import (
    burst,
    correction,
    flood,
    job,
    late_search,
    lonely_failure,
    some_ends,
    unheard_ends,
)
from tests.prove.months.troubles import (
    a_function_stops,
    braket_is_busy,
    events_are_lost,
    functions_are_killed,
    long_outage,
    outage,
    outage_with_fallback,
    purge,
    purge_of_events,
    restore,
    two_senders,
)

#: A happening acts now and plans the rest.
Happening = Callable[[Month], None]
#: The classes, and how often each happens in proportion.
HAPPENINGS: dict[Happening, int] = {
    some_ends: 8,
    lonely_failure: 4,
    burst: 5,
    flood: 1,
    correction: 3,
    job: 5,
    unheard_ends: 3,
    late_search: 3,
    outage: 4,
    outage_with_fallback: 2,
    long_outage: 1,
    braket_is_busy: 2,
    events_are_lost: 2,
    a_function_stops: 2,
    functions_are_killed: 2,
    mute: 5,
    quiet_hours: 3,
    clocks_change: 1,
    push: 3,
    region_out: 1,
    rollback: 1,
    two_senders: 2,
    restore: 2,
    purge: 3,
    purge_of_events: 1,
}
