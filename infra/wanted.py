"""What a string in the settings must be: in words, for whoever wrote another, and as a check."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a string must be, in words and as a check."""

    what: str
    allowed: str
    check: Callable[[str], object]


def one_of(what: str, names: Collection[str]) -> Wanted:
    return Wanted(what, ", ".join(names), names.__contains__)


def shaped(what: str, pattern: str, allowed: str) -> Wanted:
    return Wanted(what, allowed, re.compile(pattern).fullmatch)


REFERENCE = shaped(
    "a reference to a secret",
    r"ssm:(/[A-Za-z0-9_.-]+)+",
    'the name of the SSM parameter that holds it, like "ssm:/braket-notifier/slack-token"',
)
