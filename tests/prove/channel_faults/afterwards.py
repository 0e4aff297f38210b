"""Faults that a second message meets: a connection that was reset while it was idle, and a card that was deleted."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast
from urllib.parse import unquote_plus

from braket_notifier import deliver
from braket_notifier.adapters.memory.groups import MemoryCards, MemoryGroups
from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.adapters.memory.queues import MemoryCloseTimer
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.adapters.slack.channels import SlackBot
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import DeferError
from braket_notifier.grouping.ports import Card, EditableChannel, GroupingPorts, HumanSender
from braket_notifier.rendering.compose import Compose
from braket_notifier.sending.claims import Sender
from braket_notifier.sending.ports import Channel
from tests import canary
from tests.idle_server import idle_server
from tests.prove.channel_faults.faults import JSON
from tests.prove.channel_faults.samples import NOON, POLICY, a_notification
from tests.prove.wire import Treatment, Wire, http

MARK = "may repeat an earlier"


@dataclass
class Afterwards:
    """The messages of one fault, with those that were lost, repeated or wrong."""

    name: str
    bodies: list[str] = field(default_factory=list)
    expected: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        return max(0, self.expected - len(self.bodies))

    @property
    def repeats(self) -> int:
        return max(0, len(self.bodies) - self.expected)

    def accepted(self, bodies: list[bytes], expected: int) -> None:
        self.bodies, self.expected = [unquote_plus(body.decode()) for body in bodies], expected
        self.check(len(bodies) == expected, f"{len(bodies)} messages, not {expected}")
        self.check(not any(MARK in body for body in self.bodies), "a mark without a doubt")

    def check(self, ok: bool, what: str) -> None:
        if not ok:
            self.wrong.append(f"{self.name}: {what}")


def other(channel: str) -> Notification:
    """The end of another task."""
    first = a_notification(channel).transition
    arn = replace(first.arn, text=first.arn.text.replace("000000000001", "000000000002"))
    return Notification(replace(first, snapshot=replace(first.snapshot, arn=arn)), channel)


def idle_reset(kind: str, make: Callable[[str], Channel], taken: bytes) -> Afterwards:
    """The server keeps the first message's connection, and resets whatever request comes next on it."""
    found, ledger = Afterwards(f"{kind}, idle reset"), MemoryLedger()
    head, _, body = taken.partition(b"\r\n\r\n")
    content_type = head.partition(b"Content-Type: ")[2].partition(b"\r\n")[0].decode()
    with idle_server(lambda _line, _body: (content_type, body)) as server:
        sender = Sender(make(server.url), ledger, lambda: NOON, lambda: 60.0)
        for number, notification in enumerate((a_notification("team-slack"), other("team-slack"))):
            try:
                deliver.deliver(notification, sender, owner=f"{number}")
            except DeferError as error:
                found.check(ok=False, what=f"message {number + 1}: {error}")
            server.rest()
        found.accepted(server.answered, 2)
        found.check(server.resets == 0, "a message over a connection that was idle")
    return found


def orphaned_reply(compose: Compose) -> Afterwards:
    """Slack posts the reply to a deleted card by itself: it is sent once, and the next message is a new card."""
    found, cards, ledger = Afterwards("bot, orphaned reply"), MemoryCards(), MemoryLedger()
    first = a_notification("team-slack")
    corrected = replace(first.transition.snapshot, status="FAILED")
    second = replace(first.transition, snapshot=corrected, status="FAILED", correction=True, version=3)
    cards.save("team-slack", first.transition.arn, Card("C1/1.0", 0), now=NOON)
    answer = http(200, '{"ok":true,"ts":"2.0","message":{"text":"orphan"}}', JSON)
    with Wire(Treatment(answer=answer, accepts=True)) as wire:
        sender = _sender(SlackBot(canary.Secret(), "C1", compose, wire.url), cards, ledger)
        for number, notification in enumerate((first, first, Notification(second, "team-slack"))):
            deliver.deliver(notification, sender, owner=f"{number}")
            if number == 1:
                found.check(cards.cards["team-slack", first.transition.arn].place == "", "the card is not forgotten")
                found.check(len(wire.accepted) == 1, "the orphaned reply was repeated or followed")
        found.accepted(wire.accepted, 2)
    threads = ["thread_ts" in body for body in found.bodies]
    found.check(threads == [True, False], f"replies: {threads}")
    found.check(cards.cards["team-slack", first.transition.arn].place == "C1/2.0", "the new card is not known")
    return found


def _sender(bot: SlackBot, cards: MemoryCards, ledger: MemoryLedger) -> HumanSender:
    there = cast("EditableChannel", bot)
    ports = GroupingPorts(there, there, MemoryGroups(), cards, MemoryCloseTimer(), POLICY, MemorySnapshots())
    return HumanSender(there, ledger, lambda: NOON, lambda: 60.0, ports=ports)
