"""The state of each group in each channel, and the place of each card: rows of the table `deliveries`."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from braket_notifier.adapters.dynamodb.table import ConditionRefusedError, Row, Table
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Arn
from braket_notifier.errors import MalformedNotificationError
from braket_notifier.grouping.group import Group
from braket_notifier.grouping.ports import Card, Entry
from braket_notifier.sending.wire import decode, encode
from braket_notifier.text.json_fields import iso, moment, text, whole

#: The lifetime of a group's rows, longer than any record waits in a queue.
KEPT = timedelta(days=15)
CARD_KEPT = timedelta(days=120)
_LONGEST = 10**6
_STATE = "group"
_WAITING, _SHOWN, _DROPPED = "waiting", "shown", "dropped"


class DynamoGroups:
    """The port `Groups`: one row for the group and one for each notification of an episode, under the same key."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, channel: str, key: str) -> Group:
        row = self._table.get(_key(channel, key, _STATE))
        return _group(row) if row else Group()

    def save(self, channel: str, key: str, group: Group, *, now: datetime) -> bool:
        """Save the group if its version is unchanged, or if botocore repeated this write after a lost answer."""
        words = json.dumps(asdict(group), default=_iso, sort_keys=True)
        sets = {"words": ":words", "version": ":next", "expires": ":expires"}
        values = {":words": words, ":version": group.version, ":next": group.version + 1, ":expires": _expires(now)}
        new = "attribute_not_exists(#version)" if group.version == 0 else "#version = :version"
        used = {name: value for name, value in values.items() if name != ":version" or group.version}
        try:
            self._table.update(_key(channel, key, _STATE), sets, used, condition=new)
        except ConditionRefusedError as refused:
            return refused.row.get("words") == words and refused.row.get("version") == group.version + 1
        return True

    def add(self, key: str, episode: int, entry: Entry, *, now: datetime) -> None:
        notification = entry.notification
        sets = {"stands": ":stands", "notification": ":notification", "expires": ":expires"}
        values: dict[str, object] = {
            ":stands": _SHOWN if entry.shown else _WAITING,
            ":notification": encode(notification),
            ":expires": _expires(now),
        }
        if not entry.shown:
            values[":shown"] = _SHOWN
        place = _key(notification.channel, key, _entry(episode, notification))
        condition = None if entry.shown else "attribute_not_exists(#stands) OR #stands <> :shown"
        try:
            self._table.update(place, sets, values, condition=condition)
        except ConditionRefusedError:
            return  # a message has shown it already

    def drop(self, key: str, episode: int, notification: Notification) -> None:
        place = _key(notification.channel, key, _entry(episode, notification))
        self._table.update(place, {"stands": ":dropped"}, {":dropped": _DROPPED})

    def entries(self, channel: str, key: str, episode: int) -> Sequence[Entry]:
        rows = self._table.beside({"arn": _partition(channel, key)}, f"{episode:08d}#")
        return list(_entries(row for row in rows if row["stands"] != _DROPPED))


class DynamoCards:
    """The port `Cards`: one row beside the resource's delivery rows."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, channel: str, arn: Arn) -> Card | None:
        row = self._table.get({"arn": arn.text, "channel": f"{channel}#card"})
        return Card(text(row["place"]), float(cast("Decimal", row["shows"]))) if row else None

    def save(self, channel: str, arn: Arn, card: Card, *, now: datetime) -> None:
        sets = {"place": ":place", "shows": ":shows", "expires": ":expires"}
        values = {
            ":place": card.place,
            ":shows": Decimal(str(card.order)),
            ":expires": int((now + CARD_KEPT).timestamp()),
        }
        self._table.update({"arn": arn.text, "channel": f"{channel}#card"}, sets, values)


def _entries(rows: Iterable[Row]) -> Iterator[Entry]:
    """Skip rows written by a newer version; their queue records still deliver them."""
    for row in rows:
        try:
            yield Entry(decode(text(row["notification"], most=_LONGEST)), row["stands"] == _SHOWN)
        except MalformedNotificationError:
            continue


def _group(row: Row) -> Group:
    """Read a group's row; a missing attribute of an older version has its default."""
    words: Mapping[str, object] = json.loads(text(row["words"], most=_LONGEST))
    return Group(
        episode=whole("episode", words.get("episode")) or 0,
        single_times=tuple(at for each in cast("list[str]", words.get("single_times", [])) if (at := moment(each))),
        added_at=moment(words.get("added_at")),
        flush_at=moment(words.get("flush_at")),
        opened_at=moment(words.get("opened_at")),
        shown_at=moment(words.get("shown_at")),
        place=text(words.get("place")),
        failed=bool(words.get("failed")),
        owing=bool(words.get("owing")),
        over=bool(words.get("over")),
        retrying=bool(words.get("retrying")),
        version=whole("version", row["version"]) or 0,
    )


def _iso(value: object) -> str | None:
    return iso(cast("datetime", value))


def _expires(now: datetime) -> int:
    return int((now + KEPT).timestamp())


def _partition(channel: str, key: str) -> str:
    return f"group#{channel}#{key}"


def _key(channel: str, key: str, row: str) -> dict[str, object]:
    return {"arn": _partition(channel, key), "channel": row}


def _entry(episode: int, notification: Notification) -> str:
    return f"{episode:08d}#{notification.id}"
