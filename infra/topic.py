"""An SNS topic of the notifier."""

from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

#: Name that a mail program shows as the sender; otherwise it shows "AWS Notifications".
SENDER = "Braket status notifier"


def new_topic(scope: Construct, name: str, key: kms.IKey | None) -> sns.Topic:
    return sns.Topic(scope, "Topic", topic_name=name, display_name=SENDER, enforce_ssl=True, master_key=key)
