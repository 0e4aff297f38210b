"""The outputs name what people look for."""

import json
from collections.abc import Callable
from pathlib import Path

from braket_notifier import __version__
from braket_notifier.settings.notifier_toml import read_settings
from infra.asset import ROOT
from tests.infra.template import Synth, Template

CONSOLE = "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
OUTPUTS = {
    *("Version", "Python", "Settings", "SettingsVersion", "Deployment"),
    *("Topics", "Queues", "UndeliveredQueue", "AlarmTopic"),
}


def test_outputs_name_version_python_topics_and_queues(template: Template) -> None:
    found = values(template)

    assert found.keys() == OUTPUTS
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


DEPLOYMENT = '{"by": "anna", "at": "2026-11-20T12:00:00+00:00", "commit": "1a2b3c4d5e6f"}'


def test_an_output_has_who_deployed_only_if_the_deployment_names_it(synthesised: Synth, template: Template) -> None:
    """Otherwise two syntheses of one file would differ."""
    with_origin = synthesised(watch=lambda app: app.node.set_context("deployment", DEPLOYMENT))

    assert values(template)["Deployment"] == "{}"
    assert values(with_origin)["Deployment"] == DEPLOYMENT
    assert with_origin.content["Resources"] == template.content["Resources"]


def test_the_template_shows_the_whole_settings_and_a_number_that_only_they_change(
    synthesised: Synth, template: Template, tmp_path: Path
) -> None:
    """The command line reads them, and a function follows settings that were pushed over its own number alone."""
    text = (ROOT / "notifier.toml").read_text(encoding="utf-8")
    same, other = tmp_path / "same.toml", tmp_path / "other.toml"
    same.write_text(f"{text}\n# a comment\n", encoding="utf-8")
    other.write_text(text.replace("your-group@", "another-group@"), encoding="utf-8")

    shown = {key: json.loads(each) for key, each in template.content["Metadata"]["settings"].items()}
    assert shown == json.loads(json.dumps(read_settings(same).keys))
    assert values(template)["SettingsVersion"] == "SettingsLayer[7]"
    assert digest(synthesised(same)) == digest(template) != digest(synthesised(other))


def digest(template: Template) -> str:
    return str(template.of("Lambda::LayerVersion")["SettingsLayer"]["Content"]["S3Key"])
