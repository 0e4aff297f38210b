"""The states of the walk so far, by number: the answers of each worker, and the content of each store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.prove.interleavings.replay import Answer, Body, Call, Raised, next_call
from tests.prove.interleavings.stores import copied

ENDED = -1


@dataclass(frozen=True, slots=True)
class Past:
    """A worker's answers so far and its next call. Its clock shows the time of its last step."""

    worker: int
    answers: tuple[Answer, ...]
    at: datetime
    call: Call | None
    #: The notifications that it has sent and not marked yet.
    unmarked: str = ""


@dataclass
class Seen:
    """Pasts and stores, each stored once: equal ones have one number, and no call runs twice on the same store."""

    bodies: Sequence[Body]
    noon: datetime
    pasts: list[Past] = field(default_factory=list)
    stores: list[Any] = field(default_factory=list)
    _past_numbers: dict[object, int] = field(default_factory=dict)
    _store_numbers: dict[str, int] = field(default_factory=dict)
    _effects: dict[object, tuple[object, str, int]] = field(default_factory=dict)

    def effect(self, store: int, past: int, batch: tuple[int, ...]) -> tuple[object, str, int]:
        """The answer of a call on a store, and the changed store; looked up if known."""
        key = (store, past, batch)
        if key not in self._effects:
            call = self.pasts[past].call
            assert call is not None
            changed = copied(self.stores[store])
            kwargs = {**call.kwargs, "numbers": batch} if batch else call.kwargs
            try:
                value = getattr(changed, call.method)(*call.args, **kwargs)
                value = list(value) if isinstance(value, Iterator) else value
            except Exception as error:  # noqa: BLE001 - what a store raises is its answer
                value = Raised(error)
            self._effects[key] = (value, repr(value), self.shelve(changed))
        return self._effects[key]

    def next(self, number: int, past: Past, answer: Answer, text: str) -> int:
        key = (number, text, answer.at)
        if key not in self._past_numbers:
            unmarked = past.unmarked
            assert past.call is not None
            if past.call.method == "send" and not isinstance(answer.value, Raised):
                unmarked = past.call.args[0].id
            elif past.call.method == "delivered":
                unmarked = ""
            self._past_numbers[key] = self.add(past.worker, (*past.answers, answer), answer.at, unmarked)
        return self._past_numbers[key]

    def add(self, worker: int, answers: tuple[Answer, ...], at: datetime, unmarked: str = "") -> int:
        call = next_call(self.bodies[worker], answers, self.noon)
        if call is None:
            return ENDED
        self.pasts.append(Past(worker, answers, at, call, unmarked))
        return len(self.pasts) - 1

    def shelve(self, store: object) -> int:
        number = self._store_numbers.setdefault(repr(store), len(self.stores))
        if number == len(self.stores):
            self.stores.append(store)
        return number
