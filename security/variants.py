"""The variants of the settings that the checks synthesise: the shipped ones, and each choice that shapes policies."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from infra.asset import ROOT

ALARMS = '[alarms]\nemail = ["ops@example.org"]\n'
OWNERS = """[channels.dm]
type = "slack"
to = "owner"
[channels.mine]
type = "email"
to = "owner"
[[people]]
name = "Anna"
slack = "U01ABCDEF"
email = "anna@example.org"
owns = ["tag:owner=anna"]
"""

SERVICES = """[channels.lab-teams]
type = "teams"
host = "prod-12.westeurope.logic.azure.com"
url = "ssm:/braket-notifier/teams-url"
[channels.chat]
type = "discord"
url = "ssm:/braket-notifier/discord-url"
[channels.hook]
type = "webhook"
host = "hooks.example.org"
url = "ssm:/braket-notifier/hook-url"
key = "ssm:/braket-notifier/hook-key"
[channels.events]
type = "bus"
bus = "lab-events"
"""

#: Tables beside the shipped settings.
VARIANTS: Mapping[str, str] = {
    "shipped": "",
    "read-results": '[defaults]\nread_results = true\nresult_buckets = ["amazon-braket-lab"]\nwho_submitted = true\n',
    "alarms": f"{ALARMS}[defaults]\ndashboard = true\n",
    "owners": OWNERS,
    "services": SERVICES,
    "own-key": f'{ALARMS}[defaults]\nkey = "own"\npython = "3.13"\ndashboard = true\n',
}


def settings(variant: str, folder: Path) -> Path:
    """The variant's settings file, in this folder."""
    path = folder / f"{variant}.toml"
    shipped = (ROOT / "notifier.toml").read_text(encoding="utf-8")
    path.write_text(f"{shipped}\n{VARIANTS[variant]}", encoding="utf-8")
    return path


def changed(original: Path, changes: Iterable[tuple[str, str]]) -> str:
    """A settings file with each replacement made; ValueError if the text to replace is missing."""
    text = original.read_text(encoding="utf-8")
    for old, new in changes:
        if old not in text:
            raise ValueError(f"{original} has no {old!r} any more, in whose place {new!r} was to stand")
        text = text.replace(old, new, 1)
    return text
