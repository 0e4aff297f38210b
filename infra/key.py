"""A key of the installation's own, if the settings ask for one: rotated, and open to every service that puts something.

A queue or topic with a key silently refuses each service that the key's policy does not name; nothing in a deployment
shows it.
"""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

#: Rules put into queues, topics into the dead-letter queue, alarms into topics. The scheduler uses a role of its own.
PRODUCERS = ("events.amazonaws.com", "sns.amazonaws.com", "cloudwatch.amazonaws.com")

#: What whoever puts into or takes from a queue or topic needs.
USE = ("kms:Decrypt", "kms:GenerateDataKey")

#: What DynamoDB asks of whoever reads or writes a table with a key.
USE_OF_TABLE = (*USE, "kms:DescribeKey", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo")


def own_key(stack: Stack, name: str) -> kms.Key:
    """Kept when the stack goes: the tables stay too, and nothing else could read them."""
    key = kms.Key(
        stack,
        "Key",
        alias=f"alias/{name}",
        description=f"Queues, topics and tables of {name}",
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    )
    of_this_account = {"StringEquals": {"aws:SourceAccount": stack.account}}
    for service in PRODUCERS:
        producer = iam.ServicePrincipal(service, conditions=of_this_account)
        key.add_to_resource_policy(iam.PolicyStatement(actions=[*USE], resources=["*"], principals=[producer]))
    return key
