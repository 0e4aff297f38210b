"""Digests: many notifications in one message."""

from dataclasses import replace
from datetime import datetime, timedelta

from braket_notifier.costs.cost import cost
from braket_notifier.costs.prices import parse_prices
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.resource import TASKS_ENDED, Children
from braket_notifier.domain.transition import Transition
from local.braket.prices import price_list
from local.gallery.samples.answers import CEPHEUS, FORTE, GARNET, NOON, SV1, Answer, at, reached, task_answer
from local.gallery.samples.jobs import MAX_CUT, RUNNING, VQE
from local.gallery.samples.sample import Sample
from local.gallery.samples.tasks import QAOA, but

VALIDATION = "Program validation failed: qubit 17 is down"
INTERNAL = "Internal device error"
PRICES = parse_prices(price_list().splitlines(keepends=True), NOON.date())
WELL = {"status": "COMPLETED", "numSuccessfulShots": 1000}


def one(number: int, device: str, ended: datetime, **members: object) -> Transition:
    """A task of the batch ghz-scan."""
    base = task_answer(
        f"{number:08x}", device=device, createdAt=at("08:02"), endedAt=ended, tags={"Name": f"ghz-{number}"} | TAGS
    )
    return reached(but(base, **members))


TAGS = {"batch": "ghz-scan", "owner": "anna"}


def _different(number: int) -> Answer:
    if number in {81, 82, 83}:
        return {"status": "FAILED", "failureReason": VALIDATION}
    if number == 40:  # noqa: PLR2004 - one of the sample's
        return {"status": "FAILED", "failureReason": INTERNAL}
    return {**WELL, "numSuccessfulShots": {12: 870, 55: 991}.get(number, 1000)}


def _scan(until: int = 120) -> tuple[Transition, ...]:
    """Every third task on SV1, the rest on Cepheus, one after another over 40 minutes."""
    return tuple(
        _paid(
            number,
            SV1 if (number % 3 == 0 and number not in {12, 81}) or number in {1, 2} else CEPHEUS,
            at("10:07") + timedelta(seconds=20 * number),
            **_different(number),
        )
        for number in range(1, until + 1)
    )


def _paid(number: int, device: str, ended: datetime, **members: object) -> Transition:
    """One of the batch; a task on the QPU has a cost, which is an upper bound for a partial one."""
    transition = one(number, device, ended, **members)
    found = cost(transition.snapshot, PRICES)
    return replace(transition, snapshot=replace(transition.snapshot, cost=found))


def _cancelled(number: int) -> Transition:
    answer = but(
        QAOA,
        quantumTaskArn=QAOA["quantumTaskArn"].replace("3f2a77c1", f"3f2a77c{number}"),
        tags={"Name": f"qaoa-r{number + 3}", "owner": "dev"},
        endedAt=at("11:00") + timedelta(seconds=4 * (number - 1)),
    )
    return reached(answer)


def _odd(number: int) -> Transition:
    device = f"arn:aws:braket:us-east-1::device/qpu/maker{number % 11}/Model-{number % 11}"
    reason = f"Calibration run {number % 40} was interrupted by an operator of the machine, who left this note"
    ended = {"status": "FAILED", "failureReason": reason} if number % 5 == 0 else WELL
    return one(number, device, at("10:00") + timedelta(seconds=number), **ended)


def _without_batch(number: int, **members: object) -> Transition:
    tags = {"Name": f"calibration-{number}", "owner": "anna"}
    return one(number, GARNET, at("11:00") + timedelta(minutes=number), tags=tags, **members)


_RESERVATION = tuple(_cancelled(number) for number in range(1, 7))
_MIXED = (
    reached(RUNNING),
    one(1, FORTE, NOON, status="GONE"),
    one(2, FORTE, NOON, status="EXPIRED"),
    _cancelled(1),
    one(3, FORTE, NOON, **WELL),
)

_CORRECTED = (
    one(1, GARNET, at("10:15"), **WELL),
    replace(one(2, GARNET, at("10:16"), **WELL), was="FAILED", correction=True),
    replace(one(3, GARNET, at("10:17"), **_different(40)), was="COMPLETED", correction=True),
)
_LAST_TASKS = tuple(
    reached(answer, children=counts, was=was, status=TASKS_ENDED, at=at("11:40"))
    for answer, counts, was in (
        (VQE, Children(6, completed=4, failed=2), "COMPLETED"),
        (MAX_CUT, Children(1, cancelled=1), "FAILED"),
    )
)

