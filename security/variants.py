"""The settings whose templates are looked at: the shipped ones, and the same with every choice that shapes policies."""

from collections.abc import Mapping
from pathlib import Path

from infra.asset import ROOT

DASHBOARD = ("dashboard         = false", "dashboard = true")
ALARMS = ("[[routes]]", '[alarms]\nemail = ["ops@example.org"]\n\n[[routes]]')

#: What is put into the shipped settings, in place of what.
VARIANTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "shipped": (),
    "read-results": (
        ("read_results      = false", 'result_buckets    = ["amazon-braket-lab"]\nread_results      = true'),
    ),
    "alarms": (ALARMS, DASHBOARD),
    "own-key": (('key               = "aws"', 'key = "own"'), ALARMS, DASHBOARD),
}


def settings(variant: str, folder: Path) -> Path:
    """The variant's settings file, in this folder."""
    text = (ROOT / "notifier.toml").read_text(encoding="utf-8")
    for old, new in VARIANTS[variant]:
        if old not in text:
            raise ValueError(f"notifier.toml has no {old!r} any more, which the variant {variant!r} replaces")
        text = text.replace(old, new, 1)
    path = folder / f"{variant}.toml"
    path.write_text(text, encoding="utf-8")
    return path
