"""Puts the operator's answers into the text of notifier.toml; comments and all other keys stay."""

import re
import tomllib
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import tomlkit
from tomlkit.items import Comment, InlineTable, Table, Whitespace

from braket_notifier.settings.schema import shared_of

SLACK, MAIL = "team-slack", "mail"
WHO = "who_submitted"
#: The template's example of a table, which the table itself replaces.
_EXAMPLE = re.compile(r"^# \[alarms\].*\n# email = .*\n\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answers:
    """The operator's answers; without a Slack channel or webhook, or without addresses, that channel is removed."""

    home: str
    regions: tuple[str, ...]
    time_zone: str
    slack_channel: str = ""
    webhook: bool = False
    addresses: tuple[str, ...] = ()
    #: The alarms' addresses, none for nobody; None if nobody was asked.
    alarms: tuple[str, ...] | None = None
    #: Whether it may look up who submitted; None if nobody was asked.
    who_submitted: bool | None = None
    name: str = "braket-notifier"


def with_answers(text: str, answers: Answers) -> str:
    """The text with the answers, their channels added or removed, and no mark `<<<` on an answered line."""
    document = tomlkit.parse(text if answers.alarms is None else _EXAMPLE.sub("", text))
    _put(document, "home", answers.home)
    if set(document.get("regions", ())) != set(answers.regions):
        _put(document, "regions", list(answers.regions))
    _put(document, "time_zone", answers.time_zone)
    channels = document.setdefault("channels", tomlkit.table(is_super_table=True))
    for kind, first, keys in (("slack", SLACK, _slack(answers)), ("email", MAIL, _mail(answers))):
        names = shared_of(channels, kind)
        if keys:
            _put_channel(channels, names[0] if names else first, {"type": kind, **keys})
        for name in [] if keys else names:
            _remove(document, name)
    if answers.alarms is not None:
        _put(document.setdefault("alarms", tomlkit.table()), "email", list(answers.alarms))
    if answers.who_submitted or (answers.who_submitted is False and WHO in document.get("defaults", {})):
        document.setdefault("defaults", tomlkit.table())[WHO] = answers.who_submitted
    return _spaced(tomlkit.dumps(document))


def agree(one: Answers, other: Answers) -> bool:
    """Whether both are the same answers; order and repetition of the regions mean nothing."""
    return replace(one, regions=()) == replace(other, regions=()) and set(one.regions) == set(other.regions)


def _spaced(text: str) -> str:
    """The text with a blank line before each table; blank lines within a value stay."""
    apart = re.sub(r"^([^#\n\[].*\n)(?=\[)", r"\1\n", text, flags=re.MULTILINE)
    spaced = re.sub(r"\n{3,}", "\n\n", apart).rstrip() + "\n"
    return spaced if tomllib.loads(spaced) == tomllib.loads(text) else text


def _slack(answers: Answers) -> dict[str, object]:
    if answers.webhook:
        return {"webhook": f"ssm:/{answers.name}/slack-webhook"}
    return {"channel": answers.slack_channel} if answers.slack_channel else {}


def _mail(answers: Answers) -> dict[str, object]:
    return {"to": list(answers.addresses)} if answers.addresses else {}


def _put_channel(channels: MutableMapping[str, Any], name: str, keys: dict[str, object]) -> None:
    """A bot's channel and token and a webhook exclude each other; a token stays where a bot stays."""
    channel = channels.setdefault(name, tomlkit.table())
    for key in {"channel", "token"} if "webhook" in keys else {"webhook"} if "channel" in keys else ():
        channel.pop(key, None)
    comments = _comments_after(channel)  # they follow the channel, so a new key comes before them
    if comments:
        del channel.value.body[len(channel.value.body) - len(comments) :]
    for key, value in keys.items():
        _put(channel, key, value)
    for comment in comments:
        channel.add(comment)


def _put(table: MutableMapping[str, Any], key: str, value: object) -> None:
    """Give a key another value, and remove the mark `<<<` from its line."""
    if key not in table or table[key] != value:
        table[key] = value
    line = table[key].trivia
    if "<<<" in line.comment:
        line.comment = line.comment_ws = ""


def _remove(document: tomlkit.TOMLDocument, name: str) -> None:
    """Remove a channel, its quiet hours, and its name from the routes; comments after a removed table stay."""
    channels = document["channels"]
    comments = [*_comments_after(channels[name])]
    del channels[name]
    document.get("quiet", {}).pop(name, None)
    routes = document.get("routes", [])
    for number in reversed(range(len(routes))):
        left = [each for each in routes[number].get("to", ()) if each != name]
        if left:
            _put(routes[number], "to", left)
        else:
            comments += _comments_after(routes[number])
            del routes[number]
    if routes == []:
        document.pop("routes", None)
    for comment in comments:
        document.add(comment)


def _comments_after(table: MutableMapping[str, Any]) -> Sequence[Comment | Whitespace]:
    """The comments and blank lines that follow the last key of a table; dotted keys make none of their own."""
    items = [item for _, item in table.value.body] if isinstance(table, Table | InlineTable) else []
    last = max((at for at, item in enumerate(items) if not isinstance(item, Comment | Whitespace)), default=-1)
    return [item for item in items[last + 1 :] if isinstance(item, Comment | Whitespace)]
