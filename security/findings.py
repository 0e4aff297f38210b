"""Findings of the scanners, and the acknowledged ones with their reasons in `security/acknowledged.toml`."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

ACKNOWLEDGED = Path(__file__).with_name("acknowledged.toml")


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that one resource breaks."""

    rule: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Findings that are right as they are, with the reason. Rule and place are patterns."""

    rule: str
    where: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        # Escaped because the brackets in a rule's id are no pattern.
        rule = self.rule.replace("[", "[[]")
        return fnmatchcase(finding.rule, rule) and fnmatchcase(finding.where, self.where)


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check: findings, and the part that could not be reached."""

    name: str
    findings: Sequence[Finding] = ()
    unreachable: str = ""
    acknowledged: Sequence[Finding] = field(default=())

    def judged(self, known: Sequence[Acknowledgement]) -> "Check":
        fine = [each for each in self.findings if any(ack.covers(each) for ack in known)]
        return Check(self.name, [each for each in self.findings if each not in fine], self.unreachable, fine)


def acknowledgements(path: Path = ACKNOWLEDGED) -> list[Acknowledgement]:
    return [Acknowledgement(**each) for each in tomllib.loads(path.read_text(encoding="utf-8"))["acknowledged"]]


def stale(known: Iterable[Acknowledgement], checks: Sequence[Check]) -> Check:
    """Report acknowledgements that match no finding, because they would hide a later one."""
    findings = [finding for check in checks for finding in check.findings]
    left = [each for each in known if not any(each.covers(finding) for finding in findings)]
    return Check("acknowledgements", [Finding("stale", each.rule, "acknowledges nothing; remove it") for each in left])
