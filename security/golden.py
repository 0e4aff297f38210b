"""The golden list of every policy statement, one file for each variant: what changes in it is seen in a diff."""

import json
from pathlib import Path

from infra.asset import ROOT
from security.statements import statements, text

FOLDER = ROOT / "security" / "statements"
REMEDY = "if every difference is meant: pytest tests/infra/test_statements.py --rewrite-golden"


def listing(assembly: Path) -> str:
    """The home stack's statements, then those of one forwarding stack: the others are like it."""
    templates = sorted(assembly.glob("*.template.json"), key=lambda each: (len(each.name), each.name))[:2]
    return "\n".join(
        f"## {path.name.removesuffix('.template.json')}\n{text(statements(json.loads(path.read_text())))}"
        for path in templates
    )


def listed(variant: str) -> Path:
    return FOLDER / f"{variant}.txt"
