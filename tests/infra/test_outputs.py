"""The outputs name what people look for."""

import json
from collections.abc import Callable

from braket_notifier import __version__
from tests.infra.template import Template

CONSOLE = "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"


def test_outputs_name_version_python_topics_and_queues(template: Template) -> None:
    found = values(template)

    assert found.keys() == {"Version", "Python", "Settings", "Topics", "Queues", "UndeliveredQueue", "AlarmTopic"}
    assert (found["Version"], found["Python"]) == (__version__, "3.14")
    assert json.loads(found["Topics"]) == {"mail": "DelivermailTopic"}
    assert json.loads(found["Queues"]) == {"team-slack": "DeliverteamslackQueue", "mail": "DelivermailQueue"}
    assert found["UndeliveredQueue"] == "Undelivered"


def test_outputs_name_the_alarms_topic_and_the_dashboard_if_there_are_any(
    of_variant: Callable[[str], Template],
) -> None:
    found = values(of_variant("alarms"))

    assert found["AlarmTopic"] == "AlarmsTopic"
    assert found["DashboardPage"] == f"{CONSOLE}#dashboards/dashboard/braket-notifier"


def test_each_output_is_described(of_variant: Callable[[str], Template]) -> None:
    assert all(each["Description"] for each in of_variant("alarms").content["Outputs"].values())


def values(template: Template) -> dict[str, str]:
    return {name: template.read(each["Value"]) for name, each in template.content["Outputs"].items()}
