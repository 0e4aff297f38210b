"""The state of each group in each channel, and the place of each card: rows of the table `deliveries`."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import cast

from braket_notifier.adapters.dynamodb.delivery_keys import (
    PARTITION,
    SORT,
    VISIT_AT,
    VISIT_IN,
    card_key,
    entries_of,
    entry_key,
    expires,
    group_key,
    visits_of,
)
from braket_notifier.adapters.dynamodb.row_format import if_readable, of_this_version
from braket_notifier.adapters.dynamodb.table import ConditionRefusedError, Row, Table
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Arn
from braket_notifier.errors import MalformedNotificationError, NewerVersionError
from braket_notifier.grouping.group import Group, OpenCard, Pending
from braket_notifier.grouping.ports import Card, Entry
from braket_notifier.sending.fallback import is_for_team
from braket_notifier.sending.wire import decode, encode
from braket_notifier.text.json_fields import iso, moment, text, whole

_LONGEST = 10**6
_WAITING, _SHOWN, _DROPPED = "waiting", "shown", "dropped"


class DynamoGroups:
    """The port `Groups`: one row for the group and one for each notification of an episode, under the same key."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, channel: str, key: str) -> Group:
        row = self._table.get(group_key(channel, key))
        return _group(row) if row else Group()

    def save(self, channel: str, key: str, group: Group, *, now: datetime, visit_at: datetime | None) -> bool:
        """Save the group if its version is unchanged, or if botocore repeated this write after a lost answer."""
        words = json.dumps(asdict(group), default=iso, sort_keys=True)
        sets = {"words": ":words", "version": ":next", "expires": ":expires"}
        values = {":words": words, ":next": group.version + 1, ":expires": expires(now)}
        values |= {":version": group.version} if group.version else {}
        if visit_at:
            sets |= {VISIT_IN: ":visit_in", VISIT_AT: ":visit_at"}
            values |= {":visit_in": visits_of(channel), ":visit_at": iso(visit_at)}
        removed = () if visit_at else (VISIT_AT,)
        new = "attribute_not_exists(#version)" if group.version == 0 else "#version = :version"
        try:
            self._table.update(group_key(channel, key), sets, values, condition=new, remove=removed)
        except ConditionRefusedError as refused:
            return refused.row.get("words") == words and refused.row.get("version") == group.version + 1
        return True

    def to_visit(self, channel: str) -> Sequence[str]:
        prefix = str(entries_of(channel, "")[PARTITION])
        partitions = [str(row[PARTITION]) for row in self._table.index(VISIT_IN, visits_of(channel))]
        return [each.removeprefix(prefix) for each in partitions if each.startswith(prefix)]

    def add(self, key: str, episode: int, entry: Entry, *, now: datetime) -> None:
        notification = entry.notification
        sets = {"entry_state": ":entry_state", "notification": ":notification", "expires": ":expires"}
        sets["routed"] = "if_not_exists(#routed, :routed)"
        values: dict[str, object] = {
            ":entry_state": _SHOWN if entry.shown else _WAITING,
            ":notification": encode(notification),
            ":expires": expires(now),
            ":routed": entry.routed,
        }
        if is_for_team(notification):
            sets["notification"] = "if_not_exists(#notification, :notification)"
        row_key = entry_key(notification.channel, key, _sort_of(episode, notification))
        if entry.shown:
            self._table.update(row_key, sets, values)
        else:  # unless a message has shown it already
            condition = "attribute_not_exists(#entry_state) OR #entry_state <> :shown"
            self._table.updated(row_key, sets, {**values, ":shown": _SHOWN}, condition=condition)

    def drop(self, key: str, episode: int, notification: Notification) -> None:
        row_key = entry_key(notification.channel, key, _sort_of(episode, notification))
        self._table.update(row_key, {"entry_state": ":dropped"}, {":dropped": _DROPPED})

    def entries(self, channel: str, key: str, episode: int) -> Sequence[Entry]:
        rows = self._table.beside(entries_of(channel, key), {SORT: f"{episode:08d}#"})
        return list(_entries(row for row in rows if row.get("entry_state") != _DROPPED))


class DynamoCards:
    """The port `Cards`: one row beside the resource's delivery rows."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, channel: str, arn: Arn) -> Card | None:
        """A card of a newer version is none, because a new message loses nothing."""
        row = self._table.get(card_key(channel, arn))
        return if_readable(_card, row) if row else None

    def save(self, channel: str, arn: Arn, card: Card, *, now: datetime) -> None:
        sets = {"place": ":place", "shows": ":shows", "expires": ":expires"}
        values = {":place": card.place, ":shows": Decimal(str(card.order)), ":expires": expires(now)}
        self._table.update(card_key(channel, arn), sets, values)


def _entries(rows: Iterable[Row]) -> Iterator[Entry]:
    """Skip rows written by a newer version; their queue records still deliver them."""
    for row in rows:
        try:
            yield _entry(row)
        except (MalformedNotificationError, NewerVersionError):
            continue


@of_this_version
def _entry(row: Row) -> Entry:
    notification = decode(text(row["notification"], most=_LONGEST))
    return Entry(notification, row["entry_state"] == _SHOWN, routed=bool(row.get("routed")))


@of_this_version
def _card(row: Row) -> Card:
    return Card(text(row["place"]), float(cast("Decimal", row["shows"])))


@of_this_version
def _group(row: Row) -> Group:
    """Read a group's row; a missing attribute of an older version has its default."""
    words: Mapping[str, object] = json.loads(text(row["words"], most=_LONGEST))
    return Group(
        episode=whole("episode", words.get("episode")) or 0,
        earlier=bool(words.get("earlier", words.get("episode"))),
        single_times=tuple(at for each in cast("list[str]", words.get("single_times", [])) if (at := moment(each))),
        added_at=moment(words.get("added_at")),
        shown_at=moment(words.get("shown_at")),
        over=bool(words.get("over")),
        awaits_sweep=bool(words.get("awaits_sweep")),
        pending=_pending(_members(words, "pending")),
        card=_open_card(_members(words, "card")),
        version=whole("version", row["version"]) or 0,
    )


def _pending(words: Mapping[str, object]) -> Pending | None:
    due = moment(words.get("due"))
    return Pending(due, bool(words.get("retrying")), bool(words.get("held"))) if due else None


def _open_card(words: Mapping[str, object]) -> OpenCard | None:
    opened_at, owing = moment(words.get("opened_at")), words.get("owing")
    if opened_at is None:
        return None
    return OpenCard(
        text(words.get("place")),
        opened_at,
        failed=bool(words.get("failed")),
        owing=tuple(map(text, owing)) if isinstance(owing, list) else (),
        announced_at=moment(words.get("announced_at")),
        warned=bool(words.get("warned")),
    )


def _members(words: Mapping[str, object], name: str) -> Mapping[str, object]:
    return cast("Mapping[str, object]", words.get(name) or {})


def _sort_of(episode: int, notification: Notification) -> str:
    return f"{episode:08d}#{notification.id}"
