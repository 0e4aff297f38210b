"""The counts of a story, from the emulator's changes and the channels' messages, without the notifier's own records."""

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
#: The warning of a running hybrid job: a notification without a status at Braket.
FAILING = "FAILING"
_WARNED = re.compile(r"— hybrid job RUNNING, .*tasks? fail")

Expected = tuple[str, str, str]  # channel, ARN, status


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A notification in a message that a channel accepted: its id, the time, and whether in a digest."""

    id: str
    at: datetime
    digest: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of one story. Latencies are milliseconds from Braket's change to the channel's acceptance."""

    transitions: int
    expected: frozenset[str]
    accepted: Counter[str]
    by_sweep: int
    #: Of notifications sent at once, of those in digests, which wait on purpose, and of those by the sweep.
    latencies_ms: tuple[float, ...]
    digest_latencies_ms: tuple[float, ...]
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
        """The notifications that no route asks for."""
        return len(set(self.accepted) - self.expected)

    @property
    def good(self) -> bool:
        return not (self.lost or self.repeated or self.unasked)

    def line(self) -> str:
        """The last line of a run, for scripts."""
        return (
            f"transitions={self.transitions} delivered={self.delivered} lost={self.lost} repeated={self.repeated} "
            f"by_sweep={self.by_sweep} p50_ms={percentile(self.latencies_ms, 50)} "
            f"p99_ms={percentile(self.latencies_ms, 99)} digest_p50_ms={percentile(self.digest_latencies_ms, 50)} "
            f"digest_p99_ms={percentile(self.digest_latencies_ms, 99)}"
        )


def tally(changes: Sequence[Change], expected: Collection[Expected], accepted: Sequence[Acceptance]) -> Tally:
    """Compare expected with accepted notifications. A change whose events were all lost can only come by a sweep."""
    changed: Mapping[tuple[str, str], Change] = {(each.arn, each.status): each for each in changes}
    known = {id_of(each): changed[each[1:]] for each in expected if each[1:] in changed}
    seen = {each.arn for each in changes if not each.lost}
    at_once: list[float] = []
    in_digest: list[float] = []
    by_sweep: list[float] = []
    for each in accepted:
        if change := known.get(each.id):
            late = (each.at - change.at).total_seconds() * 1000
            (by_sweep if change.arn not in seen else in_digest if each.digest else at_once).append(late)
    counted = Counter(each.id for each in accepted)
    ids = frozenset(map(id_of, expected))
    return Tally(len(changes), ids, counted, len(by_sweep), tuple(at_once), tuple(in_digest), tuple(by_sweep))


def id_of(expected: Expected) -> str:
    """The notification's id, which is the same in every message that announces it."""
    channel, arn, status = expected
    return sha256(f"{arn}|{status}|{channel}".encode()).hexdigest()[:16]


def of_post(post: Post, channel: str) -> list[Acceptance]:
    """The notifications of a Slack post: a digest's new ids, or the one in another post's first text.

    A later edit of a card announces nothing.
    """
    if is_digest(post):
        ids = (post.metadata or {})["event_payload"]["ids"]
        return [Acceptance(each, post.edited_at or post.accepted_at, digest=True) for each in ids]
    blocks = (post.edits[0] if post.edits else post).blocks
    expected = (channel, _arn_in(f"{blocks}"), _status_in(blocks[0]["text"]["text"]))
    return [Acceptance(id_of(expected), post.accepted_at)]


def is_digest(post: Post) -> bool:
    return bool(post.metadata and post.metadata["event_type"] == "braket_digest")


def of_mail(mail: Mail, channel: str) -> Acceptance:
    """The notification of an e-mail, read from its body."""
    expected = (channel, _arn_in(mail.body), _status_in(mail.body.splitlines()[0]))
    return Acceptance(id_of(expected), mail.accepted_at)


def percentile(values: Sequence[float], share: int) -> int:
    """The nearest whole figure; -1 without values."""
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
