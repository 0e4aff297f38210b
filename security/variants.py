"""The variants of the settings that the checks synthesise: the shipped ones, and each choice that shapes policies."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from infra.asset import ROOT

DASHBOARD = ("dashboard         = false", "dashboard = true")
ALARMS = ("[[routes]]", '[alarms]\nemail = ["ops@example.org"]\n\n[[routes]]')

#: Replacements in the shipped settings.
VARIANTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "shipped": (),
    "read-results": (
        ("read_results      = false", 'result_buckets    = ["amazon-braket-lab"]\nread_results      = true'),
    ),
    "alarms": (ALARMS, DASHBOARD),
    "own-key": (
        ('key               = "aws"', 'key = "own"'),
        ('python            = "machine"', 'python = "3.13"'),
        ALARMS,
        DASHBOARD,
    ),
}


def settings(variant: str, folder: Path) -> Path:
    """The variant's settings file, in this folder."""
    path = folder / f"{variant}.toml"
    path.write_text(changed(ROOT / "notifier.toml", VARIANTS[variant]), encoding="utf-8")
    return path


def changed(original: Path, changes: Iterable[tuple[str, str]]) -> str:
    """A settings file with each replacement made; ValueError if the text to replace is missing."""
    text = original.read_text(encoding="utf-8")
    for old, new in changes:
        if old not in text:
            raise ValueError(f"{original} has no {old!r} any more, in whose place {new!r} was to stand")
        text = text.replace(old, new, 1)
    return text
