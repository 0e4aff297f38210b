"""Errors on demand for the next requests."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from local.braket.errors import STATUS, BraketError


@dataclass(frozen=True)
class Fault:
    """An error for the next requests of one operation, of one ARN if it names one."""

    operation: str
    code: str
    left: float
    arn: str | None
    message: str

    def concerns(self, operation: str, asked: Mapping[str, Any]) -> bool:
        return self.operation == operation and (self.arn is None or self.arn in asked.values())


class Faults:
    """The faults that have requests left, oldest first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        if fault.code not in STATUS:
            raise ValueError(f"Braket has no {fault.code}; it has {', '.join(STATUS)}")
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def meet(self, operation: str, asked: Mapping[str, Any]) -> None:
        """Raise the first fault that concerns this request, and count it down."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.concerns(operation, asked):
                    left = replace(fault, left=fault.left - 1)
                    self._faults[index : index + 1] = [left] if left.left > 0 else []
                    raise BraketError(fault.code, fault.message)
