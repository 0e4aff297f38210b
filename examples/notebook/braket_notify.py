"""Tags for quantum tasks and hybrid jobs that the Braket status notifier reads. Copy this file beside your notebook."""

from collections.abc import Mapping
from typing import Any

import boto3


def notify(*channels: str, on: str = "", batch: str = "", name: str = "") -> dict[str, str]:
    """Return tags for one call: `device.run(circuit, tags=notify("team-slack", on="FAILED"))`."""
    tags = {"notify": " ".join(channels), "notify-on": on, "batch": batch, "Name": name}
    return {key: value for key, value in tags.items() if value}


def always(session: Any, tags: Mapping[str, str]) -> None:
    """Add the tags to all that this AwsSession creates from now on. A tag of the call itself wins."""

    def add(params: dict[str, Any], **_: object) -> None:
        params["tags"] = {**tags, **params.get("tags", {})}

    for operation in ("CreateQuantumTask", "CreateJob"):
        session.braket_client.meta.events.register(f"provide-client-params.braket.{operation}", add)


def later(resource: Any, tags: Mapping[str, str]) -> None:
    """Add the tags to an AwsQuantumTask or AwsQuantumJob that waits or runs. It needs braket:TagResource."""
    arn: str = getattr(resource, "arn", None) or resource.id
    boto3.client("braket", arn.split(":")[3]).tag_resource(resourceArn=arn, tags=dict(tags))
