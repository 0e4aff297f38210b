"""The golden list of every policy statement, one file for each variant, so that a change shows in a diff."""

import json
from pathlib import Path

from infra.asset import ROOT
from security.statements import statements, text
from security.template import template_files

FOLDER = ROOT / "security" / "statements"
REMEDY = "if every difference is meant: pytest tests/infra/test_statements.py --rewrite-golden"


def listing(assembly: Path) -> str:
    """The home stack's statements, then those of one forwarding stack, because the others are like it."""
    return "\n".join(
        f"## {path.name.removesuffix('.template.json')}\n{text(statements(json.loads(path.read_text())))}"
        for path in template_files(assembly)[:2]
    )


def listed(variant: str) -> Path:
    return FOLDER / f"{variant}.txt"
