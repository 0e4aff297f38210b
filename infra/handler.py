"""The IAM rights that the settings give to a handler's function."""

from collections.abc import Iterator

from aws_cdk import aws_iam as iam

from braket_notifier.settings.channels import Handler
from infra.grants import allow


def rights(handler: Handler) -> Iterator[iam.PolicyStatement]:
    """Rights beside those to read its secret. Creating a hybrid job also takes iam:PassRole on the job's role."""
    for permission in handler.permissions:
        yield allow(permission.actions, *permission.resources)
    if handler.job_role:
        to_braket = {"StringEquals": {"iam:PassedToService": "braket.amazonaws.com"}}
        yield iam.PolicyStatement(actions=["iam:PassRole"], resources=[handler.job_role], conditions=to_braket)
