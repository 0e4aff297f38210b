"""The walked stories: the small ones in every test run, the large ones in the long form."""

from dataclasses import replace

from tests.prove.interleavings.story import ANNA, BEN, TO_OWNERS, Story, addressed, job, of_anna, row, task

OPEN_TASK = row(task("RUNNING"), dispatched=1)
OPEN_JOB = row(job("QUEUED"), dispatched=1)

EVENT_AND_DUPLICATE = Story(
    "an event, its duplicate and a relay",
    braket=[task("COMPLETED")],
    rows=[OPEN_TASK],
    events=[task("COMPLETED"), task("COMPLETED")],
    relays=1,
)
RUNNING_THEN_COMPLETED = Story(
    "a job's RUNNING and COMPLETED",
    braket=[job("RUNNING")],
    moves_to=[job("COMPLETED")],
    rows=[OPEN_JOB],
    events=[job("RUNNING"), job("COMPLETED")],
)
EVENT_AND_SWEEP = Story(
    "an event and a sweep",
    braket=[task("COMPLETED")],
    rows=[OPEN_TASK],
    events=[task("COMPLETED")],
    sweeps=1,
)
TWO_SENDERS = Story(
    "two senders on one channel",
    braket=[task("COMPLETED", 1), task("COMPLETED", 2)],
    rows=[row(task("RUNNING", n), task("COMPLETED", n), dispatched=2) for n in (1, 2)],
    queued=[addressed(task("COMPLETED", n)) for n in (1, 2, 1)],
    ways=["events alone"],
)
NO_LEASE = replace(TWO_SENDERS, name="two senders on a channel without a lease", human=False)
OVERTAKEN = Story(
    "RUNNING and COMPLETED in one queue",
    braket=[job("COMPLETED")],
    rows=[row(job("RUNNING"), job("COMPLETED"), dispatched=2)],
    queued=[addressed(job("RUNNING"), 1), addressed(job("COMPLETED"), 2)],
    ways=["events alone"],
)
ORPHAN = Story(
    "an undispatched row of a killed recorder",
    braket=[task("COMPLETED")],
    rows=[row(task("RUNNING"), task("COMPLETED"), dispatched=1)],
    events=[task("COMPLETED")],
    relays=2,
)
TWO_SWEEPS = Story(
    "two sweeps and no event",
    braket=[task("COMPLETED")],
    rows=[OPEN_TASK],
    sweeps=2,
    deliverers=1,
    ways=["sweeps alone"],
)
RESTORED = Story(
    "a table restored from before the resource",
    braket=[job("COMPLETED")],
    events=[job("COMPLETED"), job("COMPLETED")],
    delivered=[addressed(job("RUNNING"), 1)],
    deliverers=1,
    ways=["events alone"],
)
TWO_FAULTS = Story(
    "a channel that first asks for time, and two faults",
    braket=[task("COMPLETED")],
    rows=[row(task("RUNNING"), task("COMPLETED"), dispatched=2)],
    queued=[addressed(task("COMPLETED"))],
    busy=1,
    ways=["events alone"],
    faults=2,
)
#: The longest send: 3 s to connect, 10 s to read.
SLOW_SENDER = replace(OVERTAKEN, name="a slow sender of RUNNING beside a fast one of COMPLETED", slow_s=13)
SLOW_WITHOUT_LEASE = replace(NO_LEASE, name="a slow sender on a channel without a lease", slow_s=13)
SHOWN_TWICE = replace(TWO_FAULTS, name="one record shown to two at once", human=False, busy=0, hides=False, faults=1)
REDRIVEN = Story(
    "two operators redrive what was given up, beside a duplicate of it",
    braket=[task("COMPLETED")],
    rows=[row(task("RUNNING"), task("COMPLETED"), dispatched=2)],
    queued=[addressed(task("COMPLETED"))],
    given_up=[addressed(task("COMPLETED"))],
    redrives=2,
    deliverers=1,
    ways=["redrives alone"],
)
PASSED_ON = Story(
    "a refused person's end on its way to the team",
    braket=[of_anna()],
    direct=[addressed(of_anna(), to=ANNA)] * 2,
    refuses=ANNA,
    policy=TO_OWNERS,
    to_people=1,
    deliverers=1,
    ways=["events alone"],
)
TWO_PEOPLE = replace(
    PASSED_ON,
    name="an end for two people, of whom one is refused",
    braket=[of_anna(notify="ben")],
    direct=[addressed(of_anna(notify="ben"), to=each) for each in (ANNA, BEN)],
)
SMALL = (
    replace(EVENT_AND_DUPLICATE, deliverers=1),
    replace(RUNNING_THEN_COMPLETED, deliverers=1),
    EVENT_AND_SWEEP,
    TWO_SENDERS,
    NO_LEASE,
    OVERTAKEN,
    replace(ORPHAN, relays=1),
    TWO_SWEEPS,
    RESTORED,
    TWO_FAULTS,
    SLOW_SENDER,
    SLOW_WITHOUT_LEASE,
    SHOWN_TWICE,
    REDRIVEN,
    PASSED_ON,
    TWO_PEOPLE,
)
#: The largest run without a fault, because a fault anywhere in them makes more states than fit into memory.
LARGE = (
    *SMALL,
    replace(EVENT_AND_DUPLICATE, relays=0),
    replace(EVENT_AND_DUPLICATE, faults=0),
    replace(EVENT_AND_DUPLICATE, relays=2, deliverers=1, faults=0),
    replace(RUNNING_THEN_COMPLETED, faults=0),
    replace(RUNNING_THEN_COMPLETED, sweeps=1, deliverers=0),
    replace(EVENT_AND_SWEEP, sweeps=2, deliverers=0),
    replace(EVENT_AND_SWEEP, sweeps=2, deliverers=1, faults=0),
    replace(TWO_SENDERS, busy=1, faults=2),
    replace(NO_LEASE, faults=2),
    replace(OVERTAKEN, faults=2),
    replace(TWO_SWEEPS, faults=2),
    replace(RESTORED, faults=2),
    ORPHAN,
    replace(SLOW_SENDER, faults=2),
    replace(SHOWN_TWICE, faults=2),
    replace(REDRIVEN, deliverers=2),
    replace(REDRIVEN, faults=2),
    replace(PASSED_ON, to_people=2, deliverers=2),
    replace(PASSED_ON, faults=2),
    replace(TWO_PEOPLE, to_people=2),
    replace(TWO_PEOPLE, faults=2),
)


def without_faults(story: Story) -> Story:
    """A story in which the order of the calls alone must show the fault."""
    return replace(story, faults=0)
