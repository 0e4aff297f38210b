"""A Braket that costs its clients nothing but a network: open quantum tasks, some of which have ended meanwhile.

    python -m benchmarks.fake_braket TASKS CHANGED LATENCY_MS QUOTAS

prints its port. GET /counts tells what it was asked; with QUOTAS 1 it throttles as Braket's published quotas say.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import unquote

from local.braket_errors import BraketError
from local.braket_quotas import Quotas

REGION, ACCOUNT = "us-east-1", "012345678901"
DEVICE = f"arn:aws:braket:{REGION}::device/qpu/ionq/Forte-1"
PAGE = 100
#: Long ago enough not to be listed as created lately, and far from the time when Braket forgets.
CREATED = timedelta(hours=2)
#: One after another, so that many of them are listed in several windows of creation.
APART = timedelta(milliseconds=10)


def arn(number: int) -> str:
    return f"arn:aws:braket:{REGION}:{ACCOUNT}:quantum-task/00000000-0000-4000-8000-{number:012d}"


def created_at(number: int) -> datetime:
    """The same in each process of one day."""
    yesterday = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    return yesterday + number * APART


class FakeBraket(ThreadingHTTPServer):
    """The first `changed` tasks have ended, the others are queued."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, tasks: int, changed: int, latency_s: float, *, quotas: bool) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.tasks, self.changed, self.latency_s = tasks, changed, latency_s
        self.quotas = Quotas(lambda: datetime.now(UTC)) if quotas else None
        self.counts: Counter[str] = Counter()
        self.lock = Lock()
        self.now = datetime.now(UTC)

    def answer(self, operation: str, path: str, asked: dict[str, object]) -> object:
        with self.lock:
            self.counts[operation] += 1
        time.sleep(self.latency_s)
        if self.quotas:
            try:
                self.quotas.spend(REGION, operation)
            except BraketError:
                with self.lock:
                    self.counts["throttled"] += 1
                raise
        if operation == "GetQuantumTask":
            return self.task(int(unquote(path).rpartition("-")[2]))
        if operation == "SearchJobs":
            return {"jobs": []}
        return self.listed(asked)

    def listed(self, asked: dict[str, object]) -> object:
        """Queued tasks only: none was created lately, and none is in another open status."""
        filters = {each["name"]: each for each in asked["filters"]}  # type: ignore[attr-defined]  # JSON
        if filters.get("status", {}).get("values") != ["QUEUED"]:
            return {"quantumTasks": []}
        since, until = self.window(**filters.get("createdAt", {}))
        first = max(since, int(str(asked.get("nextToken") or self.changed)))
        last = min(first + PAGE, until)
        more = {"nextToken": str(last)} if last < until else {}
        return {"quantumTasks": [self.task(number) for number in range(first, last)], **more}

    def window(self, operator: str = "", values: Sequence[str] = (), **_: object) -> tuple[int, int]:
        """From which task to before which one they were created in the window."""
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
            **ended,
        }


class Asked(BaseHTTPRequestHandler):
    """One connection of a client."""

    server: FakeBraket
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path == "/counts":
            self._send(200, dict(self.server.counts))
        else:
            self._answer("GetQuantumTask", {})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer("SearchJobs" if self.path.startswith("/jobs") else "SearchQuantumTasks", asked)

    def _answer(self, operation: str, asked: dict[str, object]) -> None:
        try:
            self._send(200, self.server.answer(operation, self.path.partition("?")[0], asked))
        except BraketError:
            self._send(429, {"message": "Rate exceeded"}, ("x-amzn-ErrorType", "ThrottlingException"))

    def _send(self, status: int, words: object, *headers: tuple[str, str]) -> None:
        body = json.dumps(words).encode()
        self.send_response(status)
        for name, value in (*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Says nothing."""


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


if __name__ == "__main__":
    tasks, changed, latency_ms, quotas = map(int, sys.argv[1:])
    server = FakeBraket(tasks, changed, latency_ms / 1000, quotas=bool(quotas))
    print(server.server_port, flush=True)  # noqa: T201 - for whoever started it
    server.serve_forever()
