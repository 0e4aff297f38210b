"""A worker: the three functions in real processes, each of which may be killed at one of its network calls.

It reads one order per line (JSON) and answers each with one line. Every order is a process of its own: a fork of this
one, which has imported everything and opened nothing, as Lambda's own processes.
"""

import http.client
import importlib
import json
import os
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from braket_notifier.adapters.aws import clients
from braket_notifier.bootstrap import shared

KILLED = 137
#: The most connections that one message of a socket can carry.
MOST_LEFT = 253
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

    worker: socket.socket
    kill_at: int = 0
    moment: str = ""
    calls: list[str] = field(default_factory=list)
    #: The connections that were opened, and those that are reset at their next request.
    opened: list[Any] = field(default_factory=list)
    idle: list[Any] = field(default_factory=list)
    #: The connections whose request is at least partly sent and not answered.
    unanswered: set[Any] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def watch(self) -> None:
        """Count before a request is sent, and after its answer arrived."""
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
            with self._lock:
                if connection not in self.idle:
                    self.unanswered.add(connection)
                    send(connection, data)

        def getresponse(connection: Any) -> http.client.HTTPResponse:
            if connection in self.idle:
                self.idle.remove(connection)
                self._die(connection.number, "answered")
                raise ConnectionResetError
            answer: http.client.HTTPResponse = get(connection)
            with self._lock:
                self.unanswered.discard(connection)
            self._die(connection.number, "answered")
            return answer

        wire.putrequest, wire.putheader, wire.getresponse = putrequest, putheader, getresponse
        wire.send = send_or_drop

    def rest(self) -> None:
        """Reset every open connection at its next request, as a server does that dropped it, and count anew."""
        self.idle = [each for each in dict.fromkeys(self.opened) if each.sock]
        self.calls.clear()

    def _die(self, number: int, moment: str) -> None:
        """Die at this moment of this call, and leave the unanswered connections to the worker."""
        if (number, moment) == (self.kill_at, self.moment):
            with self._lock:  # otherwise another thread may send a request that the worker does not know of
                left = [each.sock.fileno() for each in self.unanswered if each.sock]
                socket.send_fds(self.worker, [b"{}"], left)
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


def carry_out(order: dict[str, Any], functions: dict[str, ModuleType], worker: socket.socket) -> None:
    """Run one invocation in its own process."""
    os.environ.update(order["environment"])
    shared.SETTINGS = Path(order["settings"])
    set_clock(order["ahead_s"])
    function, context, network = functions[order["function"]], Context(order["function"]), Network(worker)
    network.watch()
    if order["idle"]:
        function.lambda_handler({"Records": []}, context)
        network.rest()
    resets = len(network.idle)
    network.kill_at, network.moment = order["kill_at"], order["moment"]
    answer = function.lambda_handler(order["event"], context)
    resets -= len(network.idle)
    worker.sendall(json.dumps({"answer": answer, "calls": network.calls, "resets": resets}).encode())


def answer_of(process: socket.socket) -> bytes:
    """The answer of a process, once every server has handled what a killed one sent, however late it reads it."""
    begun, left, *_ = socket.recv_fds(process, 1, MOST_LEFT)
    for each in left:
        with suppress(OSError), socket.socket(fileno=each) as connection:  # an error: the server has ended it
            connection.settimeout(None)
            connection.shutdown(socket.SHUT_WR)  # as the death of a process does
            connection.recv(1)
    return begun + process.makefile("rb").read()


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
        process, worker = socket.socketpair()
        child = os.fork()
        if child == 0:
            process.close()
            try:
                carry_out(json.loads(line), functions, worker)
            except BaseException:  # noqa: BLE001 - printed; the child must end here, whatever it is
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        worker.close()
        with process:
            answer = answer_of(process)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.write(json.dumps({"code": code, **(json.loads(answer) if answer else {})}) + "\n")
        said.flush()


if __name__ == "__main__":
    main()
