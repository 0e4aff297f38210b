"""The synthesised template in operation: rule, queues, tables and functions with their own roles and environments."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest

from local.braket.emulator import Script, usual
from local.inbox import slack_blocks
from local.inbox.inbox import Fault, Mail, Post
from local.story import story
from local.story.stage import NAME, Stage
from local.story.tally import id_of, of_mail, of_post
from tests.e2e import leaks
from tests.e2e.at_work import eventually

Submit = Callable[..., str]
#: A proxy cannot reach this machine.
DIRECT = build_opener(ProxyHandler({}))
CHANNELS = ("team-slack", "mail")
STATUSES = ("CREATED", "QUEUED", "RUNNING", "CANCELLING", "COMPLETED", "FAILED", "CANCELLED", "GONE")
#: Ends in the default routes, and the channels they reach from a QPU in the home region.
ENDS = [("COMPLETED", ["team-slack"]), ("FAILED", ["team-slack", "mail"]), ("CANCELLED", ["team-slack"])]


def deliveries(stage: Stage, arn: str) -> list[tuple[str, str]]:
    """Channel and status of every accepted notification of a resource, in order."""
    accepted = [each for post in stage.inbox.posts for each in of_post(post)]
    accepted += [each for mail in stage.inbox.mails for each in of_mail(mail, "mail")]
    known = {id_of((channel, arn, status)): (channel, status) for channel in CHANNELS for status in STATUSES}
    return [known[each.id] for each in sorted(accepted, key=lambda each: each.at) if each.id in known]


def row(stage: Stage, arn: str) -> dict[str, Any]:
    [table] = [name for name in stage.stack.of_type("AWS::DynamoDB::Table").values() if "Snapshots" in name]
    found = stage.cloud.client("dynamodb").get_item(TableName=table, Key={"arn": {"S": arn}}, ConsistentRead=True)
    return dict(found.get("Item", {}))


def is_closed(stage: Stage, arn: str) -> bool:
    """Whether the row has ended and is dispatched: out of the index, and expiring."""
    item = row(stage, arn)
    return "expires" in item and "work" not in item


def undelivered(stage: Stage) -> list[Any]:
    sqs = stage.cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{NAME}-undelivered")["QueueUrl"]
    asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "VisibilityTimeout": 0}
    return list(sqs.receive_message(**asked).get("Messages", []))


def waiting(stage: Stage) -> str:
    """The records of all queues, with hidden and delayed ones."""
    return leaks.read(f"{stage.cloud.url}/_ministack/sqs/messages")


@pytest.mark.parametrize(("status", "channels"), ENDS)
def test_every_status_of_a_task_is_recorded_and_its_end_is_notified(
    stage: Stage, submit: Submit, status: str, channels: list[str]
) -> None:
    arn = submit(f"e2e-{status.lower()}", Script(steps=usual("task", status), failure_reason="Internal device error"))

    eventually(lambda: len(deliveries(stage, arn)) >= len(channels) and is_closed(stage, arn))

    steps = [step["M"]["status"]["S"] for step in row(stage, arn)["history"]["L"]]
    assert sorted(deliveries(stage, arn)) == sorted((channel, status) for channel in channels)
    assert steps == [each for each in ("CREATED", "QUEUED", "RUNNING", status) if each in steps]
    assert steps[-1] == status


def test_a_cancelling_task_is_notified_once_it_is_cancelled(stage: Stage, submit: Submit) -> None:
    arn = submit("e2e-cancel", Script(steps=((0.2, "QUEUED"),)), cancelled=True)

    eventually(lambda: is_closed(stage, arn) and deliveries(stage, arn))

    assert deliveries(stage, arn) == [("team-slack", "CANCELLED")]


def test_a_hybrid_job_is_notified_and_its_own_tasks_are_not(stage: Stage, submit: Submit) -> None:
    script = Script(steps=((0.8, "RUNNING"), (2.5, "COMPLETED")))
    arn = submit("e2e-job", script, kind="job", children=2)

    eventually(lambda: len(deliveries(stage, arn)) == 3)

    children = {change.arn for change in stage.braket.changes if change.kind == "task"}
    named = {child for child in children if "e2e-job-step" in json.dumps(row(stage, child))}
    assert sorted(deliveries(stage, arn)) == [
        ("mail", "COMPLETED"),
        ("team-slack", "COMPLETED"),
        ("team-slack", "RUNNING"),
    ]
    assert len(named) == 2
    assert [deliveries(stage, child) for child in named] == [[], []]


@pytest.mark.parametrize("events", ["duplicated", "reordered"])
def test_duplicate_and_reordered_events_are_notified_once(stage: Stage, submit: Submit, events: Any) -> None:
    arn = submit(f"e2e-{events}", Script(events=events))

    eventually(lambda: is_closed(stage, arn) and deliveries(stage, arn))
    stage.braket.clock.push(0)  # every event has been sent
    eventually(lambda: arn not in waiting(stage))

    assert deliveries(stage, arn) == [("team-slack", "COMPLETED")]


def test_a_task_in_another_region_is_notified(stage: Stage, submit: Submit) -> None:
    arn = submit("e2e-elsewhere", Script(), device=story.GARNET)

    assert eventually(lambda: deliveries(stage, arn)) == [("team-slack", "COMPLETED")]


@pytest.mark.parametrize(("device", "region"), [(story.FORTE, "us-east-1"), (story.GARNET, "eu-north-1")])
def test_a_task_whose_events_are_all_lost_is_found_by_the_sweep_of_its_region(
    stage: Stage, submit: Submit, device: str, region: str
) -> None:
    arn = submit(f"e2e-lost-{region}", Script(events="lost"), device=device)
    eventually(lambda: any(change.arn == arn and change.status == "COMPLETED" for change in stage.braket.changes))
    before = deliveries(stage, arn)

    stage.sweep()

    assert before == []
    assert eventually(lambda: deliveries(stage, arn)) == [("team-slack", "COMPLETED")]
    assert row(stage, arn)["history"]["L"][-1]["M"]["source"]["S"] == "sweep"
    assert any(
        f"https://{region}.console.aws.amazon.com/braket/home?region={region}#/tasks/{arn}" in f"{post.blocks}"
        for post in stage.inbox.posts
    )


def test_an_event_that_a_further_region_could_not_forward_is_counted_at_home(stage: Stage) -> None:
    """The stage forwards events itself because the local cloud cannot, so nothing else is ever in that queue."""
    sqs = stage.cloud.client("sqs", "eu-north-1")
    queue = {"QueueUrl": sqs.get_queue_url(QueueName=f"{NAME}-undelivered")["QueueUrl"]}
    sqs.send_message(**queue, MessageBody="an event")

    stage.sweep()

    sqs.purge_queue(**queue)
    lines = [line for line in stage.cloud.logs().splitlines() if "records wait in a queue without a reader" in line]
    assert any(f"sqs.eu-north-1.amazonaws.com/{stage.cloud.account}/{NAME}-undelivered" in line for line in lines)


def test_a_message_shows_braket_s_failure_reason(stage: Stage, submit: Submit) -> None:
    reason = "Program validation failed: <!channel> & co"
    arn = submit("e2e-words", Script(steps=usual("task", "FAILED"), failure_reason=reason))

    eventually(lambda: len(deliveries(stage, arn)) == 2)

    post: Post = next(each for each in stage.inbox.posts if arn in f"{each.blocks}")
    mail: Mail = next(each for each in stage.inbox.mails if arn in each.body)
    assert post.text.startswith(
        "❌ e2e-words FAILED · IonQ Forte · Program validation failed: &lt;!channel&gt; &amp; co"
    )
    assert reason in post.plain()
    assert 'class="mention"' not in slack_blocks.to_html(post.blocks)
    assert mail.subject.startswith("[Braket] e2e-words FAILED, IonQ Forte, Program validation failed: <!channel> & co")
    assert reason in mail.body


def test_an_unparseable_record_is_kept_with_its_raw_text_and_the_batch_goes_on(stage: Stage, submit: Submit) -> None:
    bad = {"Source": "braket.local", "DetailType": "Braket Task State Change", "Detail": '{"quantumTaskArn": "no ARN"}'}
    stage.cloud.client("events").put_events(Entries=[bad])
    arn = submit("e2e-beside-bad", Script())

    kept = eventually(lambda: undelivered(stage))

    assert any('"no ARN"' in each["Body"] for each in kept)
    assert all(each["MessageAttributes"]["reason"]["StringValue"] for each in kept)
    assert eventually(lambda: deliveries(stage, arn)) == [("team-slack", "COMPLETED")]


@pytest.fixture
def broken_slack(stage: Stage) -> Iterator[None]:
    stage.inbox.fault(Fault("rate_limited", retry_after=1, calls=None))
    yield
    stage.inbox.clear_faults()


@pytest.mark.usefixtures("broken_slack")
def test_a_channel_that_is_down_delays_no_other_and_is_notified_later(stage: Stage, submit: Submit) -> None:
    arn = submit("e2e-slack-down", Script(steps=usual("task", "FAILED"), failure_reason="x"))
    eventually(lambda: deliveries(stage, arn))
    while_down = deliveries(stage, arn)

    stage.inbox.clear_faults()
    eventually(lambda: len(deliveries(stage, arn)) == 2)

    assert while_down == [("mail", "FAILED")]
    assert deliveries(stage, arn) == [("mail", "FAILED"), ("team-slack", "FAILED")]


def test_the_status_board_shows_open_and_just_ended_resources(stage: Stage, submit: Submit) -> None:
    """The deployed function renders it, with a role that may only read."""
    submit("waits-on-the-board", Script(steps=((0.2, "QUEUED"),)))
    submit("ends-on-the-board", Script(steps=usual("task", "FAILED"), failure_reason="x"))

    def is_rendered() -> bool:
        board = stage.board("dark")
        return "waits-on-the-board</a> queued" in board and "ends-on-the-board</a> FAILED" in board

    eventually(is_rendered)
    with DIRECT.open(f"{stage.inbox.url}/board") as page:
        assert b"waits-on-the-board" in page.read()


def test_each_function_has_its_template_s_environment_and_no_other_variable(stage: Stage, assembly: Path) -> None:
    resources = json.loads((assembly / f"{NAME}.template.json").read_text())["Resources"]
    given = {
        name: set(resource["Properties"]["Environment"]["Variables"])
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    client = stage.cloud.client("lambda")

    deployed = {
        name: set(
            client.get_function_configuration(FunctionName=stage.stack.resources[name])["Environment"]["Variables"]
        )
        for name in given
    }

    assert len(given) == 5
    assert deployed == given


def test_a_function_is_denied_an_action_that_its_role_does_not_grant(stage: Stage) -> None:
    """Without the grant on its table a function fails, as it would in an account."""
    iam, client = stage.cloud.client("iam"), stage.cloud.client("lambda")
    role = client.get_function_configuration(FunctionName=f"{NAME}-sweep")["Role"].rpartition("/")[2]
    [policy] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    without = [each for each in document["Statement"] if "dynamodb:Query" not in json.dumps(each["Action"])]
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps({**document, "Statement": without}))

    try:
        stage.sweep()
        assert eventually(lambda: re.search(r"AccessDenied.*dynamodb:Query", stage.cloud.logs()))
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))
