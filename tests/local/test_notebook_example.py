"""The helper to copy into a notebook, against the Braket emulator."""

from types import SimpleNamespace
from typing import Any

import pytest

from examples.notebook import braket_notify
from examples.notebook.braket_notify import always, later, notify
from tests.local.braket_world import BraketWorld, braket_world

TEAM = {"notify": "team-slack", "batch": "ghz"}


def tags_of(world: BraketWorld, arn: str) -> Any:
    return world.client.list_tags_for_resource(resourceArn=arn)["tags"]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (notify("team-slack"), {"notify": "team-slack"}),
        (
            notify("team-slack", "mail", on="FAILED CANCELLED"),
            {"notify": "team-slack mail", "notify-on": "FAILED CANCELLED"},
        ),
        (notify("mail", batch="ghz", name="ghz-12"), {"notify": "mail", "batch": "ghz", "Name": "ghz-12"}),
        (notify(), {}),  # no tag is better than an empty one
    ],
)
def test_notify_returns_the_tags_of_one_call(tags: dict[str, str], expected: dict[str, str]) -> None:
    assert tags == expected


def test_every_task_and_job_of_a_session_gets_the_tags_and_a_tag_of_the_call_wins() -> None:
    with braket_world() as world:
        before = world.task(tags={"Name": "before"})
        always(SimpleNamespace(braket_client=world.client), TEAM)

        assert tags_of(world, world.task()) == TEAM
        assert tags_of(world, world.job()) == TEAM
        assert tags_of(world, world.task(tags={"batch": "own"})) == {**TEAM, "batch": "own"}
        assert tags_of(world, before) == {"Name": "before"}


@pytest.mark.parametrize("kind", ["task", "job"])
def test_a_waiting_resource_gets_the_tags_later_in_its_own_region(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    with braket_world() as world:
        arn = world.task() if kind == "task" else world.job()
        clients = {"us-east-1": world.client}
        monkeypatch.setattr(
            braket_notify,
            "boto3",
            SimpleNamespace(client=lambda service, region: clients[region] if service == "braket" else None),
        )

        later(SimpleNamespace(id=arn) if kind == "task" else SimpleNamespace(arn=arn, name="vqe"), TEAM)

        assert tags_of(world, arn) == TEAM
