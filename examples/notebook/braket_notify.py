"""Tags for quantum tasks and hybrid jobs that the Braket status notifier reads. Copy this file beside your notebook."""

from functools import wraps
from typing import Any

import boto3


def notify(*channels: str, on: str = "", batch: str = "", name: str = "") -> dict[str, str]:
    """Return tags for one call: `device.run(circuit, tags=notify("team-slack", on="FAILED"))`."""
    tags = {"notify": " ".join(channels), "notify-on": on, "batch": batch, "Name": name}
    return {key: value for key, value in tags.items() if value}


def always(tags: dict[str, str]) -> None:
    """Add the tags to all that this notebook creates from now on, until `always({})`. A tag of the call itself wins."""
    from braket.aws import AwsSession as Session  # every library creates through it, often through copies of a session

    def tagged(create: Any) -> Any:
        create = getattr(create, "__wrapped__", create)
        return wraps(create)(lambda self, **call: create(self, **{**call, "tags": {**tags, **call.get("tags", {})}}))

    Session.create_quantum_task, Session.create_job = map(tagged, (Session.create_quantum_task, Session.create_job))


def later(resource: Any, tags: dict[str, str]) -> None:
    """Add the tags to an AwsQuantumTask or AwsQuantumJob that waits or runs. It needs braket:TagResource."""
    arn: str = getattr(resource, "arn", None) or resource.id
    boto3.client("braket", arn.split(":")[3]).tag_resource(resourceArn=arn, tags=tags)
