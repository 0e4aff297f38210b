"""Mistakes in [[people]], and in channels that write to owners."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain

from braket_notifier.settings.mistakes import Mistake, shown
from braket_notifier.settings.schema import Table, direct_of, shared_of, texts

#: The types of channels that write to owners; the key of a person by which one finds the person has the same name.
ADDRESSES = ("slack", "email")
#: Subscriptions with a filter policy that SNS allows a topic.
MOST_SUBSCRIBED = 200
#: Names that stand in keys and topics: one line without the separator, and no word of the ledger or of a tag.
_NAME = re.compile(r"(?!(?:none|group|lease|visit)$)[^#\x00-\x1f\x7f-\x9f]{1,64}")
_ALLOWED = "1 to 64 characters without # and line breaks; not none, group, lease or visit"


def in_people(document: Table) -> Iterator[Mistake]:
    """The mistakes in people, of whom channels that write to owners ask more."""
    channels, people = document.get("channels", {}), document.get("people", ())
    yield from _twice(people)
    yield from _known(people)
    for name in shared_of(channels, "email"):
        addresses = texts(channels[name], "to")
        for address in (each for each in dict.fromkeys(addresses) if addresses.count(each) > 1):
            yield Mistake(("channels", name, "to"), f"{shown(address)} stands there twice; allowed: each address once")
    needed = {kind: direct_of(channels, kind) for kind in ADDRESSES if direct_of(channels, kind)}
    for kind, names in needed.items():
        if not any(kind in person for person in people):
            problem = f'"owner" reaches nobody, because no [[people]] has `{kind}`'
            yield Mistake(("channels", names[0], "to"), f"{problem}; allowed: people with their own", (("people",),))
    if "email" in needed and len(people) > MOST_SUBSCRIBED:
        problem = f"{len(people)} people are more than one topic has filter policies for"
        yield Mistake(("channels", needed["email"][0], "to"), f"{problem}; allowed: {MOST_SUBSCRIBED}")
    for number, person in enumerate(people if needed else ()):
        yield from _unreachable(number, person, needed)


def destinations(document: Table) -> list[str]:
    """The people in each channel that writes to owners, as `CHANNEL#PERSON`, for their own quiet hours."""
    channels = document.get("channels", {})
    found = ((kind, name) for kind in ADDRESSES for name in direct_of(channels, kind))
    people = document.get("people", ())
    return [f"{name}#{each['name']}" for kind, name in found for each in people if {"name", kind} <= {*each}]


def _unreachable(number: int, person: Table, needed: Table) -> Iterator[Mistake]:
    if person and not any(key in person for key in needed):
        names = " and ".join(chain.from_iterable(needed.values()))
        problem = f"is missing, and without it nothing of {names} reaches the person"
        where = ("people", number, next(iter(needed)))
        yield Mistake(where, f"{problem}; allowed: {' or '.join(needed)}", (where[:2], ("channels",)))
    if "name" in person and not _NAME.fullmatch(person["name"]):
        yield Mistake(("people", number, "name"), f"{shown(person['name'])} is not a name; allowed: {_ALLOWED}")


def _twice(people: Iterable[Table]) -> Iterator[Mistake]:
    """A name or an address that two entries have, because the second one would never count."""
    seen: dict[tuple[str, str], int] = {}
    for number, person in enumerate(people):
        own = [("name", value) for value in texts(person, "name")]
        own += [(key, value) for key in ADDRESSES for value in dict.fromkeys(texts(person, key))]
        for key, value in own:
            first = seen.setdefault((key, same(value)), number)
            if first != number:
                problem = f"{shown(value)} is also in people[{first + 1}]"
                yield Mistake(("people", number, key), f"{problem}; allowed: one entry for each person")


def _known(people: Iterable[Table]) -> Iterator[Mistake]:
    """Each person is known by something, and each name is one person's."""
    first: dict[str, str] = {}
    for number, person in enumerate(people):
        if "owns" not in person and "signs_in_as" not in person and "name" in person:
            where, problem = ("people", number, "owns"), "is missing without signs_in_as; allowed: one of both, or both"
            yield Mistake(where, problem, (where[:2],))
        for name in person.get("signs_in_as", ()):
            other = first.setdefault(same(name), person.get("name", ""))
            if other != person.get("name", ""):
                problem = f"{shown(name)} is how {shown(other)} signs in already"
                yield Mistake(("people", number, "signs_in_as"), f"{problem}; allowed: each name once")


def same(name: str) -> str:
    """The name in lower case, and with the same characters however its accents were typed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
