"""The owner of a resource: by a tag or an S3 prefix, otherwise by who submitted it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from braket_notifier.domain.policy import Person, Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.routing.owners import owner

ANNA = Person("Anna", "U01ABCDEF", ("tag:owner=anna",), ("anna@example.org", "anna-user"))
BEN = Person("Ben", "", ("s3:*/ben/*",), ("ben",))
NOBODY = Person("Chiara", "", ("tag:owner=chiara",))


@pytest.mark.parametrize(
    ("submitter", "tags", "directory", "name"),
    [
        ("anna@example.org", {}, "tasks/1", "Anna"),
        ("Anna@Example.ORG", {}, "tasks/1", "Anna"),  # an address has no upper and lower case
        ("anna-user", {}, "tasks/1", "Anna"),
        ("anna", {}, "tasks/1", None),  # the whole name only
        ("", {}, "tasks/1", None),
        ("ben", {"owner": "anna"}, "tasks/1", "Anna"),  # a tag decides first
        ("anna@example.org", {}, "ben/1", "Ben"),  # and so does a place in S3
        ("ben", {"owner": "dev"}, "tasks/1", "Ben"),  # a tag that names nobody decides nothing
    ],
)
def test_a_tag_or_a_place_decides_before_the_submitter(
    a_task: Callable[..., Snapshot], policy: Policy, submitter: str, tags: dict[str, str], directory: str, name: str
) -> None:
    people = replace(policy, people=(NOBODY, ANNA, BEN))
    task = a_task(tags=tags, bucket="results", directory=directory, submitter=submitter)

    found = owner(task, people)

    assert (found.name if found else None) == name


@pytest.mark.parametrize(("rule", "given"), [("Zo\u00eb", "Zoe\u0308"), ("Zoe\u0308", "Zo\u00eb")])
def test_an_owner_is_found_however_the_accents_of_the_name_were_typed(
    a_task: Callable[..., Snapshot], policy: Policy, rule: str, given: str
) -> None:
    by_tag, by_place = Person("tag", "", (f"tag:owner={rule}",)), Person("place", "", (f"s3:*/{rule}/*",))
    people = replace(policy, people=(by_tag, by_place, Person("submitter", "", (), (rule,))))
    tasks = [
        a_task(tags={"owner": given}),
        a_task(tags={}, bucket="results", directory=f"{given}/1"),
        a_task(tags={}, bucket="results", directory="tasks/1", submitter=given),
    ]

    assert [found.name if (found := owner(each, people)) else None for each in tasks] == ["tag", "place", "submitter"]


def test_a_submitter_is_mentioned_like_any_owner(a_task: Callable[..., Snapshot], policy: Policy) -> None:
    people = replace(policy, people=(ANNA,), mentions={"team-slack": "all"})

    found = owner(a_task(submitter="anna-user"), people, "team-slack")

    assert found
    assert found.slack == "U01ABCDEF"
