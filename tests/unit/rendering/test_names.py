"""Whose a resource is, and who is mentioned where."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from braket_notifier.domain.policy import Mention, Person, Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.routing.owners import Owner, owner

ASnapshot = Callable[..., Snapshot]
ANNA = Person("Anna", "U01ABCDEF", ("tag:owner=anna", "s3:*/anna/*"))
BEN = Person("Ben", "", ("tag:owner=*",))


@pytest.fixture
def people(policy: Policy) -> Policy:
    return replace(policy, people=(ANNA, BEN))


@pytest.mark.parametrize(
    ("changes", "whose"),
    [
        ({"tags": {"owner": "anna"}}, "Anna"),
        ({"tags": {"owner": "ben"}}, "Ben"),
        ({"directory": "anna/ghz/834b21ed"}, "Anna"),
        # the first person in the settings wins
        ({"tags": {"owner": "ben"}, "directory": "anna/ghz"}, "Anna"),
        ({"tags": {"team": "anna"}}, None),
        ({"directory": "joanna/ghz"}, None),
        ({"bucket": "", "directory": "x/anna/y"}, None),
    ],
)
def test_a_person_owns_by_tag_or_by_folder(
    a_task: ASnapshot, people: Policy, changes: dict[str, Any], whose: str | None
) -> None:
    found = owner(a_task(**changes), people)

    assert (found.name if found else None) == whose


@pytest.mark.parametrize(
    ("mention", "failed", "slack"),
    [
        ("nobody", True, ""),
        ("failures", True, "U01ABCDEF"),
        ("failures", False, ""),
        ("all", False, "U01ABCDEF"),
    ],
)
def test_an_owner_is_mentioned_only_as_the_settings_say(
    a_task: ASnapshot, people: Policy, mention: Mention, failed: bool, slack: str
) -> None:
    said = replace(people, mentions={"team-slack": mention})
    task = a_task(tags={"owner": "anna"})

    assert owner(task, said, "team-slack", failed=failed) == Owner("Anna", slack)
    assert owner(task, said, "other", failed=failed) == Owner("Anna")  # nobody, unless somebody said so


@pytest.mark.parametrize("identity", ["", "anna", "U01>", "<!channel>", "B01ABCDEF"])
def test_only_a_user_s_id_makes_a_mention(a_task: ASnapshot, policy: Policy, identity: str) -> None:
    said = replace(policy, people=(Person("Eve", identity, ("tag:Name=*",)),), mentions={"team-slack": "all"})

    assert owner(a_task(), said, "team-slack") == Owner("Eve")
