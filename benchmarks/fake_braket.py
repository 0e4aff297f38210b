"""A Braket that takes no time but the network's: open quantum tasks, some of which have ended meanwhile.

    python -m benchmarks.fake_braket TASKS CHANGED LATENCY_MS QUOTAS

prints its URL. GET /counts counts the requests; with QUOTAS 1 it throttles by Braket's published quotas.
"""

import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock
from urllib.parse import unquote

from local.braket.errors import BraketError
from local.braket.quotas import Quotas
from local.braket.serving import Request, Response, json_response, serving

REGION, ACCOUNT = "us-east-1", "012345678901"
DEVICE = f"arn:aws:braket:{REGION}::device/qpu/ionq/Forte-1"
AVAILABILITY = {"deviceArn": DEVICE, "deviceName": "Forte 1", "providerName": "IonQ", "deviceType": "QPU"}
AVAILABILITY |= {"deviceStatus": "ONLINE", "deviceCapabilities": "{}"}
PAGE = 100
#: Age of the oldest task: too old for the window of recent tasks, far from Braket's 90 days.
CREATED = timedelta(hours=2)
#: Seconds between two creations, so that many tasks are listed in several creation windows.
APART = timedelta(milliseconds=10)


def arn(number: int) -> str:
    return f"arn:aws:braket:{REGION}:{ACCOUNT}:quantum-task/00000000-0000-4000-8000-{number:012d}"


def created_at(number: int) -> datetime:
    """The same time in each process of one day."""
    yesterday = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    return yesterday + number * APART


class FakeBraket:
    """A Braket whose first `changed` tasks have ended, and whose others are queued."""

    def __init__(self, tasks: int, changed: int, latency_s: float, *, quotas: bool) -> None:
        self.tasks, self.changed, self.latency_s = tasks, changed, latency_s
        self.quotas = Quotas(lambda: datetime.now(UTC)) if quotas else None
        self.counts: Counter[str] = Counter()
        self.lock = Lock()
        self.now = datetime.now(UTC)

    def answer(self, request: Request) -> Response:
        if request.target == "/counts":
            return json_response(self.counts)
        operation = operation_of(request)
        self.count(operation)
        time.sleep(self.latency_s)
        try:
            if self.quotas:
                self.quotas.spend(REGION, operation)
        except BraketError as refusal:
            self.count("throttled")
            return json_response({"message": refusal.message}, refusal.http_status, {"x-amzn-ErrorType": refusal.code})
        if operation == "GetQuantumTask":
            return json_response(self.task(int(unquote(request.path).rpartition("-")[2])))
        if operation == "GetDevice":
            return json_response(AVAILABILITY)
        empty = {"SearchJobs": "jobs", "SearchSpendingLimits": "spendingLimits"}
        return json_response({empty[operation]: []} if operation in empty else self.listed(json.loads(request.body)))

    def count(self, name: str) -> None:
        with self.lock:
            self.counts[name] += 1

    def listed(self, asked: dict[str, object]) -> object:
        """List queued tasks only, because none is recent and none has another open status."""
        filters = {each["name"]: each for each in asked["filters"]}  # type: ignore[attr-defined]  # JSON
        if filters.get("status", {}).get("values") != ["QUEUED"]:
            return {"quantumTasks": []}
        since, until = self.window(**filters.get("createdAt", {}))
        first = max(since, int(str(asked.get("nextToken") or self.changed)))
        last = min(first + PAGE, until)
        more = {"nextToken": str(last)} if last < until else {}
        return {"quantumTasks": [self.task(number) for number in range(first, last)], **more}

    def window(self, operator: str = "", values: Sequence[str] = (), **_: object) -> tuple[int, int]:
        """The range of task numbers that were created in the window."""
        numbers = [round((datetime.fromisoformat(value) - created_at(0)) / APART) for value in values]
        since = numbers[0] if operator in {"GTE", "BETWEEN"} else 0
        until = numbers[-1] + 1 if operator in {"LTE", "BETWEEN"} else self.tasks
        return max(0, since), min(self.tasks, until)

    def task(self, number: int) -> dict[str, object]:
        ended = {"endedAt": _iso(self.now)} if number < self.changed else {}
        return {
            "quantumTaskArn": arn(number),
            "status": "COMPLETED" if ended else "QUEUED",
            "deviceArn": DEVICE,
            "deviceParameters": "{}",
            "shots": 1000,
            "outputS3Bucket": "amazon-braket-results",
            "outputS3Directory": f"tasks/{number}",
            "createdAt": _iso(created_at(number)),
            "tags": {"batch": "sweep"},
            "queueInfo": {"queue": "QUANTUM_TASKS_QUEUE", "position": str(number), "queuePriority": "Normal"},
            **ended,
        }


def operation_of(request: Request) -> str:
    if request.method == "GET":
        return "GetDevice" if request.path.startswith("/device") else "GetQuantumTask"
    lists = {"/jobs": "SearchJobs", "/spending-limits": "SearchSpendingLimits"}
    return lists.get(request.path, "SearchQuantumTasks")


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


if __name__ == "__main__":
    tasks, changed, latency_ms, quotas = map(int, sys.argv[1:])
    with serving(FakeBraket(tasks, changed, latency_ms / 1000, quotas=bool(quotas)).answer) as url:
        print(url, flush=True)  # noqa: T201 - for whoever started it
        signal.pause()
