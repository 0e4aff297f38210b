"""The emulator's differences from AWS (docs/local-cloud.md): a test fails when a newer emulator closes its gap."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.cloud import environment
from local.cloud.cloud import Cloud, Stack

Eventually = Callable[[Callable[[], Any]], Any]

DETAIL_TYPE = "Braket Task State Change"


def in_the_emulator(expression: str) -> str:
    """The value of an expression about the uncorrected emulator, in its own environment."""
    code = f"from ministack.core import iam_actions; print({expression})"
    return subprocess.run(  # noqa: S603 - our own words
        [str(environment.python()), "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


def records_of(log: str, text: str) -> list[list[str]]:
    """The bodies of each batch with this text, from the lines that the probe printed."""
    printed = [line.partition(" ")[2] for line in log.splitlines() if line.startswith("/aws/lambda/") and text in line]
    return [[record["body"] for record in json.loads(line)["Records"]] for line in printed]


def arn_of(cloud: Cloud, service: str, resource: str) -> str:
    return f"arn:aws:{service}:{cloud.region}:{cloud.account}:{resource}"


@pytest.fixture
def paused(cloud: Cloud, probe: Stack) -> Iterator[Callable[[], None]]:
    """A disabled mapping, enabled at the end of the block."""
    mapping = {"UUID": probe.resources["GrantedRecords"]}
    cloud.client("lambda").update_event_source_mapping(**mapping, Enabled=False)
    yield lambda: cloud.client("lambda").update_event_source_mapping(**mapping, Enabled=True)
    cloud.client("lambda").update_event_source_mapping(**mapping, Enabled=True)


def test_the_emulator_does_not_wait_for_batching_windows(cloud: Cloud, probe: Stack, eventually: Eventually) -> None:
    """The template has 300 s, which is longer than the test waits for the record."""
    cloud.client("sqs").send_message(QueueUrl=probe.resources["Records"], MessageBody="at once")

    assert eventually(lambda: records_of(cloud.logs(), "at once"))


def test_the_emulator_makes_no_batch_larger_than_ten(
    cloud: Cloud, probe: Stack, paused: Callable[[], None], eventually: Eventually
) -> None:
    """The template has 100."""
    for part in range(2):
        entries = [{"Id": str(number), "MessageBody": f"of twelve {part} {number}"} for number in range(6)]
        cloud.client("sqs").send_message_batch(QueueUrl=probe.resources["Records"], Entries=entries)
    paused()

    eventually(lambda: sum(map(len, records_of(cloud.logs(), "of twelve"))) == 12)

    assert sorted(map(len, records_of(cloud.logs(), "of twelve"))) == [2, 10]


def test_the_emulator_collects_from_queues_that_the_role_may_not_read(
    cloud: Cloud, probe: Stack, eventually: Eventually
) -> None:
    cloud.client("sqs").send_message(QueueUrl=probe.resources["Ungranted"], MessageBody="without a grant")

    assert eventually(lambda: records_of(cloud.logs(), "without a grant")) == [["without a grant"]]


def test_the_emulator_puts_events_into_queues_whose_policy_does_not_let_it(cloud: Cloud, probe: Stack) -> None:
    """The emulator also replaces the event's time by its own."""
    event = {"Source": "probe", "DetailType": DETAIL_TYPE, "Detail": "{}", "Time": "2020-01-01T00:00:00Z"}
    queue = {"QueueUrl": probe.resources["Unread"]}
    cloud.client("sqs").purge_queue(**queue)
    cloud.client("events").put_events(Entries=[event])

    [message] = cloud.client("sqs").receive_message(**queue)["Messages"]

    assert not json.loads(message["Body"])["time"].startswith("2020")


def test_the_emulator_keeps_nothing_that_a_rule_could_not_deliver(cloud: Cloud, probe: Stack) -> None:
    dead_letters = {"Arn": arn_of(cloud, "sqs", probe.resources["Undelivered"].rpartition("/")[2])}
    nowhere = {"Id": "1", "Arn": arn_of(cloud, "sqs", "nowhere"), "DeadLetterConfig": dead_letters}
    events = cloud.client("events")
    events.put_rule(Name="to-nowhere", EventPattern='{"source": ["lost"]}')
    events.put_targets(Rule="to-nowhere", Targets=[nowhere])
    events.put_events(Entries=[{"Source": "lost", "DetailType": DETAIL_TYPE, "Detail": '{"is": "lost"}'}])

    kept = cloud.client("sqs").receive_message(QueueUrl=probe.resources["Undelivered"]).get("Messages", [])

    assert "queue nowhere not found" in cloud.logs(), "the rule has matched"
    assert not [message for message in kept if "lost" in message["Body"]]


