"""What a scanner found, and which of it is acknowledged with a reason: all of that in `security/acknowledged.toml`."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

ACKNOWLEDGED = Path(__file__).with_name("acknowledged.toml")


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that one thing breaks."""

    rule: str
    where: str
    says: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Findings that are right as they are, and why; rule and where are patterns."""

    rule: str
    where: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        # The ids of rules have brackets in them, which are no pattern here.
        rule = self.rule.replace("[", "[[]")
        return fnmatchcase(finding.rule, rule) and fnmatchcase(finding.where, self.where)


@dataclass(frozen=True, slots=True)
class Look:
    """What came of one look: findings, and what could not be looked at."""

    name: str
    findings: Sequence[Finding] = ()
    unreachable: str = ""
    acknowledged: Sequence[Finding] = field(default=())

    def judged(self, known: Sequence[Acknowledgement]) -> "Look":
        fine = [each for each in self.findings if any(ack.covers(each) for ack in known)]
        return Look(self.name, [each for each in self.findings if each not in fine], self.unreachable, fine)


def acknowledgements(path: Path = ACKNOWLEDGED) -> list[Acknowledgement]:
    return [Acknowledgement(**each) for each in tomllib.loads(path.read_text(encoding="utf-8"))["acknowledged"]]


def stale(known: Iterable[Acknowledgement], looks: Sequence[Look]) -> Look:
    """An acknowledgement of nothing would hide what comes one day."""
    findings = [finding for look in looks for finding in look.findings]
    left = [each for each in known if not any(each.covers(finding) for finding in findings)]
    return Look("acknowledgements", [Finding("stale", each.rule, "acknowledges nothing; remove it") for each in left])
