"""The tables of docs/permissions.md, written from the verdicts on every permission; a row is a role and an action."""

import re
from collections.abc import Iterable, Iterator, Mapping

from braket_notifier.cli.setup.rights import resource_name, role_name
from security.permissions import Words, reason
from security.scenario import CHANNELS

#: A generated table stands behind this line of the page; everything else is written by hand.
MARK = "<!-- `make check-permissions` writes this table -->"
_SWEPT = "that the sweep found"
_IS_MISSED = re.compile(r"(\S+) misses (.+)")


def page(text: str, verdicts: Mapping[Words, str]) -> str:
    """The page with new tables: effects of missing permissions, then reasons that the local cloud cannot show."""
    shown = {words: says for words, says in verdicts.items() if not reason(words)}
    others = {words: says for words, says in verdicts.items() if reason(words)}
    tables = iter(("\n".join(_shown(shown)), "\n".join(_reasoned(others))))
    return re.sub(rf"({re.escape(MARK)}\n\n)(?:\|.*\n)*", lambda found: f"{found[1]}{next(tables)}\n", text)


def _shown(verdicts: Mapping[Words, str]) -> Iterator[str]:
    everything = _missed("; ".join(verdicts.values()))
    rows: dict[tuple[str, str], dict[str, list[str]]] = {}
    for (role, action, resource), says in verdicts.items():
        on = rows.setdefault((_role(role), action), {}).setdefault(effect(says, everything), [])
        on += [_resource(resource)] if _resource(resource) not in on else []
    yield from ("| role of | action | on | without it |", "|---|---|---|---|")
    for (role, action), effects in rows.items():
        resources = "; ".join(each for where in effects.values() for each in where)
        several = len(effects) > 1
        clauses = [f"{', '.join(where)}: {each}" if several else each for each, where in effects.items()]
        yield f"| {role} | `{action}` | {resources} | {'<br>'.join(clauses)} |"


def _reasoned(verdicts: Mapping[Words, str]) -> Iterator[str]:
    """Roles with the same right and reason share a row."""
    alike: dict[tuple[str, str], dict[str, list[str]]] = {}
    for (role, action, resource), says in verdicts.items():
        roles = alike.setdefault((action, says), {}).setdefault(_own(role, resource), [])
        roles += [_role(role)] if _role(role) not in roles else []
    yield from ("| action | on | roles of | why it is granted |", "|---|---|---|---|")
    for (action, says), resources in alike.items():
        for on, roles in resources.items():
            yield f"| `{action}` | {on} | {', '.join(roles)} | {says} |"


def effect(verdict: str, everything: Mapping[str, list[str]]) -> str:
    """A verdict in short. Channels that miss the same share a clause."""
    alike: dict[str, list[str]] = {}
    for channel, missed in _missed(verdict).items():
        alike.setdefault(_share(missed, everything[channel]), []).append(f"`{channel}`")
    verbs = {words: "miss" if len(channels) > 1 else "misses" for words, channels in alike.items()}
    clauses = [f"{_joined(channels)} {verbs[words]} {words}" for words, channels in alike.items()]
    return "; ".join([*clauses, *(each for each in verdict.split("; ") if not _IS_MISSED.fullmatch(each))])


def _share(missed: list[str], everything: list[str]) -> str:
    """The missed messages; a short name for all of them, for all that the sweep finds, for all that events report."""
    swept = [each for each in everything if each.endswith(_SWEPT)]
    reported = [each for each in everything if each not in swept]
    named = {"every message": everything, "what the sweep finds": swept, "what events report": reported}
    return next((name for name, each in named.items() if set(each) == set(missed) and missed[1:]), _joined(missed))


def _missed(verdict: str) -> dict[str, list[str]]:
    """The missed messages by channel."""
    found: dict[str, list[str]] = {}
    for each in filter(None, map(_IS_MISSED.fullmatch, verdict.split("; "))):
        missed = found.setdefault(each[1], [])
        missed += [each[2]] if each[2] not in missed else []
    return found


def _joined(words: Iterable[str]) -> str:
    *before, last = [*words] or [""]
    return f"{', '.join(before)} and {last}" if before else last


def _role(role: str) -> str:
    return role_name(role.removesuffix("(forwarding)"), {each.replace("-", ""): each for each in CHANNELS})


def _resource(resource: str) -> str:
    return resource_name(resource, {each.replace("-", ""): each for each in CHANNELS})


def _own(role: str, resource: str) -> str:
    """A function's queue, log or topic is its own, so that functions share a row."""
    if resource.startswith(role) and resource.endswith(("Queue.Arn", "Topic")):
        return "its own queue" if resource.endswith("Queue.Arn") else "its own topic"
    return _resource(resource)
