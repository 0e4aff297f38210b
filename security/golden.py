"""The golden list of every policy statement, one file for each variant: what changes in it is seen in a diff.

`python -m security.golden` writes them anew.
"""

import json
import sys
import tempfile
from pathlib import Path

from infra.asset import ROOT
from security.statements import statements, text
from security.variants import VARIANTS, settings

FOLDER = ROOT / "security" / "statements"
REMEDY = "if every difference is meant, write the list anew: .venv/bin/python -m security.golden"


def listing(assembly: Path) -> str:
    """The home stack's statements, then those of one forwarding stack: the others are like it."""
    templates = sorted(assembly.glob("*.template.json"), key=lambda each: (len(each.name), each.name))[:2]
    return "\n".join(
        f"## {path.name.removesuffix('.template.json')}\n{text(statements(json.loads(path.read_text())))}"
        for path in templates
    )


def golden(variant: str) -> str:
    path = FOLDER / f"{variant}.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main() -> int:
    from infra.synth import synth  # noqa: PLC0415 - aws_cdk starts a process of its own; not before it is needed

    FOLDER.mkdir(exist_ok=True)
    for variant in VARIANTS:
        with tempfile.TemporaryDirectory() as folder:
            said = listing(synth(settings(variant, Path(folder)), Path(folder) / "out"))
        (FOLDER / f"{variant}.txt").write_text(said, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
