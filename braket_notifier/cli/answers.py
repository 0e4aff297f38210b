"""Puts the operator's answers into the text of notifier.toml; comments and all other keys stay."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from braket_notifier.settings.mistakes import SettingsError

SLACK, MAIL = "team-slack", "mail"


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
    name: str = "braket-notifier"


def with_answers(text: str, answers: Answers) -> str:
    """The text with values in the lines marked `<<<`, and without unwanted channels."""
    unwanted = set() if answers.slack_channel or answers.webhook else {SLACK}
    unwanted |= set() if answers.addresses else {MAIL}
    blocks = (_rerouted(block, unwanted) for block in _blocks(text))
    missing = [name for name in {SLACK, MAIL} - unwanted if f"[channels.{name}]" not in text]
    if missing:
        raise SettingsError(f"channels.{missing[0]}: is missing; put [channels.{missing[0]}] and its routes back first")
    kept = "".join(block for block in blocks if block and not _is_one_of(block, unwanted))
    if answers.alarms is not None:
        kept = _with_alarms(kept)
    for key, value in _values(answers).items():
        kept = _set(kept, key, value)
    return kept if SLACK in unwanted else _with_slack(kept, answers)


def _values(answers: Answers) -> dict[tuple[str, str], object]:
    """The values of the answers, by table and key."""
    values: dict[tuple[str, str], object] = {
        ("", "home"): answers.home,
        ("", "regions"): list(answers.regions),
        ("", "time_zone"): answers.time_zone,
    }
    if answers.addresses:
        values["channels.mail", "to"] = list(answers.addresses)
    if answers.alarms is not None:
        values["alarms", "email"] = list(answers.alarms)
    return values


def _blocks(text: str) -> Iterator[str]:
    """The text before the first table, then each table with the comments after it."""
    yield from re.split(r"^(?=\[)", text, flags=re.MULTILINE)


def _is_one_of(block: str, unwanted: set[str]) -> bool:
    return any(block.startswith(f"[channels.{name}]") for name in unwanted)


def _rerouted(block: str, unwanted: set[str]) -> str:
    """A route without unwanted channels; empty if no channel is left."""
    to = re.search(r"^to = (\[.*?\])", block, flags=re.MULTILINE)
    if not block.startswith("[[routes]]") or not to:
        return block
    left = [name for name in json.loads(to[1]) if name not in unwanted]
    return block.replace(to[0], f"to = {json.dumps(left)}", 1) if left else ""


def _set(text: str, at: tuple[str, str], value: object) -> str:
    """Give a key of a table another value, and remove the mark `<<<` from its line."""
    table, key = at
    blocks = list(_blocks(text))
    for number, block in enumerate(blocks):
        if block.startswith(f"[{table}]") if table else number == 0:
            line = rf"^({key}\s*=\s*)(\"[^\"]*\"|\[[^\]]*\])[^\n]*$"
            blocks[number] = re.sub(line, lambda m: f"{m[1]}{json.dumps(value)}", block, count=1, flags=re.MULTILINE)
    return "".join(blocks)


def _with_alarms(text: str) -> str:
    """The table of the alarms' addresses, in place of the template's comment or at the end."""
    if re.search(r"^\[alarms\]", text, flags=re.MULTILINE):
        return text
    table, comment = "[alarms]\nemail = []\n", r"^# \[alarms\].*\n# email = .*\n"
    replaced, count = re.subn(comment, table, text, count=1, flags=re.MULTILINE)
    return replaced if count else f"{text.rstrip()}\n\n{table}"


def _with_slack(text: str, answers: Answers) -> str:
    """The Slack channel's keys for a webhook, or for a bot with its channel and token."""
    table = f"[channels.{SLACK}]"
    block = next(block for block in _blocks(text) if block.startswith(table))
    if answers.webhook:
        return text.replace(block, _with_keys(block, f'webhook = "ssm:/{answers.name}/slack-webhook"\n'))
    if re.search(r"^webhook\s*=", block, flags=re.MULTILINE):
        text = text.replace(block, _with_keys(block, 'channel = ""\n'))
    return _set(text, (f"channels.{SLACK}", "channel"), answers.slack_channel)


def _with_keys(block: str, keys: str) -> str:
    """The table with these keys in place of its channel, token and webhook."""
    bare = re.sub(r"^(channel|token|webhook)\s*=.*\n", "", block, flags=re.MULTILINE)
    return re.sub(r"^type\s*=.*\n", lambda found: f"{found[0]}{keys}", bare, count=1, flags=re.MULTILINE)
