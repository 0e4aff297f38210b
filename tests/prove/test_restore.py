"""Point-in-time recovery returns a table to an earlier state, while Braket and the other table have gone on."""

import runpy
import sys
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.domain.resource import Arn
from tests.prove.world import World
from tests.prove.world_braket import event
from tests.prove.world_check import account
from tests.taught import blocks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EARLIER = timedelta(hours=6)


@pytest.fixture
def world() -> World:
    """A region with an installation time; every event arrives."""
    world = World()
    world.sweeps()
    return world


def test_restored_snapshots_are_repaired_and_no_notification_is_repeated(world: World) -> None:
    ended_before, open_then = _submitted(world, "COMPLETED"), _submitted(world, "RUNNING")
    world.settles()
    backup = deepcopy(world.snapshots)
    world.now += EARLIER
    _moves(world, open_then, "COMPLETED")
    came_after = _submitted(world, "FAILED")
    world.settles()
    before = _posts(world)

    world.snapshots = backup
    world.settles()

    assert account(world, given_up=False).good
    assert _posts(world) == before
    ends = {arn: world.snapshots.rows[arn].snapshot.status for arn in (ended_before, open_then, came_after)}
    assert ends == {ended_before: "COMPLETED", open_then: "COMPLETED", came_after: "FAILED"}


def test_a_restored_ledger_alone_changes_nothing(world: World) -> None:
    """The ledger is not read for dispatched notifications."""
    backup = deepcopy(world.ledger)
    _submitted(world, "COMPLETED")
    world.settles()
    before = _posts(world)

    world.ledger = backup
    world.settles()

    assert before
    assert _posts(world) == before


def test_a_ledger_restored_alone_closes_an_open_card_and_announces_later_members() -> None:
    """The card's closing record was consumed before, so that only the sweep or a later member finds the group."""
    world = World(digests=True)
    world.sweeps()
    for _ in range(6):
        _submitted(world, "COMPLETED")
    for seconds in (0, 12, 40):
        world.now += timedelta(seconds=seconds)
        world.works()
    backup = deepcopy((world.ledger, world.groups, world.cards))
    cards = _open_cards(world)
    world.settles()
    before = _posts(world)

    world.ledger, world.groups, world.cards = backup
    world.now += EARLIER
    world.settles()
    restored, left_open = _posts(world), _open_cards(world)
    later = [_submitted(world, "FAILED") for _ in range(8)]
    world.settles()

    assert cards == 1
    assert (restored, left_open) == (before, 0)
    outcome = account(world, given_up=False)
    assert (outcome.lost, outcome.avoidable) == ([], 0)
    posts = [each for each in _posts(world) if each.split()[1] == "team-slack"]
    assert [sum(arn.text in each for each in posts) for arn in later] == [1] * 8


def test_with_both_tables_restored_nothing_is_lost_and_later_notifications_are_repeated_once(world: World) -> None:
    backup = deepcopy((world.snapshots, world.ledger))
    ended = _submitted(world, "COMPLETED")
    world.settles()
    before = _posts(world)

    world.snapshots, world.ledger = backup
    world.settles()

    assert not account(world, given_up=False).lost
    assert _posts(world) == sorted(before + before)
    assert world.snapshots.rows[ended].snapshot.status == "COMPLETED"


def test_the_page_puts_every_row_back(
    table: Callable[[str], Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "restore.py"
    script.write_text(blocks("life-cycle.md", "python")["restore.py"])
    table("snapshots")
    client = boto3.client("dynamodb")
    described = client.describe_table(TableName="snapshots")["Table"]
    client.create_table(
        TableName="restored",
        KeySchema=described["KeySchema"],
        AttributeDefinitions=[{"AttributeName": "arn", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    large = {"S": "x" * 50_000}  # several pages
    rows = {f"task-{number}": {"arn": {"S": f"task-{number}"}, "detail": large} for number in range(50)}
    for row in rows.values():
        client.put_item(TableName="restored", Item=row)
    client.put_item(TableName="snapshots", Item={"arn": {"S": "task-7"}, "detail": {"S": "spoiled"}})
    monkeypatch.setattr(sys, "argv", ["restore.py", "restored", "snapshots"])

    runpy.run_path(str(script))

    assert {row["arn"]["S"]: row for row in _rows(client, "snapshots")} == rows


def _rows(client: "DynamoDBClient", name: str) -> list[dict[str, Any]]:
    pages = client.get_paginator("scan").paginate(TableName=name)
    return [dict(row) for page in pages for row in page["Items"]]


def _submitted(world: World, status: str) -> Arn:
    resource = world.braket.submit("task", "eu-north-1", world.now)
    _moves(world, resource.arn, status)
    return resource.arn


def _moves(world: World, arn: Arn, status: str) -> None:
    world.braket.resources[arn].moves(status, world.now)
    world.events.put(event(world.braket.resources[arn].truth, world.now), world.now)


def _posts(world: World) -> list[str]:
    return sorted(
        f"{arn.text} {channel} {post.status}" for (arn, channel), all_ in world.accepted.posts.items() for post in all_
    )


def _open_cards(world: World) -> int:
    return sum(group.card is not None for group in world.groups.groups.values())
