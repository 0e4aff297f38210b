"""Amazon Braket on this machine: its HTTP interface over resources with scripted statuses."""

import json
import math
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Literal, Self

from local.braket.answers import directory
from local.braket.clock import Clock
from local.braket.devices import DEVICES, REGIONS, Device
from local.braket.errors import BraketError
from local.braket.event_history import EventHistory, is_lookup
from local.braket.events import Event, deliveries, event_of, put_event
from local.braket.faults import Fault, Faults
from local.braket.limits import Limits
from local.braket.lives import Lives
from local.braket.operations import OPERATIONS, World, job_token
from local.braket.prices import PATH as PRICES
from local.braket.prices import price_list
from local.braket.quotas import Quotas
from local.braket.requests import input_of, named_in, operation_of, signer_of
from local.braket.resource import Change, Resource
from local.braket.results import results_of
from local.braket.script import Choose, CreateRequest, FailedExecutable, JobEvent, Script, complete, usual
from local.braket.serving import Request, Response, json_response, serving

__all__ = [
    "Braket",
    "Change",
    "Choose",
    "Clock",
    "CreateRequest",
    "Event",
    "FailedExecutable",
    "JobEvent",
    "Script",
    "put_event",
    "usual",
]

#: Path at which other programs set and end faults.
CONTROL = "/_faults"