def test_the_emulator_forwards_no_event_to_another_region(cloud: Cloud, probe: Stack) -> None:
    away = cloud.client("events", "eu-north-1")
    home_bus = {"Id": "1", "Arn": arn_of(cloud, "events", "event-bus/default"), "RoleArn": "arn:aws:iam::1:role/any"}
    away.put_rule(Name="forward", EventPattern='{"source": ["probe"]}')
    away.put_targets(Rule="forward", Targets=[home_bus])
    cloud.client("sqs").purge_queue(QueueUrl=probe.resources["Unread"])
    away.put_events(Entries=[{"Source": "probe", "DetailType": DETAIL_TYPE, "Detail": "{}"}])

    assert "EventBridge -> Event bus: event bus" in cloud.logs(), "the rule has matched"
    assert "Messages" not in cloud.client("sqs").receive_message(QueueUrl=probe.resources["Unread"])


def test_only_braket_puts_events_of_braket(cloud: Cloud) -> None:
    """AWS does the same, so the source's name is set from outside."""
    answer = cloud.client("events").put_events(
        Entries=[{"Source": "aws.braket", "DetailType": DETAIL_TYPE, "Detail": "{}"}]
    )

    assert [entry["ErrorCode"] for entry in answer["Entries"]] == ["NotAuthorizedForSourceException"]


