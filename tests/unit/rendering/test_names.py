"""The owner of a resource, and the mention in a message."""

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
    ("changes", "expected"),
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
def test_a_person_owns_resources_by_tag_or_by_folder(
    a_task: ASnapshot, people: Policy, changes: dict[str, Any], expected: str | None
) -> None:
    person = owner(a_task(**changes), people)

    assert (person.name if person else None) == expected


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
    mentioning = replace(people, mentions={"team-slack": mention})
    task = a_task(tags={"owner": "anna"})

    assert owner(task, mentioning, "team-slack", failed=failed) == Owner("Anna", slack)
    assert owner(task, mentioning, "other", failed=failed) == Owner("Anna")  # no mention by default


@pytest.mark.parametrize("identity", ["", "anna", "U01>", "<!channel>", "B01ABCDEF"])
def test_only_a_slack_user_id_makes_a_mention(a_task: ASnapshot, policy: Policy, identity: str) -> None:
    mentioning = replace(policy, people=(Person("Eve", identity, ("tag:Name=*",)),), mentions={"team-slack": "all"})

    assert owner(a_task(), mentioning, "team-slack") == Owner("Eve")
