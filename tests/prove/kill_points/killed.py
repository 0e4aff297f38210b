"""A worker: the three functions in real processes, each of which may be killed at one of its network calls.

It reads one order per line (JSON) and answers each with one line. Every order is a process of its own: a fork of this
one, which has imported everything and opened nothing, as Lambda's own processes.
"""

import http.client
import importlib
import json
import os
import sys
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from braket_notifier.adapters.aws import clients
from braket_notifier.bootstrap import shared

KILLED = 137
FUNCTIONS = ("observe", "sweep", "deliver")
#: Modules that the functions import late.
LATER = (
    "braket_notifier.adapters.slack.channels",
    "braket_notifier.adapters.aws.sns",
    "braket_notifier.adapters.aws.ssm",
)
#: The clients of clients.py.
CLIENTS: dict[str, dict[str, Any]] = {
    "dynamodb": {"config": clients.REPEATED},
    "sqs": {"config": clients.REPEATED},
    "ssm": {"config": clients.SHORT},
    "sns": {"config": clients.ONCE},
    "braket": {"region_name": "us-east-1", "config": clients.ONCE},
}


@dataclass
class Network:
    """Every request of every client in this process, counted below the clients, and the call to die at."""

    kill_at: int = 0
    moment: str = ""
    calls: list[str] = field(default_factory=list)
    #: The connections that were opened, and those that are reset at their next request.
    opened: list[Any] = field(default_factory=list)
    idle: list[Any] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def watch(self) -> None:
        """Count before a request is sent, after it is sent, and after its answer arrived."""
        wire: Any = http.client.HTTPConnection
        put, head, send, get = wire.putrequest, wire.putheader, wire.send, wire.getresponse

        def putrequest(connection: Any, method: str, url: str, *args: Any, **kwargs: Any) -> None:
            with self._lock:
                self.calls.append(f"{method} {url}")
                connection.number = len(self.calls)
                self.opened.append(connection)
            self._die(connection.number, "before")
            put(connection, method, url, *args, **kwargs)

        def putheader(connection: Any, name: str, *values: Any) -> None:
            if name.lower() == "x-amz-target":
                self.calls[connection.number - 1] = _text(values[0]).rpartition(".")[2]
            head(connection, name, *values)

        def send_or_drop(connection: Any, data: Any) -> None:
            if connection not in self.idle:
                send(connection, data)

        def getresponse(connection: Any) -> http.client.HTTPResponse:
            self._die(connection.number, "sent")
            if connection in self.idle:
                self.idle.remove(connection)
                self._die(connection.number, "answered")
                raise ConnectionResetError
            answer: http.client.HTTPResponse = get(connection)
            self._die(connection.number, "answered")
            return answer

        wire.putrequest, wire.putheader, wire.getresponse = putrequest, putheader, getresponse
        wire.send = send_or_drop

    def rest(self) -> None:
        """Reset every open connection at its next request, as a server does that dropped it, and count anew."""
        self.idle = [each for each in dict.fromkeys(self.opened) if each.sock]
        self.calls.clear()

    def _die(self, number: int, moment: str) -> None:
        if (number, moment) == (self.kill_at, self.moment):
            os._exit(KILLED)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


@dataclass
class Context:
    """Lambda's context of an invocation."""

    function_name: str
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:killed"
    aws_request_id: str = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def set_clock(ahead_s: float) -> None:
    """Set the pipeline's time ahead; a sleep moves it on instead of waiting."""
    ahead = [timedelta(seconds=ahead_s)]

    def sleep(seconds: float) -> None:
        ahead[0] += timedelta(seconds=seconds)

    shared.now = lambda: datetime.now(UTC) + ahead[0]
    shared.sleep = sleep  # type: ignore[assignment]


def carry_out(order: dict[str, Any], functions: dict[str, ModuleType], answers: int) -> None:
    """Run one invocation in its own process."""
    os.environ.update(order["environment"])
    shared.SETTINGS = Path(order["settings"])
    set_clock(order["ahead_s"])
    function, context, network = functions[order["function"]], Context(order["function"]), Network()
    network.watch()
    if order["idle"]:
        function.lambda_handler({"Records": []}, context)
        network.rest()
    resets = len(network.idle)
    network.kill_at, network.moment = order["kill_at"], order["moment"]
    answer = function.lambda_handler(order["event"], context)
    resets -= len(network.idle)
    os.write(answers, json.dumps({"answer": answer, "calls": network.calls, "resets": resets}).encode())


def main() -> None:
    """Write answers to standard output, because the functions log to standard error."""
    said = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    functions = {name: importlib.import_module(name) for name in FUNCTIONS}
    for later in LATER:
        importlib.import_module(later)
    session: Any = clients.session()  # every client is made once, here, without a connection
    session.create_client = cache(session.create_client)
    for service, how in CLIENTS.items():
        session.create_client(service, **how)
    for line in sys.stdin:
        reading, answers = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                carry_out(json.loads(line), functions, answers)
            except BaseException:  # noqa: BLE001 - printed; the child must end here, whatever it is
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        os.close(answers)
        with os.fdopen(reading, "rb") as pipe:
            answer = pipe.read()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.write(json.dumps({"code": code, **(json.loads(answer) if answer else {})}) + "\n")
        said.flush()


if __name__ == "__main__":
    main()
