"""What was told, counted from what Braket's emulator changed and what the channels accepted, from nothing of ours."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from statistics import quantiles

from local.braket.emulator import Change
from local.inbox.inbox import Mail, Post

_ARN = re.compile(r"arn:aws[a-z-]*:braket:[a-z0-9-]+:\d{12}:(?:quantum-task|job)/[A-Za-z0-9-]+")
_STATUS = re.compile(r"— (?:hybrid job )?(RUNNING|COMPLETED|FAILED|CANCELLED)\b")
#: A hybrid job is RUNNING, and its owner is warned: of no status at Braket, but of something to be told once.
FAILING = "FAILING"
_WARNED = re.compile(r"— hybrid job RUNNING, .*tasks? fail")

Told = tuple[str, str, str]  # channel, ARN, status


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One change of one resource that a channel accepted in a message: by the id it goes by, and when."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """The figures of one story; latencies are in milliseconds from Braket's change to the channel's acceptance."""

    transitions: int
    expected: frozenset[str]
    accepted: Counter[str]
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


def tally(changes: Sequence[Change], expected: Collection[Told], accepted: Sequence[Acceptance]) -> Tally:
    """Compare what had to be told with what was; a change whose events were all lost can only come by a sweep."""
    changed: Mapping[tuple[str, str], Change] = {(each.arn, each.status): each for each in changes}
    known = {id_of(told): changed[told[1:]] for told in expected if told[1:] in changed}
    seen = {each.arn for each in changes if not each.lost}
    by_event: list[float] = []
    by_sweep: list[float] = []
    for each in accepted:
        if change := known.get(each.id):
            late = (each.at - change.at).total_seconds() * 1000
            (by_event if change.arn in seen else by_sweep).append(late)
    counted = Counter(each.id for each in accepted)
    ids = frozenset(map(id_of, expected))
    return Tally(len(changes), ids, counted, len(by_sweep), tuple(by_event), tuple(by_sweep))


def id_of(told: Told) -> str:
    """The id under which a channel is told of a status of a resource, once, whatever message tells it."""
    channel, arn, status = told
    return sha256(f"{arn}|{status}|{channel}".encode()).hexdigest()[:16]


def of_post(post: Post, channel: str) -> list[Acceptance]:
    """What a Slack post told: a digest by the ids that it adds now, another by what a person could see of it at first.

    A card that is edited later announces nothing more.
    """
    if is_digest(post):
        ids = (post.metadata or {})["event_payload"]["ids"]
        return [Acceptance(each, post.edited_at or post.accepted_at) for each in ids]
    blocks = (post.edits[0] if post.edits else post).blocks
    told = (channel, _arn_in(f"{blocks}"), _status_in(blocks[0]["text"]["text"]))
    return [Acceptance(id_of(told), post.accepted_at)]


def is_digest(post: Post) -> bool:
    return bool(post.metadata and post.metadata["event_type"] == "braket_digest")


def of_mail(mail: Mail, channel: str) -> Acceptance:
    """What an e-mail told, read from its body."""
    told = (channel, _arn_in(mail.body), _status_in(mail.body.splitlines()[0]))
    return Acceptance(id_of(told), mail.accepted_at)


def percentile(values: Sequence[float], share: int) -> int:
    """The nearest whole figure; -1 where there is nothing to measure."""
    if len(values) < 2:  # noqa: PLR2004 - quantiles needs two
        return round(values[0]) if values else -1
    return round(quantiles(values, n=100, method="inclusive")[share - 1])


def _arn_in(text: str) -> str:
    found = _ARN.search(text)
    return found[0] if found else ""


def _status_in(text: str) -> str:
    if _WARNED.search(text):
        return FAILING
    found = _STATUS.search(text)
    return found[1] if found else ""
