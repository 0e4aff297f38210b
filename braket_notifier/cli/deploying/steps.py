"""The named steps of a long command, each with its duration."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

from braket_notifier.cli.show import print_line
from braket_notifier.text.wording import duration


class Steps:
    """Print each step before it begins and after it ends; after a failure, print how to continue."""

    def __init__(self, names: Sequence[str], again: str) -> None:
        self._names = names
        self._again = again
        self._took: list[tuple[str, float]] = []

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        print_line(f"[{self._names.index(name) + 1}/{len(self._names)}] {name}")
        began = monotonic()
        try:
            yield
        except BaseException:  # Ctrl-C too
            print_line(f"{name} ended early, after {_length(monotonic() - began)}: {self._again}")
            raise
        self._took.append((name, monotonic() - began))

    def summary(self) -> str:
        """The duration of all steps together, and of each."""
        each = ", ".join(f"{name} {_length(seconds)}" for name, seconds in self._took)
        return f"{_length(sum(seconds for _, seconds in self._took))}: {each}"


def _length(seconds: float) -> str:
    return duration(timedelta(seconds=seconds))
