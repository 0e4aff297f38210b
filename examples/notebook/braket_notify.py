"""Tags for quantum tasks and hybrid jobs that the Braket status notifier reads. Copy this file beside your notebook."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import boto3


def notify(*channels: str, on: str = "", batch: str = "", name: str = "") -> dict[str, str]:
    """Return tags for one call: `device.run(circuit, tags=notify("team-slack", on="FAILED"))`."""
    tags = {"notify": " ".join(channels), "notify-on": on, "batch": batch, "Name": name}
    return {key: value for key, value in tags.items() if value}


def always(tags: Mapping[str, str]) -> None:
    """Add the tags to all that this notebook creates from now on, until `always({})`. A tag of the call itself wins."""
    from braket.aws import AwsSession  # every library creates through it, and often through copies of a session

    for name in ("create_quantum_task", "create_job"):
        create = getattr(AwsSession, name)
        setattr(AwsSession, name, _tagged(getattr(create, "__wrapped__", create), tags))


def _tagged(create: Callable[..., str], tags: Mapping[str, str]) -> Callable[..., str]:
    @wraps(create)
    def tagged(session: Any, **request: Any) -> str:
        return create(session, **{**request, "tags": {**tags, **request.get("tags", {})}})

    return tagged


def later(resource: Any, tags: Mapping[str, str]) -> None:
    """Add the tags to an AwsQuantumTask or AwsQuantumJob that waits or runs. It needs braket:TagResource."""
    arn: str = getattr(resource, "arn", None) or resource.id
    boto3.client("braket", arn.split(":")[3]).tag_resource(resourceArn=arn, tags=dict(tags))
