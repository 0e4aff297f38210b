"""The subscription and the rule of docs/topic.md with their filters, in a running notifier."""

import json
import re
from collections.abc import Callable
from typing import Any

from local.braket.emulator import Script, usual
from local.story.stage import Stage
from tests.e2e.at_work import eventually, is_delivered
from tests.taught import ROOT, commands

Submit = Callable[..., str]

FAILED = Script(steps=usual("task", "FAILED"), failure_reason="Internal device error")


def test_a_subscription_receives_notifications_that_pass_its_filter_on_the_body(
    workshop: Stage, submit_there: Submit
) -> None:
    sns, sqs = workshop.cloud.client("sns"), workshop.cloud.client("sqs")
    [topic] = workshop.stack.of_type("AWS::SNS::Topic").values()
    queues = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("chemistry-failures", "all")}
    filtered = json.loads((ROOT / "examples" / "topic" / "subscription.json").read_text())
    attributes = {"chemistry-failures": filtered, "all": {"RawMessageDelivery": "true"}}
    for name, url in queues.items():
        endpoint = f"arn:aws:sqs:us-east-1:{workshop.cloud.account}:{name}"
        allowed = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        from_topic = {"Resource": endpoint, "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}
        policy = {"Version": "2012-10-17", "Statement": [allowed | from_topic]}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint, Attributes=attributes[name])

    mine = submit_there("mine", FAILED, tags={"project": "chemistry"})
    done = submit_there("done", Script(), tags={"project": "chemistry"})
    others = submit_there("others", FAILED, tags={"project": "optics"})
    untagged = submit_there("untagged", FAILED)
    ends = {mine: "FAILED", done: "COMPLETED", others: "FAILED", untagged: "FAILED"}
    eventually(lambda: all(is_delivered(workshop, arn, "machines", status) for arn, status in ends.items()))

    received = {name: _received(sqs, url) for name, url in queues.items()}
    assert {(each["arn"], each["status"]) for each in received["all"]} >= set(ends.items())
    assert [
        (each["arn"], each["status"], each["detail"]["failureReason"]) for each in received["chemistry-failures"]
    ] == [(mine, "FAILED", "Internal device error")]


def test_a_rule_on_the_bus_passes_matching_events_to_a_queue(workshop: Stage, submit_there: Submit) -> None:
    events, sqs, account = workshop.cloud.client("events"), workshop.cloud.client("sqs"), workshop.cloud.account
    url = sqs.create_queue(QueueName="chemistry-events")["QueueUrl"]
    [command] = [each for each in commands("topic.md") if "put-rule" in each]
    pattern = re.search(r"'({.*})'", command)
    assert pattern
    bus = {"EventBusName": "lab-events"}
    rule = events.put_rule(Name="chemistry-failures", EventPattern=pattern[1], **bus)["RuleArn"]
    endpoint = f"arn:aws:sqs:us-east-1:{account}:chemistry-events"
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    from_rule = {"Resource": endpoint, "Condition": {"ArnEquals": {"aws:SourceArn": rule}}}
    policy = {"Version": "2012-10-17", "Statement": [allowed | from_rule]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    events.put_targets(Rule="chemistry-failures", Targets=[{"Id": "queue", "Arn": endpoint}], **bus)

    mine = submit_there("mine-too", FAILED, tags={"project": "chemistry"})
    others = submit_there("others-too", FAILED, tags={"project": "optics"})
    eventually(lambda: all(is_delivered(workshop, arn, "events", "FAILED") for arn in (mine, others)))
    received = eventually(lambda: _received(sqs, url))

    assert [(each["source"], each["detail-type"], each["resources"]) for each in received] == [
        ("braket-notifier", "Braket Task Status", [mine])
    ]
    assert received[0]["detail"]["detail"]["failureReason"] == "Internal device error"


def _received(sqs: Any, url: str) -> list[Any]:
    received: list[Any] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        received += [json.loads(each["Body"]) for each in messages]
    return received
