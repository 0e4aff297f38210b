"""The helper to copy into a notebook, against the Braket emulator."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from braket_notifier.domain.transition import Transition
from examples.notebook import braket_notify
from examples.notebook.braket_notify import always, later, notify
from local.gallery.notebook_picture import CELL, SAMPLE
from local.gallery.samples import SAMPLES
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


def test_the_pictured_cell_has_the_tags_of_the_message_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "braket_notify", braket_notify)
    asked: dict[str, Any] = {}
    aquila = SimpleNamespace(run=lambda _, **call: asked.update(call))

    exec(CELL, {"aquila": aquila, "program": None})  # noqa: S102 - our own words

    [shown] = [
        each.content.snapshot for each in SAMPLES if each.name == SAMPLE and isinstance(each.content, Transition)
    ]
    assert asked["shots"] == shown.shots
    assert {key: asked["tags"][key] for key in ("notify", "Name")} == {"notify": "anna", "Name": shown.tags["Name"]}
    assert shown.status in asked["tags"]["notify-on"]


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The requests of every session of a stand-in for the SDK, which `tests/e2e/clients` has in earnest."""
    requests: list[dict[str, Any]] = []

    class AwsSession:
        """The two methods by which every library creates."""

        def create_quantum_task(self, **request: Any) -> str:
            return self.create_job(**request)

        def create_job(self, **request: Any) -> str:
            requests.append(request)
            return "arn"

    sdk = ModuleType("braket.aws")
    sdk.AwsSession = AwsSession  # type: ignore[attr-defined]  # a module is made of what it is given
    monkeypatch.setitem(sys.modules, "braket", ModuleType("braket"))
    monkeypatch.setitem(sys.modules, "braket.aws", sdk)
    return requests


@pytest.mark.parametrize("create", ["create_quantum_task", "create_job"])
def test_each_resource_of_every_session_gets_the_tags_until_they_are_replaced(
    sessions: list[dict[str, Any]], create: str
) -> None:
    from braket.aws import AwsSession  # noqa: PLC0415  the stand-in

    earlier = AwsSession()
    always(TEAM)
    getattr(earlier, create)(shots=10)
    getattr(AwsSession(), create)(tags={"batch": "own"})
    always({"notify": "mail"})
    getattr(earlier, create)()
    always({})
    getattr(earlier, create)()

    own = {**TEAM, "batch": "own"}
    assert sessions == [{"shots": 10, "tags": TEAM}, {"tags": own}, {"tags": {"notify": "mail"}}, {"tags": {}}]


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
