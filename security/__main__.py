"""`make check-security`: every look at the templates, the permissions, the packages and the repository, in one table.

Ends in an error if anything was found that is not acknowledged; with STRICT=1 also if anything could not be asked.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from infra.asset import ROOT
from security import deny, golden, guard, scanners
from security.findings import Finding, Look, acknowledgements, stale
from security.template import Template, template_files
from security.variants import VARIANTS, settings

OUT = ROOT / "build" / "security"


def look(assemblies: Sequence[Path]) -> Iterator[Look]:
    yield scanners.nag(assemblies)
    yield scanners.checkov(assemblies)
    yield scanners.lint(assemblies)
    found = list(_templates(assemblies))
    yield Look("template guard", [Finding("hole", where, hole) for where, each in found for hole in guard.holes(each)])
    denied = [Finding("deny", where, may) for where, each in found for may in deny.allowed_though_denied(each)]
    yield Look(f"deny matrix: {len(deny.DENIED)} actions", denied)
    changed = [path.name for path in assemblies if golden.listing(path) != golden.listed(path.name).read_text()]
    yield Look("every statement is listed", [Finding("golden", each, golden.REMEDY) for each in changed])
    yield scanners.audit()
    yield scanners.secrets()


def _templates(assemblies: Sequence[Path]) -> Iterator[tuple[str, Template]]:
    for assembly in assemblies:
        for path in template_files(assembly):
            yield f"{assembly.name}:{path.name.removesuffix('.template.json')}", json.loads(path.read_text())


def show(console: Console, looks: Sequence[Look]) -> None:
    table = Table("look", "findings", "acknowledged", "not asked", title="Safe to deploy?", title_justify="left")
    for each in looks:
        count = len(each.findings)
        table.add_row(
            each.name, f"[red]{count}[/]" if count else "0", str(len(each.acknowledged)), each.unreachable or "-"
        )
    console.print(table)
    for each in looks:
        for finding in each.findings:
            console.print(f"{finding.rule}  {finding.where}  {finding.says}", markup=False, soft_wrap=True)


def main() -> int:
    console = Console(highlight=False)
    with console.status("Synthesising and looking"):
        OUT.mkdir(parents=True, exist_ok=True)
        assemblies = [scanners.synthesise(settings(each, OUT), OUT / each) for each in VARIANTS]
        known = acknowledgements()
        found = list(look(assemblies))
    looks = [each.judged(known) for each in found] + [stale(known, found)]
    show(console, looks)
    findings = sum(len(each.findings) for each in looks)
    acknowledged = sum(len(each.acknowledged) for each in looks)
    unreachable = sum(bool(each.unreachable) for each in looks)
    skipped = [f"unreachable={unreachable}"] * bool(unreachable)
    print(" ".join([f"findings={findings}", f"acknowledged={acknowledged}", *skipped]), flush=True)  # noqa: T201 - the line for scripts
    return int(findings > 0 or (unreachable > 0 and os.environ.get("STRICT") == "1"))


if __name__ == "__main__":
    sys.exit(main())
