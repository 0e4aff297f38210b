"""The function `deliver` for a channel that people read: a digest's counts come from the table `snapshots`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.memory.channels import MemoryEditableChannel
from braket_notifier.bootstrap import channels, shared
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Children, Snapshot
from braket_notifier.domain.transition import Step, Transition
from braket_notifier.sending.wire import encode
from braket_notifier.tracking.ports import Cursor

ASnapshot = Callable[..., Snapshot]
RESERVED = "arn:aws:braket:eu-north-1:012345678901:reservation/3f2a"


@dataclass
class Room:
    """A bot's channel with a clock that only sleeping moves, and the tables."""

    account: Any
    context: Any
    a_transition: Callable[[Snapshot], Transition]
    now: datetime
    board: MemoryEditableChannel

    @property
    def store(self) -> DynamoSnapshots:
        return DynamoSnapshots(Table(boto3.client("dynamodb"), "snapshots"), 90)

    def sweeps(self) -> None:
        """A sweep begins and reads its whole region."""
        self.store.take_cursor("eu-north-1", owner="one", now=self.now, until=self.now)
        self.store.leave_cursor("eu-north-1", Cursor(watermark=self.now), owner="one")

    def knows(self, *snapshots: Snapshot) -> None:
        store = self.store
        for each in snapshots:
            store.record(each, Step(each.status, each.ended_at, "event"), announce=True, now=self.now)

    def deliver(self, *ended: Snapshot) -> Digest:
        """Deliver the notifications, and the held ones again after the group's wait. Return the digest."""
        self.knows(*ended)
        self.sweeps()
        bodies = [encode(Notification(self.a_transition(each), "team-slack")) for each in ended]
        for _ in range(2):
            self.account.function("deliver")(self.account.batch("slack", *bodies), self.context)
            self.now += timedelta(seconds=11)
        [digest] = [each.content for each in self.board.sent if isinstance(each.content, Digest)]
        return digest

    def sleeps(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def room(account: Any, context: Any, a_transition: Any, noon: datetime, monkeypatch: pytest.MonkeyPatch) -> Room:
    built = Room(account, context, a_transition, noon, MemoryEditableChannel())
    monkeypatch.setenv("SLACK_TOKEN", "ssm:/token")
    monkeypatch.setattr(channels, "channel", lambda: built.board)
    monkeypatch.setattr(shared, "now", lambda: built.now)
    monkeypatch.setattr(shared, "sleep", built.sleeps)
    return built


@pytest.mark.parametrize("still_open", [0, 2])
def test_a_digest_shows_how_many_of_its_batch_are_open(room: Room, a_task: ASnapshot, still_open: int) -> None:
    tags = {"batch": "ghz-scan"}
    room.knows(*(a_task("RUNNING", 10 + number, tags=tags) for number in range(still_open)))

    digest = room.deliver(*(a_task("COMPLETED", number, tags=tags) for number in range(5)))

    assert (digest.open, digest.closing, len(digest.transitions)) == (still_open, not still_open, 5)


def test_tasks_left_over_by_a_reservation_are_shown_with_its_other_tasks(room: Room, a_task: ASnapshot) -> None:
    room.knows(*(a_task("COMPLETED", 10 + number, reservation=RESERVED) for number in range(3)))

    digest = room.deliver(*(a_task("CANCELLED", number, reservation=RESERVED) for number in range(2)))

    assert (digest.open, digest.reservation) == (0, Children(5, completed=3, cancelled=2))
