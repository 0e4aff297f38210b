"""The part of the settings that decides who is told what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Literal

ChannelType = Literal["slack", "email", "topic", "handler"]
Mention = Literal["nobody", "failures", "all"]
JobTasks = Literal["fold", "each", "ignore"]


@dataclass(frozen=True, slots=True)
class Route:
    """Which transitions go to which channels; an empty condition matches everything."""

    to: tuple[str, ...]
    kind: str = ""
    device_type: str = ""
    device: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    took_over_s: float | None = None
    partial: bool = False
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """What is told to nobody, whatever the routes and tags say; an empty condition matches everything."""

    kind: str = ""
    device: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """Who owns resources, known by a tag (`tag:owner=anna`) or by an S3 prefix (`s3:*/anna/*`)."""

    name: str
    slack: str = ""
    owns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HintRule:
    """A user's own hint: what to do about failure reasons that match a regular expression."""

    pattern: str
    says: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """A channel's quiet hours in the local time zone; what they hold is told afterwards, `passing` statuses at once."""

    begins: time
    ends: time
    passing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuotaShares:
    """The share of each of Braket's quotas, per region, that one function takes: users' own programs need them too.

    Functions cannot share a bucket. Two batches of observe run at once, so that all of it stays within a fifth.
    """

    observe: float = 0.08
    sweep: float = 0.04
    #: Of SearchQuantumTasks and SearchJobs, which nobody but the sweep asks.
    search: float = 0.2


@dataclass(frozen=True, slots=True)
class Policy:
    """What the settings say about watching, routing and wording."""

    regions: tuple[str, ...]
    time_zone: str
    channels: Mapping[str, ChannelType]
    routes: tuple[Route, ...]
    partial_below: float = 0.95
    retention_days: int = 90
    mentions: Mapping[str, Mention] = field(default_factory=dict)
    collect_s: Mapping[str, int] = field(default_factory=dict)
    job_tasks: JobTasks = "fold"
    digest_after: int = 3
    digest_window_s: int = 600
    job_failing_share: float = 0.2
    job_failing_at_least: int = 5
    stale_after_s: int = 6 * 3600
    #: What ended in the month before a region was first watched is told too, late as it is.
    announce_existing: bool = False
    read_results: bool = False
    #: Ends are kept in the index that the status board reads.
    lists_ends: bool = False
    ignored: tuple[Ignored, ...] = ()
    people: tuple[Person, ...] = ()
    hint_rules: tuple[HintRule, ...] = ()
    quiet: Mapping[str, Quiet] = field(default_factory=dict)
    muted_until: Mapping[str, datetime] = field(default_factory=dict)
    quotas: QuotaShares = QuotaShares()
