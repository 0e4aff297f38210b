"""Announcements of amounts, which the settings may switch off while they wait."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from braket_notifier.adapters.memory.channels import MemoryChannel
from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.deliver import deliver
from braket_notifier.domain.announcement import announcement, arn_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.spending import PERSON
from braket_notifier.sending.claims import Sender
from tests.unit.grouping.channel_world import ChannelWorld

STATUSES = ["SPENDING_LIMIT 80 of 500 since 2026-11-01", "BUDGET full of 3 since 2026-11-20", "MONTH 2026-10"]


def notice(status: str, noon: datetime, channel: str = "team-slack") -> Notification:
    shown = Snapshot(arn_of("spending", "eu-north-1"), "CREATED", created_at=noon, ended_at=noon + timedelta(days=3))
    return announcement(shown, status, channel, at=noon)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("money", [True, False])
def test_an_amount_is_announced_unless_costs_were_switched_off_while_it_waited(
    policy: Policy, noon: datetime, status: str, *, money: bool
) -> None:
    world = ChannelWorld(replace(policy, money=money), noon)
    world.put(notice(status, noon))

    world.runs()

    [row] = world.ledger.rows.values()
    assert (len(world.board.sent), row.state) == ((1, "DELIVERED") if money else (0, "SUPERSEDED"))
    assert not world.queue.records


@pytest.mark.parametrize("by_person", [True, False])
def test_the_budget_of_a_person_is_left_out_if_sums_by_person_were_switched_off_while_it_waited(
    policy: Policy, noon: datetime, *, by_person: bool
) -> None:
    world = ChannelWorld(replace(policy, costs_by_person=by_person), noon)
    shown = Snapshot(arn_of("spending", "eu-north-1"), "CREATED", created_at=noon, tags={PERSON: "Anna"})
    world.put(announcement(shown, "BUDGET 80 of 500 since 2026-11-01", "team-slack", at=noon))

    world.runs()

    assert len(world.board.sent) == by_person
    assert not world.queue.records


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(("money", "after", "sent"), [(True, 1, 1), (False, 1, 0), (True, 4, 0)])
def test_a_program_gets_an_amount_unless_its_time_is_over_or_costs_were_switched_off(
    policy: Policy, noon: datetime, status: str, after: int, sent: int, *, money: bool
) -> None:
    channel, ledger = MemoryChannel(), MemoryLedger()
    now = noon + timedelta(days=after)
    sender = Sender(channel, ledger, lambda: now, lambda: 60.0, policy=lambda: replace(policy, money=money))

    results = [deliver(notice(status, noon, "topic"), sender, owner) for owner in ("one", "two")]

    assert [each.notifications for each in results] == [sent, 0]
    assert len(channel.taken) == sent
    assert [row.state for row in ledger.rows.values()] == ["DELIVERED" if sent else "SUPERSEDED"]
