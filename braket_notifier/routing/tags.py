"""The tags `notify` (channels and people to add) and `notify-on` (at which statuses) of a resource; pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from braket_notifier.domain.policy import Person, Policy
from braket_notifier.domain.reminder import counts_of, reminder_of
from braket_notifier.domain.resource import FAILING, TERMINAL_RANK, Kind, Snapshot, rank_of
from braket_notifier.routing.owners import first_channel, owning, unreachable
from braket_notifier.text.wording import clean, cut, folded

ENDS = ("COMPLETED", "FAILED", "CANCELLED")
#: The statuses that the tag `notify-on` may name; without it, every end counts.
STATUSES = (*ENDS, "RUNNING")
#: Characters of a tag's words that a warning quotes.
MOST = 60
#: People whom a tag may name.
MOST_PEOPLE = 3


@dataclass(frozen=True, slots=True)
class TagRequest:
    """The channels, people and statuses that the tags request. A word that names none of them is ignored."""

    nobody: bool
    channels: tuple[str, ...]
    statuses: tuple[str, ...]
    people: tuple[Person, ...] = ()

    def includes(self, status: str, snapshot: Snapshot, *, failed: bool) -> bool:
        """Whether the tags request this status. An end that no tag can name (unknown, or GONE) is included."""
        if reminder_of(status):  # it goes to whoever is notified of an end
            return not set(ENDS).isdisjoint(self.statuses)
        if failed or status == FAILING:
            return "FAILED" in self.statuses
        return status in self.statuses or (status not in ENDS and rank_of(status, snapshot.ended_at) == TERMINAL_RANK)


def wants(snapshot: Snapshot, policy: Policy) -> TagRequest:
    """Read the tags, whose values are separated by spaces, because AWS allows no commas in a tag."""
    words, statuses = _words(snapshot, "notify"), [each.upper() for each in _words(snapshot, "notify-on")]
    return TagRequest(
        nobody="none" in words,
        channels=tuple(each for each in words if each in policy.channels),
        statuses=tuple(each for each in statuses if each in STATUSES) or ENDS,
        people=tuple(_people(words, policy)[:MOST_PEOPLE]),
    )


def unknown(snapshot: Snapshot, policy: Policy) -> list[tuple[str, str]]:
    """Return each tag and word that names no channel, no person and no status."""
    words = [each for each in _words(snapshot, "notify") if each not in policy.channels and each != "none"]
    statuses = [each for each in _words(snapshot, "notify-on") if each.upper() not in STATUSES]
    unnamed = [("notify", each) for each in words if not _named(each, policy)]
    return list(dict.fromkeys([*unnamed, *(("notify-on", each) for each in statuses)]))


def refusal(tag: str, words: list[str], policy: Policy) -> str:
    """Return the sentence about unknown words of a tag, with the known ones."""
    if tag == "notify-on":
        return f"Tag notify-on: {_shown(words)} is not allowed; allowed are {', '.join(STATUSES)}."
    people = " or person" if policy.to_owner else ""
    return f"Tag notify: {_shown(words)} is no channel{people} here; there are {_known(policy)}."


def cautions(snapshot: Snapshot, policy: Policy) -> tuple[str, ...]:
    """Return a warning about each word that names no channel, no person and no status, or that `none` silences."""
    words = _words(snapshot, "notify")
    named, of_tag = _people(words, policy), dict[str, list[str]]()
    for tag, word in unknown(snapshot, policy):
        of_tag.setdefault(tag, []).append(word)
    refusals = {tag: refusal(tag, its_words, policy) for tag, its_words in of_tag.items()}
    silenced = [each for each in words if each != "none"] if "none" in words else []
    warnings = [f"Tag notify: none wins over {_shown(silenced)}, so nobody is notified."] if silenced else []
    warnings += [refusals["notify"]] if "notify" in refusals else []
    if left_out := [each.name for each in named[MOST_PEOPLE:]]:
        warnings.append(f"Tag notify: at most {MOST_PEOPLE} people are notified, not {_shown(left_out)}.")
    unreached = [each for each in named[:MOST_PEOPLE] if not first_channel(each, policy)]
    warnings += [f"Tag notify: {unreachable(each, policy.to_owner[0], policy)}." for each in unreached]
    return (*warnings, *([refusals["notify-on"]] if "notify-on" in refusals else []))


def naming(snapshots: Iterable[Snapshot], name: str, policy: Policy) -> str:
    """Return why a person is notified of resources that are not the person's own; empty for the person's own."""
    owners = ((each, owning(each, policy)) for each in snapshots)
    others = [(each, owner) for each, owner in owners if _is_guest(each, owner, name, policy)]
    if not others:
        return ""
    names = {clean(owner.name) if owner else "" for _, owner in others}
    counts = sum((+Counter(counts_of(each)) or Counter([each.arn.kind]) for each, _ in others), Counter[Kind]())
    is_one = counts.total() == 1
    whose = f"{names.pop()}'s" if len(names) == 1 and "" not in names else "this" if is_one else "these"
    nouns: dict[Kind, str] = {"task": "task", "job": "hybrid job"}
    what = " and ".join(f"{noun}{'' if is_one else 's'}" for kind, noun in nouns.items() if counts[kind])
    return f"named by the tag notify of {whose} {what}"


def _is_guest(snapshot: Snapshot, owner: Person | None, name: str, policy: Policy) -> bool:
    is_named = any(each.name == name for each in wants(snapshot, policy).people)
    return is_named and not (owner and owner.name == name)


def _people(words: list[str], policy: Policy) -> list[Person]:
    """Return the people whom the words name, each once; a channel's name is no person's."""
    found = {person.name: person for each in words if each not in policy.channels and (person := _named(each, policy))}
    return list(found.values())


def _named(word: str, policy: Policy) -> Person | None:
    """Return the person of a word, in any case, with `-`, `_` or `.` for a space; None without a channel for people.

    The name itself comes before one with a space, and that before one with another such sign, because two people may
    differ in it alone; a word that fits two people equally names neither.
    """
    wanted = folded(word)
    names = [(each, folded(each.name)) for each in policy.people] if policy.to_owner else []
    readings = (
        [each for each, its in names if its == wanted],
        [each for each, its in names if its == _spaced(wanted)],
        [each for each, its in names if _spaced(its) == _spaced(wanted)],
    )
    found = next(filter(None, readings), [])
    return found[0] if len(found) == 1 else None


def _spaced(name: str) -> str:
    return name.translate({ord(each): " " for each in "-_."})


def _known(policy: Policy) -> str:
    people = [clean(each.name) for each in policy.people] if policy.to_owner else []
    return ", ".join([*policy.channels, *people])


def _words(snapshot: Snapshot, tag: str) -> list[str]:
    return snapshot.tags.get(tag, "").split()


def _shown(words: list[str]) -> str:
    return cut(clean(" ".join(words)), MOST)
