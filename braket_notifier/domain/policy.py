"""The part of the settings that the functions follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Literal, get_args

ChannelType = Literal["slack", "email", "teams", "discord", "webhook", "topic", "bus", "handler", "digest-handler"]
#: A handler that gets messages and digests like a channel that people read.
DIGEST_HANDLER: ChannelType = "digest-handler"
#: Types of channels whose cards are edited, as far as a channel of the type can.
EDITED: frozenset[ChannelType] = frozenset({"slack", "discord"})
#: Types of channels that programs read; they get a status of the notifier's own only where a route names it.
MACHINES: frozenset[ChannelType] = frozenset({"topic", "bus", "handler"})
#: The alarms' addresses as the place of the weekly line; no channel can have this name.
ALARMS = "[alarms]"
Mention = Literal["nobody", "failures", "all"]
JobTasks = Literal["fold", "each", "ignore"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
#: Each weekday at the place that Python's `weekday()` gives it.
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
#: Conditions of a rule on one word; the empty one matches every transition.
KindCondition = Literal["", "task", "job"]
DeviceTypeCondition = Literal["", "qpu", "simulator"]
Period = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Route:
    """A rule that sends matching transitions to channels; an empty condition matches every transition."""

    to: tuple[str, ...]
    kind: KindCondition = ""
    device_type: DeviceTypeCondition = ""
    device: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    took_over_s: float | None = None
    partial: bool = False
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """A rule that keeps matching transitions from every channel, whatever routes and tags request.

    An empty condition matches every transition.
    """

    kind: KindCondition = ""
    device: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the team who owns resources.

    The person is known by a tag (`tag:owner=anna`), by an S3 prefix (`s3:*/anna/*`), or by who submitted the resource.
    """

    name: str
    slack: str = ""
    owns: tuple[str, ...] = ()
    #: The names of the person's IAM user or role sessions, as CloudTrail records them.
    signs_in_as: tuple[str, ...] = ()
    #: The SHA-256 digest of the person's e-mail address, which the functions do not know; empty without one.
    email_digest: str = ""


@dataclass(frozen=True, slots=True)
class HintRule:
    """A hint of the users' own, for failure reasons that match a regular expression."""

    pattern: str
    says: str


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount in USD that a batch, a device or a person may spend in a calendar period; all given ones must hold."""

    amount: float
    period: Period = "month"
    batch: str = ""
    device: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class Quiet:
    """A channel's quiet hours in the local time zone; only `passing` statuses are sent before they end.

    Without hours of its own (`begins` equals `ends`) it has quiet days alone.
    """

    begins: time = time(0)
    ends: time = time(0)
    passing: tuple[str, ...] = ()
    #: The days on which the hours begin; empty: on each day.
    days: tuple[Weekday, ...] = ()
    #: The days that are quiet from midnight to midnight.
    all_day: tuple[Weekday, ...] = ()


@dataclass(frozen=True, slots=True)
class Reservation:
    """A time for which a device is booked, known by the reservation's ARN or by its device."""

    begins: datetime
    ends: datetime
    arn: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class QuotaShares:
    """The share of each Braket quota, per region, that one function uses; the users' own programs need the rest.

    Functions cannot share a token bucket. Two batches of observe and a sweep run at once and take a fifth together.
    """

    observe: float = 0.08
    sweep: float = 0.04
    #: Share of the quotas of the operations that only the sweep calls.
    search: float = 0.2


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings for watching, routing and wording."""

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
    #: New messages of a channel in ten minutes, of any groups, after which one card shows the rest.
    flood_after: int = 10
    job_failing_share: float = 0.2
    job_failing_at_least: int = 5
    stale_after_s: int = 6 * 3600
    #: The time in the queue after which people are reminded of a quantum task; None for no such reminder.
    waiting_over_s: int | None = None
    #: Whether resources are announced that ended in the month before their region was first watched.
    announce_existing: bool = False
    read_results: bool = False
    #: Whether the sweep looks up who submitted a resource.
    who_submitted: bool = False
    #: The channel of the weekly line, or `ALARMS`; empty for none.
    weekly_to: str = ""
    #: Whether messages show the code that reads the results.
    show_code: bool = True
    #: Whether costs are computed and shown, and whether the sweep reads AWS's price list.
    money: bool = True
    fetch_prices: bool = True
    ignored: tuple[Ignored, ...] = ()
    people: tuple[Person, ...] = ()
    hint_rules: tuple[HintRule, ...] = ()
    quiet: Mapping[str, Quiet] = field(default_factory=dict)
    reservations: tuple[Reservation, ...] = ()
    muted_until: Mapping[str, datetime] = field(default_factory=dict)
    #: Reservations of the command `reserve`, which are in no settings file.
    reserved: tuple[Reservation, ...] = ()
    quotas: QuotaShares = QuotaShares()
    #: Channels that write to the owner of each resource alone, those of Slack first.
    to_owner: tuple[str, ...] = ()
    #: The channels of notices about money; empty without `[costs] to`.
    costs_to: tuple[str, ...] = ()
    #: Whether sums and budgets of persons are allowed.
    costs_by_person: bool = False
    budgets: tuple[Budget, ...] = ()
