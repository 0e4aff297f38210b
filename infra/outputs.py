"""The stack's outputs: facts for the command line, and names for people who look for a resource."""

import json
from collections.abc import Mapping

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from braket_notifier import __version__
from braket_notifier.settings.notifier_toml import Settings
from infra.asset import deployed


def outputs(
    stack: Stack,
    settings: Settings,
    *,
    facts: Mapping[str, tuple[str, str]],
    channels: Mapping[str, Construct],
    queues: Mapping[str, sqs.Queue],
    alarms: Construct,
    undelivered: sqs.Queue,
) -> None:
    """Topics and queues are one output each, by channel, because an output's name has letters and digits only."""
    topics = {name: topic for name, each in channels.items() if (topic := _topic_in(each))}
    urls = {name: each.queue_url for name, each in queues.items()}
    found: dict[str, tuple[str, str]] = {
        "Version": ("Version of the notifier", __version__),
        **facts,
        "Settings": ("Digest, regions and channels of the settings", json.dumps(deployed(settings.policy()))),
        "Topics": ("Topic of each e-mail channel and channel for machines", stack.to_json_string(topics)),
        "Queues": ("Queue of each channel", stack.to_json_string(urls)),
        "UndeliveredQueue": ("Queue of undelivered records", undelivered.queue_url),
    }
    if topic := _topic_in(alarms):
        found["AlarmTopic"] = ("Topic of the notifier's own alarms", topic)
    if settings.dashboard:
        page = f"https://{stack.region}.console.aws.amazon.com/cloudwatch/home?region={stack.region}"
        found["DashboardPage"] = ("Dashboard with the status board", f"{page}#dashboards/dashboard/{settings.name}")
    for name, (description, value) in found.items():
        CfnOutput(stack, name, description=description, value=value)


def _topic_in(scope: Construct) -> str:
    topic = scope.node.try_find_child("Topic")
    return topic.topic_arn if isinstance(topic, sns.Topic) else ""
