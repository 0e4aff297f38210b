"""`doctor` prints ✓ or a remedy for each check."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from braket_notifier import __version__
from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.groups import DynamoGroups
from braket_notifier.adapters.dynamodb.published import DynamoPublished
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.cli.checks.channels import alarms_addressee, step
from braket_notifier.cli.checks.finding import needs
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import ChannelError, MendableError, TryLaterError, UnacknowledgedError
from braket_notifier.grouping.group import Group, Pending
from braket_notifier.sending.health import HEALTHY
from braket_notifier.sending.wire import encode
from braket_notifier.settings.channels import Email, Handler, SlackBotSettings, SlackWebhookSettings, UrlSettings
from braket_notifier.settings.notifier_toml import read_settings
from braket_notifier.tracking.ports import Cursor
from local.braket.emulator import Braket
from local.inbox.inbox import Channel, Fault, Inbox, Workspace
from tests import canary
from tests.cli.cloudformation import CloudFormation
from tests.cli.conftest import FURTHER, HOME, NAME, TOKEN
from tests.conftest import GARNET

FORTE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"
LOCAL = Path(__file__).parents[2] / "local" / "notifier.toml"


@pytest.fixture
def healthy(
    stack: CloudFormation,
    slack: Inbox,
    snapshots: DynamoSnapshots,
    ledger: DynamoLedger,
    a_notification: Callable[..., Notification],
    as_deployed: Callable[..., None],
) -> CloudFormation:
    """A notifier that passes every check."""
    boto3.client("ssm", HOME).put_parameter(Name=TOKEN, Value=slack.workspace.token, Type="SecureString")
    stack.stacks["us-east-1", f"{NAME}-us-east-1"] = []
    now = datetime.now(UTC)
    for region in (HOME, "us-east-1"):
        snapshots.take_cursor(region, owner="test", now=now, until=now)
        snapshots.leave_cursor(region, Cursor(swept_at=now - timedelta(minutes=2)), owner="test")
    for channel in ("team-slack", "mail"):
        notification = a_notification(channel=channel)
        ledger.claim(notification, owner="test", now=now - timedelta(hours=3))
        ledger.delivered(notification, now=now - timedelta(hours=3))
    sns = boto3.client("sns", HOME)
    topics = {each["TopicArn"].rpartition(":")[2]: each["TopicArn"] for each in sns.list_topics()["Topics"]}
    for name, address in (("deliver-mail", "anna"), ("deliver-mail", "ben"), ("alarms", "ops")):
        topic, mailbox = topics[f"{NAME}-{name}"], f"{address}@example.org"
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=mailbox)  # moto confirms at once
    as_deployed(by="anna")
    stack.outputs |= {"Version": __version__, "Python": "3.14"}
    return stack


def test_doctor_prints_only_ticks_for_a_healthy_notifier(run: Any, healthy: CloudFormation) -> None:  # noqa: ARG001
    done = run("doctor")

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "✓ credentials for account 123456789012",
        "✓ stack braket-notifier in eu-north-1: CREATE_COMPLETE",
        f"✓ stack and command are version {__version__}; the functions run Python 3.14",
        "✓ us-east-1 forwards its events",
        "✓ rule braket-notifier-changes is alive",
        "✓ rule braket-notifier-forwarded is alive",
        "✓ schedule braket-notifier-sweep is alive: rate(5 minutes)",
        "✓ every channel of the settings is deployed",
        "✓ nothing is undelivered",
        "✓ nothing waits in 3 queues",
        "✓ nothing is left of a removed channel or region",
        "✓ eu-north-1 was swept 2 min ago",
        "✓ us-east-1 was swept 2 min ago",
        "✓ team-slack: the token is Braket notifier's in local",
        "✓ team-slack: the bot is in #team-slack (C0123456789)",
        "✓ alarms notify ops@example.org",
        "✓ mail: every address is confirmed",
        "✓ [alarms]: every address is confirmed",
        "✓ team-slack last took a message 3 h ago",
        "✓ mail last took a message 3 h ago",
        "✓ in force: the settings of deployment 1, deployed by anna on 2026-11-20 12:00 UTC",
        "✓ this settings file is in force",
        "✓ no channel is muted",
    ]


def no_forwarding(stack: CloudFormation) -> None:
    del stack.stacks["us-east-1", f"{NAME}-us-east-1"]


def denied_there(stack: CloudFormation) -> None:
    reason = "User: arn:aws:iam::123456789012:user/anna is not authorized to perform: sqs:createqueue"
    stack.failed["us-east-1", f"{NAME}-us-east-1"] = ("ROLLBACK_COMPLETE", "Undelivered", reason)


def other_version(running: CloudFormation) -> None:
    running.outputs["Version"] = "0.0.1"


def no_rule_there(_: CloudFormation) -> None:
    boto3.client("events", FURTHER).disable_rule(Name=f"{NAME}-changes")


def not_forwarded(_: CloudFormation) -> None:
    sqs = boto3.client("sqs", FURTHER)
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=f"{NAME}-undelivered")["QueueUrl"], MessageBody="x")


def no_rule(_: CloudFormation) -> None:
    boto3.client("events", HOME).disable_rule(Name=f"{NAME}-changes")


def no_bus_rule(_: CloudFormation) -> None:
    boto3.client("events", HOME).delete_rule(Name=f"{NAME}-forwarded", EventBusName=NAME)


def no_schedule(_: CloudFormation) -> None:
    boto3.client("scheduler", HOME).delete_schedule(Name=f"{NAME}-sweep")


def _send(queue: str, body: str = "x", delay_s: int = 0) -> None:
    sqs = boto3.client("sqs", HOME)
    url = sqs.get_queue_url(QueueName=f"{NAME}-{queue}")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=body, DelaySeconds=delay_s)


def undelivered(_: CloudFormation) -> None:
    _send("undelivered")


def held_up(_: CloudFormation) -> None:
    _send("deliver-mail")


def no_sweep(_: CloudFormation) -> None:
    boto3.client("dynamodb", HOME).delete_item(TableName="snapshots", Key={"arn": {"S": "cursor#us-east-1"}})


def late_sweep(_: CloudFormation) -> None:
    at = {"M": {"swept_at": {"S": (datetime.now(UTC) - timedelta(hours=2)).isoformat()}}}
    key = {"arn": {"S": f"cursor#{HOME}"}}
    boto3.client("dynamodb", HOME).put_item(TableName="snapshots", Item={**key, "at": at})


def no_secret(_: CloudFormation) -> None:
    boto3.client("ssm", HOME).delete_parameter(Name=TOKEN)


def old_secret(_: CloudFormation) -> None:
    boto3.client("ssm", HOME).put_parameter(
        Name=TOKEN, Value=f"{canary.TOKEN}-old", Type="SecureString", Overwrite=True
    )


def _unsubscribe(address: str) -> None:
    sns = boto3.client("sns", HOME)
    for each in sns.list_subscriptions()["Subscriptions"]:
        if each["Endpoint"] == address:
            sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


def no_address(_: CloudFormation) -> None:
    _unsubscribe("ben@example.org")


def no_alarm_address(_: CloudFormation) -> None:
    _unsubscribe("ops@example.org")


def unnamed_address(_: CloudFormation) -> None:
    sns = boto3.client("sns", HOME)
    [topic] = [each["TopicArn"] for each in sns.list_topics()["Topics"] if each["TopicArn"].endswith("deliver-mail")]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="left@example.org")


def no_delivery(_: CloudFormation) -> None:
    client: Any = boto3.client("dynamodb", HOME)
    for each in client.scan(TableName="deliveries")["Items"]:
        if each["partition"]["S"].startswith("mail#"):
            client.delete_item(TableName="deliveries", Key={name: each[name] for name in ("partition", "sort")})


def channel_down(_: CloudFormation) -> None:
    leases = DynamoChannelLeases(Table(boto3.client("dynamodb", HOME), "deliveries"))
    since = datetime.now(UTC) - timedelta(minutes=40)
    leases.save_health("mail", HEALTHY.refused(MendableError("AuthorizationError"), since), before=HEALTHY)


@pytest.mark.parametrize(
    ("harm", "printed"),
    [
        (no_forwarding, "! us-east-1 forwards no events (no stack there), so only the sweep sees its changes"),
        (
            denied_there,
            (
                "! us-east-1 forwards no events (ROLLBACK_COMPLETE, Undelivered: User: arn:aws:iam::123456789012:user/"
                "anna is not authorized to perform: sqs:createqueue), so only the sweep sees its changes; the other "
                'regions work: with `bootstrap = "home"` your own rights create the stack there: ask for them '
                "(docs/permissions.md#rights-in-further-regions), set `bootstrap = "
            ),
        ),
        (other_version, f"! the stack is version 0.0.1, this command {__version__}: deploy, or install"),
        (
            no_rule_there,
            "✗ us-east-1 forwards no events, so only the sweep sees its changes: its rule braket-notifier-changes is",
        ),
        (
            not_forwarded,
            "✗ us-east-1 could not forward 1 event, in braket-notifier-undelivered there: docs/runbook.md",
        ),
        (no_rule, "✗ rule braket-notifier-changes is DISABLED: `aws events enable-rule"),
        (no_bus_rule, "✗ rule braket-notifier-forwarded is not there: `braket-notifier deploy --repair`"),
        (
            no_schedule,
            "✗ schedule braket-notifier-sweep is not there, so no sweep finds missed events: `braket-notifier deploy -",
        ),
        (
            undelivered,
            "✗ 1 undelivered record cannot be sent (no notification and no event): `braket-notif",
        ),
        (held_up, "! 1 record in the queue of mail"),
        (no_sweep, "! us-east-1 was never swept"),
        (late_sweep, "✗ eu-north-1 was last swept 2 h ago"),
        (
            no_secret,
            "! team-slack has no secret yet, so its notifications wait: `braket-notifier secret set team-slack`",
        ),
        (old_secret, "✗ team-slack: Slack answers invalid_auth; a new token"),
        (no_address, "! mail: ben@example.org not confirmed"),
        (no_alarm_address, "! [alarms]: ops@example.org not confirmed"),
        (unnamed_address, "! mail: left@example.org not in the settings, but subscribed: add it there, or end the"),
        (
            channel_down,
            "✗ mail has accepted nothing for 40 min, because of AuthorizationError: `braket-notifier deploy --repair` ",
        ),
        (no_delivery, "! mail has not taken a message yet: `braket-notifier test mail`"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_doctor_prints_one_line_with_a_remedy_for_each_fault(
    run: Any, healthy: CloudFormation, harm: Callable[[CloudFormation], None], printed: str
) -> None:
    harm(healthy)

    done = run("doctor")

    wrong = [line for line in done.out.splitlines() if not line.startswith("✓")]
    assert done.code == 1
    assert len(wrong) == 1
    assert wrong[0].startswith(printed)
    assert "canary" not in done.out


@pytest.mark.parametrize("accepted_before", [True, False])
def test_doctor_names_an_attempt_whose_function_was_killed(
    run: Any,
    healthy: CloudFormation,
    ledger: DynamoLedger,
    a_notification: Callable[..., Notification],
    accepted_before: bool,
) -> None:
    if not accepted_before:
        no_delivery(healthy)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    ledger.claim(a_notification(number=2, channel="mail"), owner="killed", now=hour_ago)

    done = run("doctor")

    [wrong] = [line for line in done.out.splitlines() if not line.startswith("✓")]
    assert (done.code, wrong) == (
        1,
        "! mail: an attempt of 1 h ago did not end, and is repeated: see the log of braket-notifier-deliver-mail",
    )


def mute(_: CloudFormation) -> str:
    published = DynamoPublished(Table(boto3.client("dynamodb", HOME), "snapshots"))
    until = datetime.now(UTC) + timedelta(hours=4)
    published.replace(replace(published.read(), muted_until={"mail": until}))
    return f"quiet hours or a mute last until {until:%Y-%m-%d %H:%M} UTC"


def digest(_: CloudFormation) -> str:
    now, due = datetime.now(UTC), datetime.now(UTC) + timedelta(minutes=9)
    groups = DynamoGroups(Table(boto3.client("dynamodb", HOME), "deliveries"))
    groups.save("mail", "x", Group(pending=Pending(due)), now=now, visit_at=due)
    return f"the next digest is due at {due:%Y-%m-%d %H:%M} UTC"


def late_digest(_: CloudFormation) -> str:
    now = datetime.now(UTC)
    due = now - timedelta(minutes=2)
    groups = DynamoGroups(Table(boto3.client("dynamodb", HOME), "deliveries"))
    groups.save("mail", "x", Group(pending=Pending(due)), now=now, visit_at=due)
    return f"a digest was due at {due:%Y-%m-%d %H:%M} UTC, and a sweep wakes the channel if it stays"


@pytest.mark.parametrize("hold", [mute, digest, late_digest], ids=lambda each: str(each.__name__))
def test_what_waits_as_intended_is_nothing_to_do(
    run: Any, healthy: CloudFormation, hold: Callable[[CloudFormation], str]
) -> None:
    why = hold(healthy)
    _send("deliver-mail", delay_s=600)

    done = run("doctor")

    assert f"• 1 record in the queue of mail: as intended, {why}" in done.out.splitlines()
    assert done.code == 0
    assert {line[0] for line in done.out.splitlines()} == {"✓", "•"}


def held_up_twice(_: CloudFormation) -> None:
    _send("deliver-mail")
    _send("events")


def undelivered_and_down(running: CloudFormation) -> None:
    undelivered(running)
    channel_down(running)


@pytest.mark.parametrize(
    ("harm", "operation", "about", "said"),
    [
        (
            held_up_twice,
            "ListEventSourceMappings",
            "",
            ["! 1 record in the queue of events: check again", "! 1 record in the queue of mail: check again"],
        ),
        (held_up_twice, "GetQueueAttributes", "deliver-mail", ["! 1 record in the queue of events"]),
        (
            undelivered_and_down,
            "Scan",
            "",
            ["✗ 1 undelivered record cannot be", "✗ mail has accepted nothing for 40 min"],
        ),
        (undelivered, "ReceiveMessage", "", ["✗ 1 undelivered record: `braket-notifier redrive` shows them"]),
        (no_bus_rule, "DescribeRule", "-changes", ["✗ rule braket-notifier-forwarded is not there"]),
        (denied_there, "DescribeStackEvents", "", ["! us-east-1 forwards no events (ROLLBACK_COMPLETE), so only"]),
        (no_alarm_address, "ListSubscriptionsByTopic", "deliver-mail", ["! [alarms]: ops@example.org not confirmed"]),
        (no_delivery, "GetItem", "mail#lease", ["✓ team-slack last took a message 3 h ago"]),
    ],
)
def test_a_refused_question_hides_no_other_finding(
    run: Any,
    healthy: CloudFormation,
    refuse: Callable[[str, str], None],
    harm: Callable[[CloudFormation], None],
    operation: str,
    about: str,
    said: list[str],
) -> None:
    harm(healthy)
    refuse(operation, about)

    lines = run("doctor").out.splitlines()

    refusal = f"✗ your credentials may not do {operation} (AccessDeniedException): not authorized"
    assert lines.count(refusal) == 1
    assert [each for each in said if not any(line.startswith(each) for line in lines)] == []


@pytest.mark.usefixtures("healthy")
def test_a_secret_that_may_not_be_read_hides_no_other_one(
    run: Any, settings: Path, refuse: Callable[[str, str], None]
) -> None:
    hook = '[channels.hook]\ntype = "webhook"\nhost = "hooks.example.org"\nurl = "ssm:/lab/u"\nkey = "ssm:/lab/k"\n'
    settings.write_text(f"{settings.read_text()}\n{hook}")
    refuse("GetParameter", TOKEN)

    for command in ("doctor", "preflight"):
        lines = run(command).out.splitlines()
        assert "✗ your credentials may not do GetParameter (AccessDeniedException): not authorized" in lines
        assert any("`braket-notifier secret set hook`" in line for line in lines)


@pytest.mark.usefixtures("healthy")
def test_a_queue_whose_function_was_stopped_is_named_with_the_command_that_starts_it(run: Any) -> None:
    uuid = stopped_reader("deliver-mail")
    _send("deliver-mail")

    done = run("doctor")

    again = f"`aws lambda update-event-source-mapping --uuid {uuid} --enabled`"
    line = f"✗ 1 record in the queue of mail, which {NAME}-deliver-mail does not read: {again} (docs/runbook.md"
    assert line in done.out
    assert done.code == 1


def stopped_reader(name: str) -> str:
    """A function whose event source mapping somebody has disabled."""
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    functions, sqs = boto3.client("lambda", HOME), boto3.client("sqs", HOME)
    functions.create_function(
        FunctionName=f"{NAME}-{name}", Role=role, Runtime="python3.13", Handler="x.y", Code={"ZipFile": b"x"}
    )
    url = sqs.get_queue_url(QueueName=f"{NAME}-{name}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    made = functions.create_event_source_mapping(EventSourceArn=arn, FunctionName=f"{NAME}-{name}", Enabled=False)
    return str(made["UUID"])


def test_a_queue_that_nobody_reads_is_something_to_do_despite_a_mute(run: Any, healthy: CloudFormation) -> None:
    mute(healthy)
    _send("deliver-mail")

    done = run("doctor")

    log = "braket-notifier-deliver-mail"
    assert f"! 1 record in the queue of mail: check again in a minute; if they stay, see the log of {log}\n" in done.out
    assert done.code == 1


@pytest.mark.usefixtures("healthy")
def test_quiet_hours_of_the_pushed_settings_hold_records(run: Any, settings: Path) -> None:
    """The file is changed back, but the functions follow what was pushed."""
    before = settings.read_text()
    settings.write_text(f'{before}\n[quiet.mail]\nfrom = "00:00"\nto = "23:59"\n')
    assert run("settings", "push", "--yes").code == 0
    settings.write_text(before)
    _send("deliver-mail", delay_s=600)

    # beside it the record that wakes the channel
    done = run("doctor")
    assert "• 2 records in the queue of mail: as intended, quiet hours or a mute last until " in done.out
    assert "✓ in force: revision 1, pushed by " in done.out
    assert "! this settings file differs from them in quiet.mail: `braket-notifier settings s" in done.out


def test_what_waits_for_a_channel_that_is_down_is_not_a_finding_of_its_own(run: Any, healthy: CloudFormation) -> None:
    channel_down(healthy)
    _send("deliver-mail", delay_s=600)

    wrong = [line for line in run("doctor").out.splitlines() if line[0] in "!✗"]

    assert "• 1 record in the queue of mail: until the channel accepts messages again" in run("doctor").out
    assert [line.split(",")[0] for line in wrong] == ["✗ mail has accepted nothing for 40 min"]


@pytest.mark.usefixtures("healthy")
def test_redrivable_records_stand_apart_from_unreadable_ones(
    run: Any, settle: Any, a_notification: Callable[..., Notification], waiting: Callable[[str], list[str]]
) -> None:
    settle("mail", reason="NotFound")
    _send("undelivered", encode(a_notification(channel="mail")))
    _send("undelivered", '{"detail-type": "Braket Task State Change"}')
    _send("undelivered", "neither")
    _send("undelivered", encode(a_notification(channel="old")))

    wrong = [line for line in run("doctor").out.splitlines() if line[0] in "!✗"]

    redrive, last = "`braket-notifier redrive`", "the last one because of NotFound"
    assert wrong[:2] == [
        f"✗ 1 notification of mail undelivered, {last}: after the fix {redrive} sends it again",
        f"✗ 1 event undelivered: {redrive} reads them again",
    ]
    assert wrong[2].startswith("✗ 2 undelivered records cannot be sent (")
    assert "no notification and no event" in wrong[2]
    assert "old is no longer a channel" in wrong[2]
    assert len(waiting("undelivered")) == 4  # doctor leaves every record visible


@pytest.mark.usefixtures("healthy")
def test_a_channel_that_is_not_deployed_yet_is_one_line_and_the_checks_go_on(run: Any, settings: Path) -> None:
    settings.write_text(f'{settings.read_text()}\n[channels.lab]\ntype = "email"\nto = ["lab@example.org"]\n')

    done = run("doctor")

    keys = "channels.lab.collect, channels.lab.to, channels.lab.type"
    assert (done.code, done.err) == (1, "")
    assert [line for line in done.out.splitlines() if line[0] in "!✗"] == [
        "! lab is in the settings but not in the stack: `braket-notifier deploy` adds it",
        f"! this settings file differs from them in {keys}: `braket-notifier settings show` prints how",
    ]


def test_a_check_that_fails_does_not_end_the_others(run: Any, healthy: CloudFormation) -> None:
    sqs = boto3.client("sqs", HOME)
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=f"{NAME}-undelivered")["QueueUrl"])
    healthy.stacks[HOME, NAME] = [each for each in healthy.stacks[HOME, NAME] if not each[2].endswith("-alarms")]

    done = run("doctor")

    [queue, topic] = [line for line in done.out.splitlines() if line[0] in "!✗"]
    assert queue.startswith("✗ AWS refuses GetQueueAttributes (")
    assert queue.endswith("; if it was deleted by hand, `braket-notifier deploy --repair` puts it back")
    assert topic == "✗ the stack braket-notifier lacks an AWS::SNS::Topic: `braket-notifier deploy` adds it"
    assert "✓ no channel is muted" in done.out


BOT, WEBHOOK = SlackBotSettings("C0123456789", "ssm:/t"), SlackWebhookSettings("ssm:/w")
SIGNED = UrlSettings("webhook", "hooks.example.org", "ssm:/u", "ssm:/k")
LATER, DOUBTFUL = TryLaterError("429 ratelimited"), UnacknowledgedError("503")


@pytest.mark.parametrize(
    ("channel", "error", "wanted"),
    [
        (BOT, LATER, "an outage, so nothing is to be done"),
        (WEBHOOK, DOUBTFUL, "an outage, so nothing is to be done"),
        (BOT, MendableError("200 token_revoked"), "a new token: `braket-notifier secret set x`"),
        (WEBHOOK, MendableError("404 no_service"), "a new webhook: `braket-notifier secret set x`"),
        (BOT, MendableError("200 is_archived"), "unarchive the Slack channel, or set another one"),
        (WEBHOOK, MendableError("410 channel_is_archived"), "unarchive the Slack channel, or set another one"),
        (BOT, MendableError("200 not_in_channel"), "invite the app to the Slack channel"),
        (BOT, MendableError("200 something_new"), "mend the cause; then `braket-notifier settings wake`"),
        (SIGNED, MendableError("404 url_refused"), "a new URL: `braket-notifier secret set x`"),
        (SIGNED, MendableError("the URL does not begin with https://x/"), "a new URL: `braket-notifier secret set x`"),
        (SIGNED, MendableError("the key is not whsec_ and base64"), "a new key: `braket-notifier secret set x --key`"),
        (
            SIGNED,
            MendableError("401 url_refused"),
            "the receiver's key, or a new URL: `braket-notifier secret set x --key`",
        ),
        (SIGNED, MendableError("ssm:/k cannot be read: ParameterNotFound"), "store the secret whose command `braket"),
        (
            Email(("a@example.org",)),
            MendableError("AuthorizationError"),
            "`braket-notifier deploy --repair` restores the topic's ",
        ),
        (
            Handler(),
            UnacknowledgedError("ValueError: 5 at x.py:3"),
            "correct lambdas/custom/x.py, then `braket-notifier deploy`",
        ),
        (
            Handler(),
            MendableError("custom/x.py cannot be imported: No module named 'pandas'"),
            "name its package in lambdas/custom/x.requirements.txt, then `braket-notifier deploy`",
        ),
    ],
)
def test_the_step_for_a_channel_that_is_down_follows_its_last_refusal(
    channel: Any, error: ChannelError, wanted: str
) -> None:
    assert step("x", channel, HEALTHY.refused(error, datetime.now(UTC))).startswith(wanted)


def test_the_step_for_a_handler_names_the_file_of_its_channel() -> None:
    down = HEALTHY.refused(UnacknowledgedError("KeyError"), datetime.now(UTC))

    assert step("copy-results", Handler(), down).startswith("correct lambdas/custom/copy_results.py, then")


ALARMS_TABLE = '[alarms]\nemail = ["ops@example.org"]\n'


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("", "✓ alarms notify anna@example.org, ben@example.org, the addresses of mail"),
        ("[alarms]\nemail = []\n", "✓ alarms notify nobody, as `[alarms] email` says; CloudWatch shows them"),
    ],
)
@pytest.mark.parametrize("command", ["doctor", "preflight"])
def test_doctor_and_deployment_name_who_is_notified_of_alarms(
    run: Any, settings: Path, named: str, said: str, command: str
) -> None:
    settings.write_text(settings.read_text().replace(ALARMS_TABLE, named))

    assert said in run(command).out.splitlines()


def test_nobody_is_notified_of_alarms_without_an_address() -> None:
    bare = replace(read_settings(LOCAL), alarms=(), alarms_from="")

    assert alarms_addressee(bare) == needs(
        "alarms notify nobody, because no channel is an e-mail channel: name addresses in `[alarms] email`"
    )


@pytest.mark.usefixtures("healthy")
def test_a_script_reads_json(run: Any) -> None:
    found = json.loads(run("doctor", "--json").out)

    assert {each["mark"] for each in found} == {"✓"}
    assert len(found) == 23


@pytest.mark.usefixtures("healthy")
def test_a_bot_without_the_right_to_list_channels_is_a_warning(run: Any, slack: Inbox) -> None:
    slack.fault(Fault("error", error="missing_scope", method="users.conversations"))

    assert "! team-slack: the bot's channels cannot be listed (Slack answers missing_scope)" in run("doctor").out


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(
    ("fault", "printed"),
    [
        (Fault("error", error="invalid_auth"), "Slack answers invalid_auth; a new token"),
        (Fault("error", error="token_revoked"), "Slack answers token_revoked; a new token"),
        (Fault("error", error="account_inactive"), "Slack answers account_inactive; a new token"),
        (Fault("error", error="fatal_error"), "Slack answers fatal_error; an outage, so nothing is to be done"),
        (Fault("status", status=503), "Slack answers 503; an outage, so nothing is to be done"),
        (Fault("rate_limited"), "Slack answers ratelimited; an outage, so nothing is to be done"),
        (Fault("error", error="ekm_access_denied"), "Slack answers ekm_access_denied; mend the cause; then"),
        (Fault("error", error="not_allowed_token_type"), "Slack answers not_allowed_token_type; a new token"),
        (Fault("close"), "Slack cannot be reached"),
    ],
    ids=lambda each: f"{each.kind}-{each.error}" if isinstance(each, Fault) else "",
)
def test_doctor_asks_for_a_new_token_only_where_slack_refuses_the_old_one(
    run: Any, slack: Inbox, fault: Fault, printed: str
) -> None:
    slack.fault(fault)

    [line] = [line for line in run("doctor").out.splitlines() if not line.startswith("✓")]

    assert line.startswith(f"✗ team-slack: {printed}")
    assert ("`braket-notifier secret set team-slack`" in line) is ("a new token" in printed)


@pytest.mark.usefixtures("healthy")
def test_doctor_names_an_archived_channel(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    archived = Workspace(channels=(Channel("C0123456789", "qpu", archived=True), Channel("C2", "lobby")))
    with Inbox(archived) as inbox:
        monkeypatch.setenv("SLACK_ENDPOINT_URL", inbox.url)

        done = run("doctor")

    assert "✗ team-slack: #qpu (C0123456789) is archived: unarchive it, or set another" in done.out
    assert "/invite" not in done.out


@pytest.mark.usefixtures("healthy")
def test_doctor_checks_on_beside_a_row_of_a_newer_version(run: Any, settle: Any, by_newer_version: Any) -> None:
    by_newer_version(settle("mail"))

    done = run("doctor")

    assert (done.err, "no channel is muted" in done.out) == ("", True)


@pytest.mark.usefixtures("healthy")
def test_doctor_advises_to_invite_a_bot_that_is_not_in_the_channel(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = Workspace(channels=(Channel("C0123456789", "private", has_app=False), Channel("C2", "lobby")))
    with Inbox(elsewhere) as inbox:
        monkeypatch.setenv("SLACK_ENDPOINT_URL", inbox.url)

        done = run("doctor")

    assert (
        "✗ team-slack: the bot is not in C0123456789: type `/invite @Braket notifier` there; it is in: #lobby (C2)"
        in done.out
    )


@pytest.mark.usefixtures("healthy")
def test_only_unconfirmed_addresses_get_the_link_again(run: Any, healthy: CloudFormation) -> None:
    no_address(healthy)
    no_alarm_address(healthy)

    mail, alarms = run("resend-confirmation").out.splitlines()
    assert mail.startswith("✓ mail: sent the link to ben@example.org again")
    assert alarms.startswith("✓ [alarms]: sent the link to ops@example.org again")
    assert run("resend-confirmation", "mail").out == "✓ mail: every address is confirmed\n"


@pytest.mark.usefixtures("healthy")
def test_an_address_that_is_subscribed_again_keeps_its_dead_letter_queue(run: Any, healthy: CloudFormation) -> None:
    no_address(healthy)

    run("resend-confirmation", "mail")

    sns: Any = boto3.client("sns", HOME)
    [ben] = [each for each in sns.list_subscriptions()["Subscriptions"] if each["Endpoint"] == "ben@example.org"]
    kept = sns.get_subscription_attributes(SubscriptionArn=ben["SubscriptionArn"])["Attributes"]["RedrivePolicy"]
    queue = boto3.client("sqs", HOME).get_queue_url(QueueName=f"{NAME}-undelivered")["QueueUrl"]
    attributes = boto3.client("sqs", HOME).get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    assert json.loads(kept) == {"deadLetterTargetArn": attributes["Attributes"]["QueueArn"]}


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(
    ("url", "key", "wanted"),
    [
        ("", "", ["! hook has no secret yet, so its notifications wait: `braket-notifier secret set hook`"]),
        (
            canary.HOOK_URL,
            "",
            ["! hook has no key yet, so its notifications wait: `braket-notifier secret set hook"],
        ),
        (canary.WEBHOOK, "whsec_a2V5", ["✗ hook: the URL does not begin with https://hooks.example.org/, the host of"]),
        (
            canary.HOOK_URL,
            canary.CANARY,
            ["✗ hook: the key is not whsec_ and base64: `braket-notifier secret set hook"],
        ),
        (canary.HOOK_URL, "whsec_a2V5", ["✓ hook has its secret; only", "✓ hook has its key; only"]),
    ],
)
def test_doctor_names_each_missing_secret_of_a_service_and_a_url_of_another_host(
    run: Any, settings: Path, url: str, key: str, wanted: list[str]
) -> None:
    signed = '[channels.hook]\ntype = "webhook"\nhost = "hooks.example.org"\nurl = "ssm:/lab/u"\nkey = "ssm:/lab/k"\n'
    settings.write_text(f"{settings.read_text()}\n{signed}")
    for name, value in {"/lab/u": url, "/lab/k": key}.items():
        if value:
            boto3.client("ssm", HOME).put_parameter(Name=name, Value=value, Type="SecureString")

    lines = run("doctor").out.splitlines()

    assert all(any(line.startswith(each) for line in lines) for each in wanted)


def test_doctor_lists_the_spending_limits_of_each_region_while_amounts_are_allowed(
    run: Any,
    settings: Path,
    healthy: CloudFormation,  # noqa: ARG001
    braket: Braket,  # noqa: ARG001
) -> None:
    until = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())
    limits: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
        (HOME, GARNET, "500.00", {"timePeriod": {"startAt": 1_767_225_600, "endAt": until}}),
        (FURTHER, FORTE, "0", {}),
    )
    for region, device, amount, more in limits:
        client = boto3.client("braket", region)
        client.create_spending_limit(clientToken="one", deviceArn=device, spendingLimit=amount, **more)
        client.close()

    done = run("doctor")

    assert done.code == 0
    assert done.out.splitlines()[-2:] == [
        "• IQM Garnet: $0 spent of a spending limit of $500 until 31 Dec 2026 (eu-north-1)",
        "• IonQ Forte 1: $0 spent of a spending limit of $0, so every task is rejected (us-east-1)",
    ]
    with_money = settings.read_text()
    settings.write_text(f"{with_money}\n[costs]\nmoney = false\n")
    assert run("settings", "push", "--yes").code == 0
    settings.write_text(with_money)
    assert "spending limit" not in run("doctor").out


def test_spending_limits_that_the_operator_may_not_read_are_nothing_to_do(
    run: Any,
    healthy: CloudFormation,  # noqa: ARG001
    braket: Braket,
) -> None:
    braket.fail("SearchSpendingLimits", "AccessDeniedException", math.inf)

    done = run("doctor")

    assert done.code == 0
    said = "• the spending limits of us-east-1 could not be listed (AccessDeniedException)"
    assert done.out.splitlines()[-1] == said


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize("command", ["doctor", "preflight"])
def test_doctor_and_deployment_look_whether_the_bus_is_there(run: Any, settings: Path, command: str) -> None:
    settings.write_text(f'{settings.read_text()}\n[channels.events]\ntype = "bus"\nbus = "lab-events"\n')

    missing = run(command).out
    boto3.client("events", HOME).create_event_bus(Name="lab-events")

    wanted = "`aws events create-event-bus --name lab-events`"
    assert f"! events: there is no bus lab-events here, so its notifications wait: {wanted}" in missing
    assert "✓ events: the bus lab-events is there" in run(command).out
