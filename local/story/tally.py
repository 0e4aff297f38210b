"""The counts of a story, from the emulator's changes and the channels' messages."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
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

#: The percentiles of latencies that a run prints.
SHARES = (50, 99)
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
    #: The ids of the ends that must be accepted, and of everything that a route sends.
    expected: frozenset[str]
    routed: frozenset[str]
    accepted: Counter[str]
    #: The ids of notifications that quiet hours, a digest or another limit of the settings still hold.
    waiting: frozenset[str]
    by_sweep: int
    #: New messages in the channels of Slack, and those that repeat a card.
    posts: int
    copies: int
    #: Of notifications sent at once, of those in digests, which wait on purpose, and of those by the sweep.
    latencies_ms: tuple[float, ...]
    digest_latencies_ms: tuple[float, ...]
    sweep_latencies_ms: tuple[float, ...]
    #: Whether the notifier's amount for a task is not its price by the price list.
    mispriced: bool = False

    @property
    def delivered(self) -> int:
        return sum(self.accepted.values())

    @property
    def lost(self) -> int:
        return len(self.expected - set(self.accepted) - self.waiting)

    @property
    def repeated(self) -> int:
        return self.delivered - len(self.accepted)

    @property
    def unasked(self) -> int:
        """The notifications that no route asks for."""
        return len(set(self.accepted) - self.routed)

    @property
    def good(self) -> bool:
        return not (self.lost or self.repeated or self.unasked or self.mispriced)

    def line(self) -> str:
        """The last line of a run, for scripts, without the latencies of a way that nothing took."""
        counts = (
            f"transitions={self.transitions} delivered={self.delivered} waiting={len(self.waiting)} lost={self.lost} "
            f"repeated={self.repeated} by_sweep={self.by_sweep} posts={self.posts} copies={self.copies}"
        )
        return counts + "".join(
            f" {of}p{share}_ms={percentile(values, share)}"
            for of, values in (("", self.latencies_ms), ("digest_", self.digest_latencies_ms))
            if values
            for share in SHARES
        )


def tally(
    changes: Sequence[Change],
    ends: Collection[Expected],
    accepted: Sequence[Acceptance],
    *,
    others: Collection[Expected] = (),
    waiting: Collection[str] = (),
    posts: Sequence[Post] = (),
    mispriced: bool = False,
) -> Tally:
    """Compare expected with accepted notifications. A change whose events were all lost can only come by a sweep.

    `others`: what a route sends although nobody promises it.
    """
    changed: Mapping[tuple[str, str], Change] = {(each.arn, each.status): each for each in changes}
    known = {id_of(each): changed[each[1:]] for each in {*ends, *others} if each[1:] in changed}
    seen = {each.arn for each in changes if not each.lost}
    at_once: list[float] = []
    in_digest: list[float] = []
    by_sweep: list[float] = []
    for each in accepted:
        if change := known.get(each.id):
            late = (each.at - change.at).total_seconds() * 1000
            (by_sweep if change.arn not in seen else in_digest if each.digest else at_once).append(late)
    ids = frozenset(map(id_of, ends))
    return Tally(
        transitions=len(changes),
        expected=ids,
        routed=ids | frozenset(map(id_of, others)),
        accepted=(counted := Counter(each.id for each in accepted)),
        waiting=frozenset(waiting) - set(counted),
        by_sweep=len(by_sweep),
        posts=sum(map(is_in_channel, posts)),
        copies=len(list(copies(posts))),
        latencies_ms=tuple(at_once),
        digest_latencies_ms=tuple(in_digest),
        sweep_latencies_ms=tuple(by_sweep),
        mispriced=mispriced,
    )


def is_in_channel(post: Post) -> bool:
    """Whether a post stands in its channel, and not in a thread alone."""
    return post.thread_ts is None or post.reply_broadcast


def copies(posts: Sequence[Post]) -> Iterator[Post]:
    """The posts that repeat a card of their channel: everything that the card shows stands in them again."""
    cards = {(each.channel, each.ts): each for each in posts}
    for post in posts:
        card = cards.get((post.channel, post.thread_ts or ""))
        if card and is_in_channel(post) and _lines(card) <= _lines(post):
            yield post


def _lines(post: Post) -> set[str]:
    return {line for line in post.plain().splitlines() if line.strip()}


def id_of(expected: Expected) -> str:
    """The notification's id, which is the same in every message that announces it."""
    channel, arn, status = expected
    return sha256(f"{arn}|{status}|{channel}".encode()).hexdigest()[:16]


def of_post(post: Post) -> list[Acceptance]:
    """The notifications that a Slack post names in its metadata, which posts of a webhook lack.

    A digest adds ids with each edit. Any other post counts by its first text, because a later edit announces nothing.
    A list of executables announces nothing either.
    """
    if is_digest(post):
        ids = (post.metadata or {})["event_payload"]["ids"]
        return [Acceptance(each, post.edited_at or post.accepted_at, digest=True) for each in ids]
    metadata = (post.edits[0] if post.edits else post).metadata
    announces = metadata and metadata["event_type"] != "braket_executables"
    return [Acceptance(metadata["event_payload"]["id"], post.accepted_at)] if metadata and announces else []


def is_digest(post: Post) -> bool:
    return bool(post.metadata and post.metadata["event_type"] == "braket_digest")


def of_mail(mail: Mail, channel: str) -> list[Acceptance]:
    """The notification of an e-mail, read from its body, or of a topic's JSON; a digest by e-mail names none."""
    if is_json(mail):
        return [Acceptance(json.loads(mail.body)["id"], mail.accepted_at)]
    status, arn = _status_in(mail.body.splitlines()[0]), _arn_in(mail.body)
    return [Acceptance(id_of((channel, arn, status)), mail.accepted_at)] if status and arn else []


def is_json(mail: Mail) -> bool:
    """Whether a topic for programs sent it."""
    return mail.body.startswith("{")


def percentile(values: Sequence[float], share: int) -> int:
    """The nearest whole figure of at least one value."""
    if len(values) == 1:  # quantiles needs two
        return round(values[0])
    return round(quantiles(values, n=100, method="inclusive")[share - 1])


def _arn_in(text: str) -> str:
    found = _ARN.search(text)
    return found[0] if found else ""


def _status_in(text: str) -> str:
    if _WARNED.search(text):
        return FAILING
    found = _STATUS.search(text)
    return found[1] if found else ""
