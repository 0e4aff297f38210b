"""Groups and cards in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Arn
from braket_notifier.grouping.group import Group
from braket_notifier.grouping.ports import Card, Entry
from braket_notifier.sending.fallback import is_for_team


@dataclass
class MemoryGroups:
    """The state of each group in each channel, and the notifications of each episode."""

    groups: dict[tuple[str, str], Group] = field(default_factory=dict)
    added: dict[tuple[str, str, int], dict[str, Entry]] = field(default_factory=dict)

    #: When each group is to be visited.
    visits: dict[tuple[str, str], datetime | None] = field(default_factory=dict)

    def get(self, channel: str, key: str) -> Group:
        return self.groups.get((channel, key), Group())

    def save(self, channel: str, key: str, group: Group, *, now: datetime, visit_at: datetime | None) -> bool:  # noqa: ARG002 - memory keeps everything
        if self.get(channel, key).version != group.version:
            return False
        self.groups[channel, key] = replace(group, version=group.version + 1)
        self.visits[channel, key] = visit_at
        return True

    def to_visit(self, channel: str) -> Sequence[str]:
        return [key for (of, key), at in self.visits.items() if of == channel and at]

    def add(self, key: str, episode: int, entry: Entry, *, now: datetime) -> None:  # noqa: ARG002 - as above
        entries = self.added.setdefault((entry.notification.channel, key, episode), {})
        before = entries.get(entry.notification.id, entry)
        kept = before.notification if is_for_team(entry.notification) else entry.notification
        entries[entry.notification.id] = Entry(kept, entry.shown or before.shown, before.routed)

    def drop(self, key: str, episode: int, notification: Notification) -> None:
        self.added.get((notification.channel, key, episode), {}).pop(notification.id, None)

    def entries(self, channel: str, key: str, episode: int) -> Sequence[Entry]:
        return list(self.added.get((channel, key, episode), {}).values())


@dataclass
class MemoryCards:
    """The place of each card."""

    cards: dict[tuple[str, Arn], Card] = field(default_factory=dict)

    def get(self, channel: str, arn: Arn) -> Card | None:
        return self.cards.get((channel, arn))

    def save(self, channel: str, arn: Arn, card: Card, *, now: datetime) -> None:  # noqa: ARG002 - as above
        self.cards[channel, arn] = card