class Braket:
    """An emulator of the Braket service that listens at `url` inside its `with` block."""

    def __init__(  # noqa: PLR0913  each is something a story may want to set, by name
        self,
        *,
        choose: Choose = complete,
        events: Callable[[Event], object] = lambda _: None,
        put_result: Callable[[str, str, bytes], object] = lambda *_: None,
        may: Callable[[str, str, str], bool] = lambda *_: True,
        has_bucket: Callable[[str], bool] = lambda _: True,
        clock: Clock | None = None,
        quotas: bool = False,
        account: str = "000000000000",
        source: str = "aws.braket",
        devices: Mapping[str, Device] = DEVICES,
        signed_in_as: Callable[[str], str] | None = None,
        late: Callable[[str], float] | None = None,
        port: int = 0,
    ) -> None:
        """`signed_in_as`: the ARN of the user or role session behind an access key; `late`: see `EventHistory`."""
        self.clock = clock or Clock()
        self.calls: Counter[str] = Counter()
        self._events, self._put_result, self._source = events, put_result, source
        self._may = may  # by access key, action and resource
        self._lives = Lives(self.clock, ending=partial(self._attempt, self._keep_result), changed=self._send_events)
        self._devices = dict(devices)
        limits = Limits(account, self.clock.now, self._devices)
        self._world = World(account, self.clock, self._lives, self._devices, choose, has_bucket, limits)
        self._quotas = Quotas(self.clock.now) if quotas else None
        self._history = EventHistory(account, self.clock, late)
        self._signed_in_as = signed_in_as or (lambda key: f"arn:aws:iam::{account}:user/{key}")
        self._faults = Faults()
        self.prices = price_list()
        self._held_back: dict[str, Event] = {}
        self._failures: list[Exception] = []
        self._lock = threading.Lock()
        self._port = port
        self._running = ExitStack()
        self.url = ""

    @property
    def changes(self) -> list[Change]:
        """Every status change of every resource, in order."""
        return self._lives.changes

    def fail(self, operation: str, code: str, times: float = 1, *, arn: str | None = None, message: str = "") -> None:
        """Refuse the next requests of an operation (of one ARN, if given); with math.inf, all of them."""
        self._faults.add(Fault(operation, code, times, arn, message or code))

    def recover(self) -> None:
        """Stop refusing requests."""
        self._faults.clear()

    def set_device_status(self, arn: str, status: Literal["ONLINE", "OFFLINE", "RETIRED"]) -> None:
        self._devices[arn] = replace(self._devices[arn], status=status)

    def set_device_windows(self, arn: str, *windows: tuple[str, str, str]) -> None:
        """Let the device run tasks in these windows only: Braket's word for the days, begin and end in UTC."""
        self._devices[arn] = replace(self._devices[arn], windows=windows)

    def job_token(self, job_arn: str) -> str:
        """The jobToken for tasks of the job."""
        return job_token(job_arn)

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            starting.enter_context(self.clock)
            self.url = starting.enter_context(serving(self.answer, self._port))
            self._running = starting.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.__exit__(kind, error, trace)
        if self._failures and error is None:
            raise ExceptionGroup("The emulator's answers and callbacks failed", self._failures)

    def answer(self, request: Request) -> Response:
        """Answer one request; never raises."""
        if request.path == PRICES:
            return Response(self.prices.encode(), headers={"Content-Type": "text/csv"})
        try:
            status, said = self._done(request)
        except BraketError as refusal:
            kind = {"__type": refusal.code} if is_lookup(request) else {}  # CloudTrail's protocol has it in the body
            return _response({**kind, "message": refusal.message}, refusal.http_status, refusal.code)
        except Exception as error:  # noqa: BLE001  a defect of the emulator or of `choose`: raised when the block ends
            self._failures.append(error)
            return _response({"message": "The emulator failed."}, 500, "InternalServiceException")
        return _response(said, status)

    def _done(self, request: Request) -> tuple[int, dict[str, Any]]:
        if is_lookup(request):
            return 200, self._look_up(request)
        return self._control(request) if request.path == CONTROL else self._do(request)

    def _look_up(self, request: Request) -> dict[str, Any]:
        """CloudTrail's LookupEvents, at the same URL."""
        access_key, region = signer_of(request.headers, "CloudTrail")
        with self._lock:
            self.calls["LookupEvents"] += 1
        if not self._may(access_key, action := "cloudtrail:LookupEvents", "*"):
            raise BraketError("AccessDeniedException", f"The caller is not authorized to perform {action}.")
        self._faults.meet("LookupEvents", {})
        return self._history.lookup(region, request.body)

    def _control(self, request: Request) -> tuple[int, dict[str, Any]]:
        """Another program's `fail`, until its DELETE."""
        if request.method == "DELETE":
            self.recover()
        else:
            fault = json.loads(request.body)
            self.fail(fault["operation"], fault["code"], math.inf)
        return 200, {}

    def _do(self, request: Request) -> tuple[int, dict[str, Any]]:
        operation, uri = operation_of(request.method, request.path)
        access_key, region = signer_of(request.headers)
        if region not in REGIONS:
            raise BraketError("AccessDeniedException", f"Amazon Braket is not available in {region}.")
        if operation.name not in OPERATIONS:
            raise BraketError("UnknownOperationException", f"This emulator has no {operation.name}.")
        with self._lock:
            self.calls[operation.name] += 1
        if self._quotas:
            self._quotas.spend(region, operation.name)
        asked = input_of(operation, uri, request.target.partition("?")[2], request.body)
        if not self._may(access_key, action := f"braket:{operation.name}", named_in(asked)):
            raise BraketError("AccessDeniedException", f"The caller is not authorized to perform {action}.")
        self._faults.meet(operation.name, asked)
        answer = OPERATIONS[operation.name](self._world, region, asked)
        if operation.name in {"CreateQuantumTask", "CreateJob"}:
            self._history.add(operation.name, region, self._signed_in_as(access_key), asked, answer)
        return operation.http["responseCode"], answer

    def _send_events(self, resource: Resource) -> None:
        event = event_of(resource, self.clock.now() - resource.script.late, self._world.account, self._source)
        with self._lock:
            sent, held_back = deliveries(resource, event, self._held_back.pop(resource.arn, None))
            if held_back:
                self._held_back[resource.arn] = held_back
        for each in sent:
            self._attempt(self._events, each)

    def _keep_result(self, resource: Resource) -> None:
        files = results_of(resource) if resource.asked.kind == "task" else {}
        for path, content in files.items():
            self._put_result(resource.asked.body["outputS3Bucket"], f"{directory(resource)}/{path}", content)

    def _attempt(self, callback: Callable[..., object], *values: object) -> None:
        """Call a function of the caller's; its exception is raised at the block's end, because the clock must go on."""
        try:
            callback(*values)
        except Exception as error:  # noqa: BLE001  any kind, see above
            self._failures.append(error)


def _response(content: Mapping[str, Any], status: int, code: str | None = None) -> Response:
    headers = {"x-amzn-RequestId": str(uuid.uuid4())} | ({"x-amzn-ErrorType": code} if code else {})
    return json_response(content, status, headers)
