"""The example that resubmits what failed, against the Braket emulator."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.transition import Transition
from examples.handlers import resubmit_failed
from local.braket.emulator import Script
from tests.local.braket_world import braket_world

FAILS = Script(steps=((1, "RUNNING"), (1, "FAILED")), failure_reason="AlgorithmError: out of memory")


class Tagged:
    """A client in whose answers AWS has added a tag of its own, as CloudFormation does."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_job(self, **asked: Any) -> dict[str, Any]:
        answer = self._client.get_job(**asked)
        return {**answer, "tags": {**answer.get("tags", {}), "aws:cloudformation:stack-name": "lab"}}


def test_a_job_that_aws_tagged_too_is_resubmitted_without_those_tags(
    monkeypatch: pytest.MonkeyPatch,
    a_job: Callable[..., Snapshot],
    a_transition: Callable[[Snapshot], Transition],
) -> None:
    with braket_world(FAILS) as world:
        first = world.job(tags={"owner": "anna"})
        world.push(10)
        monkeypatch.setattr(resubmit_failed, "boto3", SimpleNamespace(client=lambda *_: Tagged(world.client)))

        resubmit_failed.handle(a_transition(a_job("FAILED", arn=parse_arn(first))))

        jobs = world.client.search_jobs(filters=[])["jobs"]
        [second] = [each["jobArn"] for each in jobs if each["jobArn"] != first]
        assert world.get(second)["tags"] == {"owner": "anna", "resubmits": first.rpartition("/")[2]}
