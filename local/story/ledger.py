"""The notifier's own record of the notifications that their messages do not name: in digests, or given to handlers."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from braket_notifier.text.wording import plural
from local.story.tally import Acceptance, id_of

#: States of a delivery after which nothing more comes.
OVER = {"DELIVERED", "SUPERSEDED", "UNDELIVERED"}
#: Second key of a group's own row; its other rows are the notifications in it.
GROUP = "group"


@dataclass(frozen=True, slots=True)
class Held:
    """The channel of a notification that waits in a group, and when the group sends it."""

    channel: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Ledger:
    """The delivered notifications by channel, those whose delivery is over, and those that wait in a group."""

    delivered: Mapping[str, list[Acceptance]] = field(default_factory=dict)
    over: frozenset[str] = frozenset()
    waiting: Mapping[str, Held] = field(default_factory=dict)


def read_ledger(dynamodb: Any, table: str) -> Ledger:  # noqa: ANN401  a client of DynamoDB
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return ledger_of(
        [{key: next(iter(each.values())) for key, each in row.items()} for p in pages for row in p["Items"]]
    )


def ledger_of(rows: Iterable[Mapping[str, Any]]) -> Ledger:
    """Read the rows of the table `deliveries`: one for each delivery, and one for each notification in a group."""
    delivered: dict[str, list[Acceptance]] = {}
    over: set[str] = set()
    due: dict[str, datetime] = {}
    waits: dict[str, str] = {}
    for row in rows:
        channel, _, rest = row["partition"].partition("#")
        if row.get("state") in OVER:
            its_id = id_of((channel, rest, row["sort"]))
            over.add(its_id)
            if row["state"] == "DELIVERED":
                at = datetime.fromisoformat(row["at"])
                delivered.setdefault(channel, []).append(Acceptance(its_id, at))
        elif row["sort"] == GROUP and (pending := json.loads(row["words"]).get("pending")):
            due[row["partition"]] = datetime.fromisoformat(pending["due"])
        elif row.get("entry_state") == "waiting":
            waits[row["sort"].partition("#")[2]] = row["partition"]
    waiting = {
        each: Held(group.partition("#")[0], due[group])
        for each, group in waits.items()
        if group in due and each not in over
    }
    return Ledger(delivered, frozenset(over), waiting)


def waiting_lines(ledger: Ledger, zone: tzinfo) -> Iterator[str]:
    """A line for each channel that holds notifications."""
    channels: dict[str, list[datetime]] = {}
    for each in ledger.waiting.values():
        channels.setdefault(each.channel, []).append(each.until)
    for channel, times in channels.items():
        first = min(times).astimezone(zone)
        held = plural(len(times), "notification")
        yield f"{channel} holds {held} back, as its settings say, the first until {first:%H:%M}"
