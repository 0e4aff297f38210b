"""A sweep in a process of its own: python -m benchmarks.sweep_client DESIGN URL TASKS; prints its figures as JSON.

The rows are in memory in each design, so that only Braket's side is compared; the table's requests are counted apart.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from benchmarks.fake_braket import DEVICE, REGION, arn, created_at
from braket_notifier import sweep
from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.braket import BotoBraket
from braket_notifier.adapters.memory.queues import MemoryQueue
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.adapters.memory.watched import MemoryWatchedRows
from braket_notifier.bootstrap.shared import now
from braket_notifier.braket.rate_limit import RateLimiter, shares
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy, QuotaShares, Route
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.transition import SnapshotRow, Step
from braket_notifier.remind import Reminders
from braket_notifier.tracking.ports import Cursor
from braket_notifier.tracking.record import TrackingPorts

FOREVER_S = 3600.0
POLICY = Policy((REGION,), "UTC", {"mail": "email"}, (Route(("mail",)),))


def tracked(tasks: int) -> MemorySnapshots:
    """A number of quantum tasks that were queued at the last sweep, in a region that is swept every five minutes."""
    at = datetime.now(UTC)
    store = MemorySnapshots(
        starts={REGION: at - timedelta(days=9)},
        cursors={REGION: Cursor(watermark=at - timedelta(minutes=5), looked_back_at=at)},
    )
    for number in range(tasks):
        known = parse_arn(arn(number))
        snapshot = Snapshot(known, "QUEUED", created_at(number), device=DEVICE, shots=1000)
        store.rows[known] = SnapshotRow(snapshot, (Step("QUEUED", None, "event"),), dispatched=1)
        store.changed[known] = created_at(number)
    return store


def ours(tasks: int, *, paced: bool = False) -> Callable[[], int]:
    queues = MemoryQueue[Notification]()
    ports = TrackingPorts(tracked(tasks), queues, POLICY, now)
    pace = RateLimiter(shares(QuotaShares(), "sweep") if paced else {}, time.monotonic, time.sleep)
    clients.braket(REGION)  # made before the clock runs, because the other designs' client is too
    braket = BotoBraket(clients.braket, pace)  # the client that the functions use

    reminders = Reminders(braket, MemoryWatchedRows(), on_error=_raise)

    rows = sweep.open_rows(ports)[REGION]  # read beforehand, because the other designs have the statuses at hand

    def run() -> int:
        sweep.sweep(REGION, braket, ports, rows, "one", lambda: FOREVER_S, reminders.after_slices)
        return len(queues.records)

    return run


def _raise(_: str, error: Exception) -> None:
    raise error


def loop(tasks: int, threads: int) -> Callable[[], int]:
    """The loop that a user would write: boto3 with defaults, GetQuantumTask for each. Unreadable tasks are skipped."""
    client = boto3.client("braket", REGION, config=Config(max_pool_connections=max(10, threads)))
    statuses = dict.fromkeys(map(arn, range(tasks)), "QUEUED")

    def moved(each: str) -> bool:
        try:
            status = client.get_quantum_task(quantumTaskArn=each)["status"]
        except (ClientError, BotoCoreError):
            return False
        was, statuses[each] = statuses[each], status
        return status != was

    def run() -> int:
        with ThreadPoolExecutor(threads) as readers:
            return sum((readers.map if threads > 1 else map)(moved, list(statuses)))

    return run


DESIGNS: dict[str, Callable[[int], Callable[[], int]]] = {
    "ours": ours,
    "ours, paced": lambda tasks: ours(tasks, paced=True),
    "loop": lambda tasks: loop(tasks, 1),
    "16 threads": lambda tasks: loop(tasks, 16),
    "32 threads": lambda tasks: loop(tasks, 32),
}

if __name__ == "__main__":
    design, url, count = sys.argv[1:]
    os.environ |= {
        "AWS_ENDPOINT_URL_BRAKET": url,
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "NO_PROXY": "127.0.0.1",
    }
    run = DESIGNS[design](int(count))
    began, worked = time.perf_counter(), time.process_time()
    found = run()
    took = {"wall_s": time.perf_counter() - began, "cpu_s": time.process_time() - worked, "found": found}
    print(json.dumps(took))  # noqa: T201 - for whoever started it
