"""The cost of a task, compared to the cent with amazon-braket-sdk's Tracker over one list; runs in its environment."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from braket.tracking import Tracker
from braket.tracking.pricing import price_search
from braket.tracking.tracking_events import _TaskCompletionEvent, _TaskCreationEvent

from braket_notifier.adapters.https.price_list import PATH, AwsPriceList
from braket_notifier.costs.cost import cost
from braket_notifier.costs.prices import Prices
from braket_notifier.domain.cost import NOTHING, Cost, for_time
from braket_notifier.domain.resource import Snapshot, parse_arn
from local.braket.emulator import Braket
from local.braket.prices import price_list, usual_rows

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
JOB = "arn:aws:braket:eu-north-1:012345678901:job/70b21eda-0000-4b36-a90c-000000000001"
RESERVATION = "arn:aws:braket:eu-north-1:012345678901:reservation/3f2a"
QPU, SIMULATOR = "arn:aws:braket:{}::device/qpu/{}", "arn:aws:braket:::device/quantum-simulator/amazon/{}"
GARNET, IBEX = QPU.format("eu-north-1", "iqm/Garnet"), QPU.format("eu-north-1", "aqt/Ibex-Q1")
SV1, DM1 = SIMULATOR.format("sv1"), SIMULATOR.format("dm1")


def task(device: str = GARNET, shots: int = 1000, status: str = "COMPLETED", **members: object) -> Snapshot:
    region = device.split(":")[3] or "us-east-1"
    good = shots if status == "COMPLETED" and "qpu" in device else None
    arn = parse_arn(f"arn:aws:braket:{region}:012345678901:quantum-task/834b21ed-0000-4b36-a90c-000000000001")
    made = Snapshot(arn, status, ended_at=NOW, device=device, shots=shots, successful_shots=good)
    return replace(made, **members)  # type: ignore[arg-type]  # members by name


#: Task and execution time in milliseconds; both amounts are equal.
EQUAL: Mapping[str, tuple[Snapshot, int | None]] = {
    "Garnet": (task(), None),
    "Garnet, one shot": (task(shots=1), None),
    "Garnet, the most shots": (task(shots=20_000), None),
    "Emerald": (task(QPU.format("eu-north-1", "iqm/Emerald")), None),
    "Forte": (task(QPU.format("us-east-1", "ionq/Forte-1")), None),
    "Aria": (task(QPU.format("us-east-1", "ionq/Aria-1"), 5_000), None),
    "Aquila": (task(QPU.format("us-east-1", "quera/Aquila"), 500), None),
    "Cepheus, a program set": (task(QPU.format("us-west-1", "rigetti/Cepheus-1-108Q"), 96_000), None),
    "a name in capitals in the list": (task(IBEX, 200), None),
    "a name in small letters in the ARN": (task(QPU.format("eu-north-1", "iqm/garnet")), None),
    "a hybrid job's task": (task(job_arn=JOB), None),
    "a hybrid job's task on Forte": (task(QPU.format("us-east-1", "ionq/Forte-1"), job_arn=JOB), None),
    "failed without results": (task(status="FAILED"), None),
    "failed with no good shot": (task(status="FAILED", successful_shots=0), None),
    "cancelled": (task(status="CANCELLED"), None),
    "a hybrid job's cancelled task": (task(status="CANCELLED", job_arn=JOB), None),
    "in a reservation": (task(reservation=RESERVATION), None),
    "SV1, a millisecond": (task(SV1), 1),
    "SV1, just under three seconds": (task(SV1), 2_999),
    "SV1, three seconds": (task(SV1), 3_000),
    "SV1, just over three seconds": (task(SV1), 3_001),
    "SV1, an hour and a half": (task(SV1), 5_400_123),
    "SV1, exact, in a hybrid job": (task(SV1, 0, job_arn=JOB), 61_000),
    "SV1, failed": (task(SV1, status="FAILED"), None),
    "DM1, a second": (task(DM1), 1_000),
    "DM1, 65 seconds": (task(DM1), 65_432),
}
A_MINUTE = Cost(NOTHING, unknown=1, minute=Decimal("0.075"))
#: Task, execution time, the Tracker's answer, ours, and the reason for the difference.
DIFFERENT: Mapping[str, tuple[Snapshot, int | None, object, object, str]] = {
    "a device without a price": (
        task(QPU.format("eu-north-1", "iqm/Halite")), None, ValueError, None, "a message shows no amount, not an error",
    ),
    "failed with results": (
        task(status="FAILED", successful_shots=900), None, NOTHING, None, "AWS does not say what it charges",
    ),
    "failed, a program set that may have results": (
        task(status="FAILED", executables=96, programs=12), None, NOTHING, None, "AWS does not say what it charges",
    ),
    "partial": (
        task(successful_shots=900), None, Decimal("1.75"), Cost(Decimal("1.75"), "at most"), "AWS charges less",
    ),
    "successful shots not counted": (
        task(successful_shots=None), None, Decimal("1.75"), Cost(Decimal("1.75"), "at most"), "it may be partial",
    ),
    "still running": (
        task(status="RUNNING", ended_at=None), None, Decimal("1.75"), None, "it may fail or be cancelled",
    ),
    "a simulator whose results nobody read": (task(SV1), None, NOTHING, A_MINUTE, "it is not free"),
    "a simulator that ran for no millisecond": (
        task(SV1), 0, NOTHING, Cost(Decimal("0.00375")), "three seconds are charged at least",
    ),
    "known by an event alone": (
        task(degraded=True), None, Decimal("1.75"), None, "an event names neither reservation nor hybrid job",
    ),
    "a list that is 46 days old": (
        task(ended_at=NOW + timedelta(days=46)), None, Decimal("1.75"), None, "its prices may have changed",
    ),
}  # fmt: skip


def trackers_answer(snapshot: Snapshot, milliseconds: int | None) -> Decimal | type[Exception]:
    tracker, arn = Tracker(), snapshot.arn.text
    tracker.receive_event(_TaskCreationEvent(arn, snapshot.shots, bool(snapshot.job_arn), snapshot.device))
    reserved = bool(snapshot.reservation)
    tracker.receive_event(_TaskCompletionEvent(arn, milliseconds, snapshot.status, reserved))
    try:
        return Decimal(tracker.qpu_tasks_cost() + tracker.simulator_tasks_cost())
    except ValueError:
        return ValueError


def our_answer(prices: Prices) -> Callable[[Snapshot, int | None], Cost | None]:
    def answer(snapshot: Snapshot, milliseconds: int | None) -> Cost | None:
        found = cost(snapshot, prices)
        if found is None or found.minute is None or milliseconds is None:
            return found
        return for_time(found.minute, timedelta(milliseconds=milliseconds))

    return answer


def main() -> int:
    garnet = [each for each in usual_rows() if each.get("DeviceName") == "Garnet"]
    ours_only = [{**each, "DeviceName": "IBEX-Q1"} for each in garnet]
    with Braket() as braket:
        braket.prices = price_list([*usual_rows(), *ours_only])
        os.environ["BRAKET_PRICE_OFFERS_URL"] = f"{braket.url}{PATH}"
        price_search()
        ours = our_answer(AwsPriceList(NOW.date, braket.url + PATH).fetch())
    wrong = 0
    for name, (snapshot, milliseconds) in EQUAL.items():
        theirs, found = trackers_answer(snapshot, milliseconds), ours(snapshot, milliseconds)
        if found is None or theirs != found.amount or found.bound != "exact":
            wrong += 1
            print(f"FAIL cost of {name}: Tracker {theirs}, ours {found}")  # noqa: T201
    print(f"ok   Tracker: {len(EQUAL) - wrong} of {len(EQUAL)} costs are equal to the last digit")  # noqa: T201
    for name, (snapshot, milliseconds, expected, mine, why) in DIFFERENT.items():
        found_theirs, found_mine = trackers_answer(snapshot, milliseconds), ours(snapshot, milliseconds)
        right = (found_theirs, found_mine) == (expected, mine)
        wrong += not right
        shown = "None" if found_mine is None else f"{found_mine.bound} {found_mine.amount}"
        print(f"{'ok  ' if right else 'FAIL'} differs, {name}: Tracker {found_theirs}, ours {shown}, because {why}")  # noqa: T201
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(), 1))
