"""The requests, DynamoDB units and processor time that AWS would charge for work in this process."""

import gc
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from time import process_time, thread_time
from typing import Any
from unittest.mock import patch

from moto.core.botocore_stubber import BotocoreStubber

KB = 1024


@dataclass
class Bill:
    """Requests by service and operation, and DynamoDB's read and write units. Write units include the indexes."""

    requests: Counter[str] = field(default_factory=Counter)
    write_units: int = 0
    read_units: float = 0.0
    #: Seconds of processor time, without the time that moto takes to play AWS.
    cpu_s: float = field(default=0.0, compare=False)

    @property
    def units(self) -> float:
        return self.write_units + self.read_units

    def clear(self) -> None:
        self.requests.clear()
        self.write_units, self.read_units, self.cpu_s = 0, 0.0, 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the calls inside the block alone. No garbage is collected in it, because most is moto's."""
        self.clear()
        gc.disable()
        began = process_time()
        try:
            yield
        finally:
            self.cpu_s += process_time() - began
            gc.enable()

    def copied(self) -> "Bill":
        return Bill(self.requests.copy(), self.write_units, self.read_units, self.cpu_s)

    def add(self, *, parsed: Mapping[str, Any], model: Any, indexed: bool = True, **_: object) -> None:  # noqa: ANN401 - botocore's own
        """Count one call. Botocore calls this hook after each."""
        name = model.name
        self.requests[name] += 1
        if name == "UpdateItem":
            row = parsed.get("Attributes") or parsed.get("Item") or {}
            own = row.get("arn", {}).get("S", "").startswith(("cursor#", "start#"))
            in_index = indexed and "Attributes" in parsed and not own
            self.write_units += max(1, ceil(_size(row) / KB)) + in_index + (in_index and _opens_or_ends(row))
        elif name == "GetItem":
            self.read_units += max(1, ceil(_size(parsed.get("Item", {})) / (4 * KB)))
        elif name == "Query":
            self.read_units += max(1, ceil(sum(map(_size, parsed.get("Items", ()))) / (4 * KB))) / 2
        elif name == "BatchGetItem":
            rows = [row for rows in parsed["Responses"].values() for row in rows]
            self.read_units += sum(ceil(_size(row) / (4 * KB)) for row in rows) / 2


def _opens_or_ends(row: Mapping[str, Any]) -> bool:
    """Whether this write put the row into the index of open rows, or took it out."""
    recorded = "work" in row and row["dispatched"] != row["version"]
    return recorded and ("open_in" not in row or row["version"] == {"N": "1"})


@contextmanager
def served(bill: Bill) -> Iterator[None]:
    """Leave moto's time out of the bill."""
    answer = BotocoreStubber.process_request

    def timed(stubber: BotocoreStubber, request: Any) -> Any:  # noqa: ANN401 - moto's own
        began = thread_time()
        try:
            return answer(stubber, request)
        finally:
            bill.cpu_s -= thread_time() - began

    with patch.object(BotocoreStubber, "process_request", timed):
        yield


def _size(row: Mapping[str, Any]) -> int:
    """Bytes by DynamoDB's rules: names and values; numbers and brackets approximately."""
    return sum(len(name) + _value(value) for name, value in row.items())


def _value(value: Mapping[str, Any]) -> int:
    [(kind, held)] = value.items()
    if kind == "M":
        return 3 + _size(held)
    if kind == "L":
        return 3 + sum(1 + _value(each) for each in held)
    return len(str(held)) if kind in {"S", "N"} else 1
