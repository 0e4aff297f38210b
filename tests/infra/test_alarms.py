"""Every alarm has its metric, its action and its heading, and goes off on its condition."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.alarms import WatchedMetric, watched
from infra.function import TROUBLE
from local.cloud.alarm_rule import Points, Rule
from tests.infra.template import Synth, Template

ROOT = Path(__file__).parents[2]
ALARMS = watched("braket-notifier", 300)
NAMESPACE = "BraketNotifier/braket-notifier"
HEADINGS = re.findall(r"^## (.+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)
#: The sweep prints it of the lease rows.
OF_LEASES = "RefusingChannels"
METRIC = r'"(\w+)", MetricUnit'
ANSWERS = ("Meaning", "First look", "Fix", "Redrive", "Proof")


@pytest.fixture(scope="module")
def alarmed(of_variant: Callable[[str], Template]) -> Template:
    return of_variant("alarms")


@pytest.fixture(scope="module")
def alarms(alarmed: Template) -> dict[str, dict[str, Any]]:
    described = [alarmed.read(each) for each in alarmed.of("CloudWatch::Alarm").values()]
    return {each["AlarmName"].removeprefix("braket-notifier-"): each for each in described}


def test_there_are_at_most_eight_alarms_and_no_composite_one(alarmed: Template) -> None:
    assert len(alarmed.of("CloudWatch::Alarm")) <= 8
    assert not alarmed.of("CloudWatch::CompositeAlarm")


def test_every_alarm_has_its_heading_in_the_runbook_and_every_heading_its_alarm(alarms: dict[str, Any]) -> None:
    assert sorted(alarms) == sorted(HEADINGS) == sorted(ALARMS)
    for name, alarm in alarms.items():
        assert alarm["AlarmDescription"].endswith(f"docs/runbook.md#{name}")


@pytest.mark.parametrize("heading", HEADINGS)
def test_each_heading_has_a_remedy(heading: str) -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    section = runbook.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]

    assert re.findall(r"^\*\*(.+?)\.\*\*", section, re.MULTILINE) == list(ANSWERS)


def test_every_alarm_notifies_the_alarm_topic_of_its_begin_and_end(alarmed: Template, alarms: dict[str, Any]) -> None:
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["AlarmsTopic"]
    topics = {each["Endpoint"]: alarmed.read(each["TopicArn"]) for each in alarmed.of("SNS::Subscription").values()}
    assert topics == {"ops@example.org": "AlarmsTopic", "your-group@example.org": "DelivermailTopic"}


def test_alarms_without_a_table_notify_the_first_e_mail_channel(template: Template) -> None:
    subscribed = template.of("SNS::Subscription").values()
    topics = {(each["Endpoint"], template.read(each["TopicArn"])) for each in subscribed}

    assert topics == {("your-group@example.org", topic) for topic in ("AlarmsTopic", "DelivermailTopic")}


def test_alarms_that_notify_nobody_have_no_actions(synthesised: Synth, tmp_path: Path) -> None:
    path = tmp_path / "notifier.toml"
    path.write_text(f"{(ROOT / 'notifier.toml').read_text()}\n[alarms]\nemail = []\n")
    template = synthesised(path)

    assert all("AlarmActions" not in each for each in template.of("CloudWatch::Alarm").values())
    assert "AlarmsTopic" not in template.of("SNS::Topic")


def test_every_watched_resource_is_in_the_template(template: Template) -> None:
    named = {each["QueueName"] for each in template.of("SQS::Queue").values()}
    named |= {each["Name"] for each in template.of("Events::Rule").values()}
    named |= {each["Name"] for each in template.of("Events::EventBus").values()} | {"observe", "sweep", "deliver"}

    watched_ones = {
        value for each in ALARMS.values() for metric in each.metrics for value in metric.dimensions.values()
    }
    assert watched_ones <= named


def test_the_functions_emit_every_watched_metric_of_ours() -> None:
    paths = [path for folder in ("lambdas", "braket_notifier") for path in (ROOT / folder).rglob("*.py")]
    named = {name for path in paths for name in re.findall(METRIC, path.read_text())}
    ours = {each.name for alarm in ALARMS.values() for each in alarm.metrics if each.namespace == NAMESPACE}

    assert ours <= named | {"Errors", OF_LEASES}  # errors are counted from the logs


def test_every_function_s_errors_are_counted_from_its_log(template: Template) -> None:
    filters = [template.read(each) for each in template.of("Logs::MetricFilter").values()]

    counted = {(each["LogGroupName"], each["FilterPattern"]) for each in filters}
    assert counted == {(group, each) for group in template.of("Logs::LogGroup") for each in TROUBLE.values()}
    for each in filters:
        [counted] = each["MetricTransformations"]
        assert (counted["MetricNamespace"], counted["MetricName"]) == (NAMESPACE, "Errors")


def rule(alarm: dict[str, Any]) -> Rule:
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    return Rule(
        threshold=alarm["Threshold"],
        to_alarm=alarm["DatapointsToAlarm"],
        of=alarm["EvaluationPeriods"],
        missing_data_fires=alarm["TreatMissingData"] == "breaching",
    )


#: Alarm, the value of each period (None: no data), whether it goes off.
SHOWN: tuple[tuple[str, Points, bool], ...] = (
    ("undelivered", [0], False),
    ("undelivered", [None], False),  # SQS stops measuring a queue without use for hours
    ("undelivered", [1], True),
    ("channel-down", [0, 0], False),
    ("channel-down", [1, 0], False),  # one refused message, and the next one was accepted
    ("channel-down", [1, 2], True),
    ("silent-sweep", [280, 280], False),  # sweeps that take their whole time
    ("silent-sweep", [5, None], False),  # one late sweep
    ("silent-sweep", [305, 5], False),  # one failed sweep
    ("silent-sweep", [580, 280], False),  # one failed sweep among sweeps that take their whole time
    ("silent-sweep", [305, 605], False),
    ("silent-sweep", [605, 905], True),
    ("silent-sweep", [None, None], True),
    ("waiting-events", [800, 800], False),
    ("waiting-events", [1000, 0], True),  # an event that is put back for 15 minutes misses a period
    ("waiting-events", [0, 1000], True),
    ("refused-events", [None], False),
    ("refused-events", [1], True),
    ("unread-queue", [0, 0, 0], False),
    ("unread-queue", [40, 0, 300], False),  # received in between
    ("unread-queue", [3, 3, None], False),  # a missing sweep has an alarm of its own
    ("unread-queue", [1, 1, 2], True),
    ("errors", [0, 5, 0], False),  # one bad moment, repaired by a retry
    ("errors", [None, None, None], False),
    ("errors", [1, None, 1], True),
    ("unconfirmed-mailbox", [0], False),
    ("unconfirmed-mailbox", [1], True),
)


@pytest.mark.parametrize(("name", "points", "wanted"), SHOWN)
def test_an_alarm_goes_off_on_its_condition(alarms: dict[str, Any], name: str, points: Points, wanted: bool) -> None:
    assert rule(alarms[name]).fires(points) is wanted


def test_every_alarm_has_an_example_that_sets_it_off() -> None:
    assert {name for name, _, wanted in SHOWN if wanted} == set(ALARMS)


@pytest.mark.parametrize("every_s", [60, 300, 99 * 60, 3600, 86400])
@pytest.mark.parametrize("name", ["silent-sweep", "unread-queue", "channel-down"])
def test_alarm_periods_of_the_sweep_interval_are_within_cloudwatchs_limits(name: str, every_s: int) -> None:
    """CloudWatch takes multiples of 60 s, within a day in total, or a week if a period is an hour or more."""
    beat = watched("n", every_s)[name]

    assert beat.period_s % 60 == 0
    assert beat.period_s * beat.of_periods[1] <= (7 if beat.period_s >= 3600 else 1) * 86400


def test_alarms_have_the_names_and_dimensions_of_the_metrics(alarms: dict[str, Any]) -> None:
    for name, alarm in alarms.items():
        found = [each["MetricStat"] for each in alarm.get("Metrics", []) if "MetricStat" in each]
        metrics = [each["Metric"] for each in found] or [alarm]
        assert [watched_by(each) for each in metrics] == list(ALARMS[name].metrics)
        assert {(each["Stat"], each["Period"]) for each in found} <= {(ALARMS[name].statistic, ALARMS[name].period_s)}


def watched_by(described: dict[str, Any]) -> WatchedMetric:
    dimensions = {each["Name"]: each["Value"] for each in described.get("Dimensions", [])}
    return WatchedMetric(described["Namespace"], described["MetricName"], dimensions)


def test_an_alarm_on_two_metrics_watches_the_larger_one(alarms: dict[str, Any]) -> None:
    [(name, queries)] = [(name, each["Metrics"]) for name, each in alarms.items() if "Metrics" in each]

    [expression] = [each for each in queries if "Expression" in each]
    assert (name, expression["Expression"]) == ("waiting-events", "MAX([FILL(a, 0), FILL(b, 0)])")
    assert [each["Id"] for each in queries if each.get("ReturnData", True)] == [expression["Id"]]
    assert sorted(each["Id"] for each in queries if "MetricStat" in each) == ["a", "b"]
