"""The state machine and the soak with channels for people: grouped notifications are not lost."""

from collections import Counter
from dataclasses import replace
from typing import ClassVar

from braket_notifier.domain.policy import Person, Route
from tests.prove.result import Result
from tests.prove.soak.proof import SEED, soak
from tests.prove.state_machine.proof import Notifier, prove_of
from tests.prove.world import ENDS, POLICY, World
from tests.prove.world_braket import OWNERS
from tests.prove.world_check import account

#: The digest starts with the second notification of a group; two channels write to owners, of whom two are known.
SOON = replace(
    POLICY,
    digest_after=1,
    channels={**POLICY.channels, "dm": "slack", "mine": "email"},
    to_owner=("dm", "mine"),
    routes=(*POLICY.routes, Route(("dm",)), Route(("mine",), status=ENDS)),
    people=tuple(Person(name, f"U{name.upper()}", (f"tag:owner={name}",), email_digest="a1") for name in OWNERS[:2]),
)


def world(seed: int = 0) -> World:
    """Each of the two shared channels is the other's fallback; of a person it is the other address, or the team's."""
    people = {"dm": ("mine", "team-slack"), "mine": ("team-slack",)}
    fallbacks = {"team-slack": "mail", "mail": "team-slack"}
    return World(seed=seed, policy=SOON, digests=True, fallbacks=fallbacks, people_fallbacks=people)


class GroupedNotifier(Notifier):
    """An installation with channels for people."""

    tally: ClassVar[Counter[str]] = Counter()
    builds = world
    #: Notifications that went to a fallback.
    passed_on: ClassVar[Counter[str]] = Counter()

    def teardown(self) -> None:
        super().teardown()
        self.passed_on.update(row.notification.channel for row in self.world.ledger.rows.values() if row.passed_on)


def prove(*, long: bool) -> Result:
    """Two hundred runs of fifty steps, or three thousand; and five hundred resources, or five thousand."""
    machine = prove_of(GroupedNotifier, "grouped", 3000 if long else 200, long=long)
    resources = 5000 if long else 500
    soaked = soak(resources, SEED, world(SEED))
    found = account(soaked, given_up=False)
    edits = sum(post.edit for post in soaked.accepted.all)
    missed = (
        [] if edits > resources / 2 else [f"only {edits} of {resources} were grouped: the proof misses its subject"]
    )
    if min(GroupedNotifier.passed_on[each] for each in POLICY.channels) == 0:
        missed.append("nothing went to a fallback: the proof misses its subject")
    return Result(
        "grouped",
        machine.runs + resources,
        machine.lost + len(found.lost),
        machine.avoidable_repeats + found.avoidable,
        machine.unavoidable_repeats + found.unavoidable,
        (*machine.wrong, *found.wrong, *found.lost[:3], *missed),
    )
