"""An upgrade and a downgrade of a running notifier lose and repeat no notification."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.braket.emulator import Script
from local.story.assembly import synthesise
from local.story.stage import Stage
from tests.e2e.at_work import delivery, eventually, is_delivered

Submit = Callable[..., str]
ADDED = """
[channels.added]
type = "handler"

[[routes]]
to = ["added"]
status = ["COMPLETED"]
"""
#: The task runs while one version replaces the other.
RUNS_ON = Script(steps=((0.2, "QUEUED"), (0.3, "RUNNING"), (4.0, "COMPLETED")))


@pytest.fixture
def upgrade(stage: Stage, talkative: Path, assembly: Path, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Deploy the version with one more channel. Afterwards the first one is deployed again."""
    custom = tmp_path / "custom"
    custom.mkdir()
    (custom / "added.py").write_text("def handle(transition):\n    print(transition.arn, transition.status)\n")
    settings = tmp_path / "notifier.toml"
    settings.write_text(talkative.read_text() + ADDED)
    other = synthesise(settings, tmp_path / "cdk.out", custom)

    def deploy(version: Path) -> None:
        stage.stack = stage.cloud.deploy(version)

    yield lambda: deploy(other)
    deploy(assembly)


def test_an_upgrade_loses_and_repeats_no_notification(
    stage: Stage, submit: Submit, upgrade: Callable[[], None]
) -> None:
    ended = submit("upgrade-ended", Script())
    eventually(lambda: is_delivered(stage, ended, "team-slack", "COMPLETED"))
    kept = closed(stage)
    under_way = [submit(f"upgrade-{number}", RUNS_ON) for number in range(3)]

    upgrade()
    after = submit("upgrade-after", Script())
    eventually(lambda: all(is_delivered(stage, arn, "team-slack", "COMPLETED") for arn in (*under_way, after)))
    eventually(lambda: is_delivered(stage, after, "added", "COMPLETED"))
    stage.sweep()

    assert ended in kept
    assert {arn: row for arn, row in closed(stage).items() if arn in kept} == kept
    assert not delivery(stage, ended, "added", "COMPLETED"), "an added channel gets no old notification"
    assert [len(posts(stage, arn)) for arn in (ended, *under_way, after)] == [1] * 5


def closed(stage: Stage) -> dict[str, Any]:
    """The rows that ended and were dispatched."""
    [table] = [name for name in stage.stack.of_type("AWS::DynamoDB::Table").values() if "Snapshots" in name]
    pages = stage.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {row["arn"]["S"]: row for page in pages for row in page["Items"] if "expires" in row and "work" not in row}


def posts(stage: Stage, arn: str) -> list[Any]:
    return [post for post in stage.inbox.posts if arn in f"{post.blocks}"]
