"""The installation's own KMS key, if the settings ask for one; it is rotated, and its policy names every producer.

A queue or topic with a key silently refuses each service that the key's policy does not name, and no deployment shows
it.
"""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

#: Services that send to queues and topics: rules, topics with a dead-letter queue, alarms. The scheduler has a role.
PRODUCERS = ("events.amazonaws.com", "sns.amazonaws.com", "cloudwatch.amazonaws.com")

#: Rights for sending to and receiving from a queue or topic with a key.
USE = ("kms:Decrypt", "kms:GenerateDataKey")

#: Rights for reading and writing a table with a key.
USE_OF_TABLE = (*USE, "kms:DescribeKey", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo")


def own_key(stack: Stack, name: str) -> kms.Key:
    """The key. It outlives the stack, because the tables do and need it."""
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
