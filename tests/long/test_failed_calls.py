"""One call of a table or lease that fails, before or after its effect, repeats nothing that could be marked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from braket_notifier.adapters.slack import channels
from braket_notifier.deliver import deliver
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import DeferError
from tests.long.outage_world import OutageWorld

ENDS = 8
#: The one call after the channel's acceptance that nothing can replace, if it fails.
MARK = "delivered"


class CallFailedError(Exception):
    """A call of a table that botocore has repeated in vain."""


@dataclass
class Failing:
    """A port of which the numbered call fails, over all ports of one plan."""

    port: Any
    plan: "Plan"

    def __getattr__(self, name: str) -> Any:
        return partial(self.plan.call, name, getattr(self.port, name))


@dataclass
class Plan:
    """The call that fails (0: none), and whether it had its effect."""

    fails_at: int
    effective: bool
    calls: int = 0
    failed: str = ""

    def call(self, name: str, call: Callable[..., Any], *given: Any, **named: Any) -> Any:
        self.calls += 1
        if self.calls != self.fails_at:
            return call(*given, **named)
        self.failed = name
        if self.effective:
            call(*given, **named)
        raise CallFailedError(name)


@dataclass
class FailingWorld(OutageWorld):
    """A record over which the function fails comes again after its visibility timeout."""

    def watched_by(self, plan: Plan) -> None:
        self.ledger, self.leases = Failing(self.ledger, plan), Failing(self.leases, plan)
        self.groups, self.cards = Failing(self.groups, plan), Failing(self.cards, plan)  # type: ignore[assignment]  # ports

    def _works(self) -> None:
        try:
            batch, sender = self.queue.receive(self.now, most=100), self.sender()
            for record in batch:
                try:
                    deliver(record.content, sender, str(self.now))
                except DeferError as wait:
                    self.queue.defer(record.number, self.now + timedelta(seconds=wait.seconds))
                except CallFailedError:
                    continue
                else:
                    self.queue.delete([record.number])
            if sender and sender.lease:
                sender.lease.end()
        except CallFailedError:  # of the lease
            return


@pytest.fixture
def played(
    policy: Policy,
    noon: datetime,
    a_task: Callable[..., Snapshot],
    a_transition: Callable[..., Transition],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str, Plan], FailingWorld]:
    def play(kind: str, plan: Plan) -> FailingWorld:
        world = FailingWorld(policy, noon, kind)
        monkeypatch.setattr(channels, "call", world.service.slack)
        world.watched_by(plan)
        for number in range(ENDS):
            status, after = "FAILED" if number == 5 else "COMPLETED", timedelta(seconds=number)
            ended = a_task(status, number, ended_at=noon + after, tags={"batch": "sweep"})
            world.put(Notification(a_transition(ended), "team-slack"), after)
        world.runs(timedelta(hours=1))
        return world

    return play


@pytest.mark.parametrize("effective", [False, True])
@pytest.mark.parametrize("kind", ["bot", "webhook", "email"])
def test_a_failed_call_of_a_table_repeats_at_most_the_one_notification_that_it_did_not_mark(
    played: Callable[[str, Plan], FailingWorld], kind: str, *, effective: bool
) -> None:
    calm = Plan(0, effective)
    played(kind, calm)
    for number in range(1, calm.calls + 1):
        plan = Plan(number, effective)
        world = played(kind, plan)

        repeated = [id_ for id_, copies in world.service.copies.items() if copies > 1]
        marked = [ids for ids, may_repeat in world.service.accepted if may_repeat]
        unmarked = plan.failed == MARK and not effective
        assert len(world.service.shown) == ENDS, plan
        assert len(repeated) <= unmarked, plan
        assert len(marked) <= unmarked, plan
        assert world.service.unmarked_repeats() == [], plan
        assert not world.queue.records, plan