_ANNOUNCED = tuple(_without_batch(n, **(_different(40) if n == 7 else WELL)) for n in range(1, 13))  # noqa: PLR2004 - one of the sample's
_FAILING = tuple(
    one(n, CEPHEUS, at("11:00") + timedelta(minutes=n), **(_different(81) if n % 4 == 0 else WELL))
    for n in range(1, 25)
)

DIGESTS = (
    Sample(
        "digest-batch",
        "message 5: a batch is finished",
        Digest("ghz-scan", _scan(), open=0, closing=True, batch="ghz-scan"),
    ),
    Sample(
        "digest-corrected",
        "Braket corrected two ends that were announced before",
        Digest("ghz-scan", _CORRECTED, batch="ghz-scan", open=7),
    ),
    Sample(
        "digest-last-tasks",
        "what came in the quiet hours, and with it the last tasks of two jobs",
        Digest("", (one(1, GARNET, at("10:15"), **WELL), *_LAST_TASKS), "quiet"),
    ),
    Sample(
        "reservation-ended",
        "message 6: cancelled together with one reservation",
        Digest(
            "Dev on IonQ Forte 1",
            _RESERVATION,
            open=0,
            closing=True,
            reservation=Children(30, completed=24, cancelled=6),
        ),
    ),
    Sample(
        "reservation-ended-uncounted",
        "the same, with an unknown number of tasks in the reservation",
        Digest("Dev on IonQ Forte 1", _RESERVATION),
    ),
    Sample("digest-going-on", "a batch while it goes on", Digest("ghz-scan", _scan(45), open=75, batch="ghz-scan")),
    Sample(
        "digest-uncounted",
        "a batch with an unknown number of open tasks",
        Digest("ghz-scan", _scan(9), batch="ghz-scan"),
    ),
    Sample(
        "digest-owner-and-device",
        "no batch, but one person and one device",
        Digest("Anna on IQM Garnet", tuple(_without_batch(n, **WELL) for n in range(1, 6)), open=0, closing=True),
    ),
    Sample(
        "digest-announced",
        "the line beside the card of one person and one device, after twenty minutes of edits",
        Digest("Anna on IQM Garnet", _ANNOUNCED, announced=_ANNOUNCED[3:]),
        beside_card=True,
    ),
    Sample(
        "digest-failing",
        "the warning beside the card of a batch of which a fifth fails",
        Digest("ghz-scan", _FAILING, open=90, batch="ghz-scan", announced=_FAILING[-6:], failing=True),
        beside_card=True,
    ),
    Sample(
        "digest-finished",
        "the line beside the card of a batch that is finished",
        Digest("ghz-scan", _scan(), open=0, closing=True, batch="ghz-scan", announced=_scan()[90:]),
        beside_card=True,
    ),
    Sample(
        "digest-many-finished",
        "an e-mail about several groups, one of which is a batch that is finished",
        Digest("many tasks and jobs", (*_scan()[100:], *_ANNOUNCED), finished=(_scan(),)),
    ),
    Sample(
        "digest-all-failed",
        "one bad circuit, two hundred times",
        Digest(
            "ghz-scan",
            tuple(one(n, CEPHEUS, at("11:00"), status="FAILED", failureReason=VALIDATION) for n in range(1, 201)),
            open=0,
            closing=True,
            batch="ghz-scan",
        ),
    ),
    Sample(
        "digest-away",
        "the notifications that an expired token kept back for two days",
        Digest("team-slack", _scan(60), occasion="away", as_of=NOON + timedelta(days=2)),
    ),
    Sample(
        "digest-quiet",
        "the notifications that quiet hours held",
        Digest("team-slack", (*_scan(4), one(40, CEPHEUS, at("02:11"), **_different(40))), occasion="quiet"),
    ),
    Sample(
        "digest-too-much",
        "a thousand ends on eleven devices for eight reasons",
        Digest("ghz-scan", tuple(_odd(n) for n in range(1, 1001)), open=0, closing=True, batch="ghz-scan"),
    ),
    Sample(
        "digest-mixed", "statuses on the way, and a job that has begun", Digest("Anna on IonQ Forte 1", _MIXED, open=2)
    ),
)