def test_the_emulator_runs_a_schedule_whose_role_may_not_and_looks_every_ten_seconds(
    cloud: Cloud, probe: Stack, eventually: Eventually
) -> None:
    """A schedule for a past time, which AWS refuses, fires at the next check."""
    target = {
        "Arn": arn_of(cloud, "lambda", f"function:{probe.resources['Bare']}"),
        "RoleArn": arn_of(cloud, "iam", "role/nobody"),
        "Input": '{"from": "the schedule"}',
    }
    cloud.client("scheduler").create_schedule(
        Name="past",
        ScheduleExpression="at(2020-01-01T00:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )

    eventually(lambda: '{"from": "the schedule"}' in cloud.logs())


def test_the_emulator_takes_a_schedule_that_can_never_be(cloud: Cloud) -> None:
    answer = cloud.client("scheduler").create_schedule(
        Name="never",
        ScheduleExpression="rate(1 fortnight)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn_of(cloud, "lambda", "function:none"), "RoleArn": arn_of(cloud, "iam", "role/nobody")},
    )

    assert answer["ScheduleArn"]


def test_the_emulator_sends_no_email_and_takes_every_address_as_confirmed(cloud: Cloud, probe: Stack) -> None:
    topic = {"TopicArn": probe.resources["Topic"]}
    subscriptions = cloud.client("sns").list_subscriptions_by_topic(**topic)["Subscriptions"]

    [mailbox] = [each["SubscriptionArn"] for each in subscriptions if each["Protocol"] == "email"]

    assert mailbox.startswith("arn:"), "AWS says PendingConfirmation"


def test_the_emulator_forgets_the_time_to_live_of_a_template(cloud: Cloud, probe: Stack) -> None:
    answer = cloud.client("dynamodb").describe_time_to_live(TableName=probe.resources["Table"])

    assert answer["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED"


def test_the_emulator_makes_no_metrics_of_what_functions_print(cloud: Cloud, probe: Stack) -> None:
    """The probe prints its event, here a metric in the embedded format."""
    directive = {"Namespace": "Probe", "Dimensions": [[]], "Metrics": [{"Name": "Transitions", "Unit": "Count"}]}
    cloud.invoke(
        probe.resources["Bare"], {"_aws": {"Timestamp": 0, "CloudWatchMetrics": [directive]}, "Transitions": 1}
    )

    assert cloud.client("cloudwatch").list_metrics(Namespace="Probe")["Metrics"] == []


def test_the_emulator_moves_no_messages_back_from_a_dead_letter_queue(cloud: Cloud, probe: Stack) -> None:
    source = arn_of(cloud, "sqs", probe.resources["Undelivered"].rpartition("/")[2])

    with pytest.raises(ClientError, match="InvalidAction"):
        cloud.client("sqs").start_message_move_task(SourceArn=source)


def test_the_emulator_deploys_no_composite_alarms(cloud: Cloud) -> None:
    alarm = {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": "TRUE"}}

    with pytest.raises(ClientError, match="Unrecognized resource types"):
        cloud.client("cloudformation").create_stack(StackName="Composite", TemplateBody=template_of(alarm))


def test_an_alarm_on_metric_math_watches_its_first_metric_only(cloud: Cloud, eventually: Eventually) -> None:
    """MiniStack refuses such an alarm; the emulator's process corrects this."""
    often = {"AlarmName": "math", "ComparisonOperator": "GreaterThanThreshold", "Threshold": 0, "EvaluationPeriods": 1}
    stats = [{"Metric": {"Namespace": "Probe", "MetricName": name}, "Period": 60, "Stat": "Sum"} for name in "AB"]
    metrics = [{"Id": f"m{number}", "MetricStat": stat, "ReturnData": False} for number, stat in enumerate(stats)]
    watched = {**often, "Metrics": [{"Id": "e", "Expression": "MAX([m0, m1])"}, *metrics]}
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": watched}
    cloud.client("cloudformation").create_stack(StackName="Math", TemplateBody=template_of(alarm))

    eventually(lambda: cloud.client("cloudwatch").describe_alarms(AlarmNames=["math"])["MetricAlarms"])
    [made] = cloud.client("cloudwatch").describe_alarms(AlarmNames=["math"])["MetricAlarms"]
    assert (made["MetricName"], made["Period"], made["Statistic"]) == ("A", 60, "Sum")


def template_of(resource: dict[str, Any]) -> str:
    return json.dumps({"Resources": {"Alarm": resource}})


def test_the_emulator_asks_for_permissions_that_sqs_does_not_have() -> None:
    """On AWS sqs:SendMessage grants the batch too; the emulator's process corrects this."""
    target = {"x-amz-target": "AmazonSQS.SendMessageBatch"}
    asked = in_the_emulator(f"iam_actions.extract_iam_action('sqs', 'POST', '/', {target}, b'', {{}})")

    assert asked == "sqs:SendMessageBatch"


def test_the_emulator_names_no_rows_in_a_request_s_context() -> None:
    """On AWS `dynamodb:LeadingKeys` has the partition keys; the emulator's process adds them."""
    body = b'{"TableName": "Rows", "Key": {"arn": {"S": "a quantum task"}}}'

    context = in_the_emulator(f"iam_actions.dynamodb_service_context({body!r})")

    assert "dynamodb:Select" in context
    assert "dynamodb:LeadingKeys" not in context


def test_the_emulator_names_no_source_of_events_and_takes_a_bus_for_a_rule() -> None:
    """On AWS a put has `events:source`, and DescribeEventBus is of a bus; the emulator's process corrects both."""
    body = b'{"Entries": [{"Source": "lab"}], "Name": "lab-events"}'
    target = {"x-amz-target": "AWSEvents.DescribeEventBus"}

    context = in_the_emulator(f"iam_actions.request_tag_context('events', 'events:PutEvents', {body!r}, {{}})")
    arn = in_the_emulator(
        f"iam_actions.extract_resource_arn('events', 'POST', '/', {target}, b'{{\"Name\":\"lab\"}}', {{}}, 'r', '1')"
    )

    assert "events:source" not in context
    assert ":rule/default/lab" in arn


def test_the_emulator_runs_functions_on_the_python_of_this_machine(cloud: Cloud, probe: Stack) -> None:
    """The template has Python 3.14 on arm64."""
    assert cloud.invoke(probe.resources["Bare"])["version"] == sys.version


def test_the_emulator_looks_into_the_layer_before_the_functions_own_code(cloud: Cloud, probe: Stack) -> None:
    """AWS reads /var/task first; neither it nor /opt exists here."""
    path = cloud.invoke(probe.resources["Bare"])["path"]

    [layer] = [index for index, folder in enumerate(path) if folder.endswith("/layer_0/python")]
    [code] = [index for index, folder in enumerate(path) if folder.endswith("/code")]
    assert layer < code


def test_the_emulator_starts_a_function_anew_after_an_exception(cloud: Cloud, probe: Stack) -> None:
    """AWS continues with the process that raised it."""
    function = probe.resources["Bare"]
    before, still = (cloud.invoke(function)["process"] for _ in range(2))

    with pytest.raises(RuntimeError):
        cloud.invoke(function, {"call": ["nonsense", "none", {}]})

    assert before == still != cloud.invoke(function)["process"]


def test_every_gap_is_written_down() -> None:
    page = (Path(__file__).parents[2] / "docs" / "local-cloud.md").read_text()

    assert [name for name in globals() if name.startswith("test_the_emulator") and name not in page] == []
