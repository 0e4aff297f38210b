"""Third-party scanners over the synthesised templates, the packages and the repository, each read into findings.

cdk-nag runs where CDK runs (`security/nag.py`); the others in an environment of their own, `build/security-venv`.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.asset import ROOT
from security.findings import Check, Finding
from security.template import name, template_files

BIN = ROOT / "build" / "security-venv" / "bin"
LOCKED = (
    "benchmarks/requirements.txt",
    "infra/node/requirements.txt",
    "infra/requirements.txt",
    "lambdas/requirements.txt",
    "local/cloud/requirements.txt",
    "requirements.txt",
    "security/requirements.txt",
    "tests/e2e/clients/requirements.txt",
    "tests/e2e/frameworks/requirements.txt",
)
#: Skipped because package hashes are random, and a picture is no text.
NO_SECRETS = r"(^|/)(requirements\.txt|package-lock\.json)$|\.png$"


def synthesise(settings: Path, out: Path) -> Path:
    """The assembly, with cdk-nag's report beside it. CDK exits non-zero after writing it if it has findings."""
    report = out / "validation-report.json"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "security.nag", str(settings), str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - all stands above
    if not report.exists():
        raise RuntimeError(f"the template could not be synthesised: {done.stderr}")
    return out


def nag(assemblies: Sequence[Path]) -> Check:
    return Check("cdk-nag 3: AwsSolutions, Serverless", [each for path in assemblies for each in _nagged(path)])


def _nagged(assembly: Path) -> Iterator[Finding]:
    report = json.loads((assembly / "validation-report.json").read_text())
    for plugin in report["pluginReports"]:
        for broken in plugin["violations"]:
            for construct in broken["violatingConstructs"]:
                where = f"{assembly.name}:{construct['constructPath']}"
                yield Finding(broken["ruleName"], where, broken["description"])


def checkov(assemblies: Sequence[Path]) -> Check:
    found = [each for assembly in assemblies for each in _checked(assembly)]
    return Check("checkov", found)


def _checked(assembly: Path) -> Iterator[Finding]:
    """Pass relative paths, because checkov takes forty characters of an absolute one for a secret."""
    options = ["--framework", "cloudformation", "--quiet", "--compact", "--skip-download", "--output", "json"]
    paths = [str(path.relative_to(ROOT)) for path in template_files(assembly)]
    templates = [word for path in paths for word in ("--file", path)]
    said = json.loads(_run("checkov", *templates, *options))
    for each in said["results"]["failed_checks"]:
        stack = Path(each["file_path"]).name.removesuffix(".template.json")
        where = f"{assembly.name}:{stack}/{name(each['resource'].rpartition('.')[2])}"
        yield Finding(each["check_id"], where, each["check_name"])


def lint(assemblies: Sequence[Path]) -> Check:
    templates = [str(path) for assembly in assemblies for path in template_files(assembly)]
    said = json.loads(_run("cfn-lint", "--format", "json", "--", *templates))
    return Check("cfn-lint", [_linted(each) for each in said])


def _linted(said: dict[str, Any]) -> Finding:
    path, at = Path(said["Filename"]), said["Location"]["Path"] or [""]
    stack = path.name.removesuffix(".template.json")
    return Finding(said["Rule"]["Id"], f"{path.parent.name}:{stack}/{name(str(at[1:2] and at[1]))}", said["Message"])


def audit() -> Check:
    """Count packages that pip-audit could not look up, because it reports them as without vulnerabilities."""
    findings, unasked, asked = [], 0, 0
    for lock in LOCKED:
        options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
        answer = _run("pip-audit", "--requirement", lock, *options)
        for each in json.loads(answer)["dependencies"] if answer else []:
            asked += 1
            unasked += "skip_reason" in each
            for known in each.get("vulns", []):
                fixed = ", ".join(known["fix_versions"]) or "no version"
                findings.append(Finding(known["id"], f"{lock}:{each['name']}", f"fixed in {fixed}"))
    unreachable = "" if asked and not unasked else f"PyPI's advisories: {unasked} of {asked} packages not asked about"
    return Check("pip-audit", findings, unreachable)


def secrets() -> Check:
    said = json.loads(_run("detect-secrets", "scan", "--exclude-files", NO_SECRETS))
    found = [each for found in said["results"].values() for each in found]
    return Check(
        "detect-secrets",
        [Finding(each["type"], each["filename"], f"line {each['line_number']}") for each in found],
    )


def _run(command: str, *words: str) -> str:
    """The scanner's output. Its exit code is ignored, because a finding makes it non-zero."""
    done = subprocess.run([BIN / command, *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - every word stands above
    with suppress(json.JSONDecodeError):
        json.loads(done.stdout)
        return done.stdout
    raise RuntimeError(f"{command} gave no answer: {done.stderr[-2000:] or done.stdout[-2000:]}")
