"""What was told, counted from what Braket's emulator changed and what the channels accepted, from nothing of ours."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles

from local.braket import Change
from local.inbox import Mail, Post

_ARN = re.compile(r"arn:aws[a-z-]*:braket:[a-z0-9-]+:\d{12}:(?:quantum-task|job)/[A-Za-z0-9-]+")
_STATUS = re.compile(r"— (?:hybrid job )?(RUNNING|COMPLETED|FAILED|CANCELLED)\b")

Told = tuple[str, str, str]  # channel, ARN, status


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One message that a channel accepted: which change of which resource it told, and when."""

    told: Told
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """The figures of one story; latencies are in milliseconds from Braket's change to the channel's acceptance."""

    transitions: int
    expected: frozenset[Told]
    accepted: Counter[Told]
    by_sweep: int
    latencies_ms: tuple[float, ...]
    sweep_latencies_ms: tuple[float, ...]

    @property
    def delivered(self) -> int:
        return sum(self.accepted.values())

    @property
    def lost(self) -> int:
        return len(self.expected - set(self.accepted))

    @property
    def repeated(self) -> int:
        return self.delivered - len(self.accepted)

    @property
    def unasked(self) -> int:
        """What nobody should have heard."""
        return len(set(self.accepted) - self.expected)

    @property
    def good(self) -> bool:
        return not (self.lost or self.repeated or self.unasked)

    def line(self) -> str:
        """The last line of a run, for scripts."""
        return (
            f"transitions={self.transitions} delivered={self.delivered} lost={self.lost} repeated={self.repeated} "
            f"by_sweep={self.by_sweep} p50_ms={percentile(self.latencies_ms, 50)} "
            f"p99_ms={percentile(self.latencies_ms, 99)}"
        )


def tally(changes: Sequence[Change], expected: Iterable[Told], accepted: Sequence[Acceptance]) -> Tally:
    """Compare what had to be told with what was; a change whose events were all lost can only come by a sweep."""
    changed: Mapping[tuple[str, str], Change] = {(each.arn, each.status): each for each in changes}
    seen = {each.arn for each in changes if not each.lost}
    found = [each for each in accepted if each.told[1:] in changed]
    by_event: list[float] = []
    by_sweep: list[float] = []
    for each in found:
        late = (each.at - changed[each.told[1:]].at).total_seconds() * 1000
        (by_event if each.told[1] in seen else by_sweep).append(late)
    counted = Counter(each.told for each in accepted)
    return Tally(len(changes), frozenset(expected), counted, len(by_sweep), tuple(by_event), tuple(by_sweep))


def of_post(post: Post, channel: str) -> Acceptance:
    """What a Slack post told, read from what a person can see of it."""
    headline = post.blocks[0]["text"]["text"]
    return Acceptance((channel, _arn_in(f"{post.blocks}"), _status_in(headline)), post.accepted_at)


def of_mail(mail: Mail, channel: str) -> Acceptance:
    """What an e-mail told, read from its body."""
    return Acceptance((channel, _arn_in(mail.body), _status_in(mail.body.splitlines()[0])), mail.accepted_at)


def percentile(values: Sequence[float], share: int) -> int:
    """The nearest whole figure; -1 where there is nothing to measure."""
    if len(values) < 2:  # noqa: PLR2004 - quantiles needs two
        return round(values[0]) if values else -1
    return round(quantiles(values, n=100, method="inclusive")[share - 1])


def _arn_in(text: str) -> str:
    found = _ARN.search(text)
    return found[0] if found else ""


def _status_in(text: str) -> str:
    found = _STATUS.search(text)
    return found[1] if found else ""
