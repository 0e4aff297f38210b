"""`make check-security`: every check of the templates, the permissions, the packages and the repository, in one table.

Exits non-zero if a finding is not acknowledged; with STRICT=1 also if a service could not be reached.
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
from security.findings import Check, Finding, acknowledgements, stale
from security.template import Template, template_files
from security.variants import VARIANTS, settings

OUT = ROOT / "build" / "security"


def run_checks(assemblies: Sequence[Path]) -> Iterator[Check]:
    yield scanners.nag(assemblies)
    yield scanners.checkov(assemblies)
    yield scanners.lint(assemblies)
    found = list(_templates(assemblies))
    yield Check(
        "template guard",
        [Finding("hole", where, sentence) for where, each in found for sentence in guard.failed_checks(each)],
    )
    denied = [Finding("deny", where, may) for where, each in found for may in deny.allowed_though_denied(each)]
    yield Check(f"deny matrix: {len(deny.DENIED)} actions", denied)
    changed = [path.name for path in assemblies if golden.listing(path) != golden.listed(path.name).read_text()]
    yield Check("every statement is listed", [Finding("golden", each, golden.REMEDY) for each in changed])
    yield scanners.audit()
    yield scanners.secrets()


def _templates(assemblies: Sequence[Path]) -> Iterator[tuple[str, Template]]:
    for assembly in assemblies:
        for path in template_files(assembly):
            yield f"{assembly.name}:{path.name.removesuffix('.template.json')}", json.loads(path.read_text())


def show(console: Console, checks: Sequence[Check]) -> None:
    table = Table("check", "findings", "acknowledged", "not asked", title="Safe to deploy?", title_justify="left")
    for each in checks:
        count = len(each.findings)
        table.add_row(
            each.name, f"[red]{count}[/]" if count else "0", str(len(each.acknowledged)), each.unreachable or "-"
        )
    console.print(table)
    for each in checks:
        for finding in each.findings:
            console.print(f"{finding.rule}  {finding.where}  {finding.message}", markup=False, soft_wrap=True)


def main() -> int:
    console = Console(highlight=False)
    with console.status("Synthesising and checking"):
        OUT.mkdir(parents=True, exist_ok=True)
        assemblies = [scanners.synthesise(settings(each, OUT), OUT / each) for each in VARIANTS]
        known = acknowledgements()
        found = list(run_checks(assemblies))
    checks = [each.judged(known) for each in found] + [stale(known, found)]
    show(console, checks)
    findings = sum(len(each.findings) for each in checks)
    acknowledged = sum(len(each.acknowledged) for each in checks)
    unreachable = sum(bool(each.unreachable) for each in checks)
    skipped = [f"unreachable={unreachable}"] * bool(unreachable)
    print(" ".join([f"findings={findings}", f"acknowledged={acknowledged}", *skipped]), flush=True)  # noqa: T201 - the line for scripts
    return int(findings > 0 or (unreachable > 0 and os.environ.get("STRICT") == "1"))


if __name__ == "__main__":
    sys.exit(main())
