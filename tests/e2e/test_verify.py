"""`verify` on the deployed notifier: the whole way, and with each hop broken in turn."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from local.braket.emulator import Script
from local.inbox.inbox import Fault
from local.story.stage import NAME, Stage
from tests.e2e.at_work import eventually
from tests.e2e.test_command import COMMAND, Done
from tests.e2e.test_notifier import deliveries

Verify = Callable[..., Done]
BUCKET = "amazon-braket-us-east-1-000000000000"
#: Seconds that a hop may take where each is passed, however busy the machine is; `verify` ends long before.
PATIENT = "240"
#: Seconds that a hop may take where one is broken. `verify` waits for the broken one, so the short time is tried first.
IMPATIENT = ("5", "20", "80", PATIENT)
DEPTHS = [f"ApproximateNumberOfMessages{each}" for each in ("", "NotVisible", "Delayed")]


@pytest.fixture
def operate(stage: Stage, talkative: Path) -> Verify:
    """Any command of the operator's."""
    surroundings = {"PATH": os.environ["PATH"], "COLUMNS": "300", **stage.environment()}
    surroundings["BRAKET_NOTIFIER_SETTINGS"] = str(talkative)

    def run(*words: str) -> Done:
        command = [str(COMMAND), *words]
        return subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=900, check=False)  # noqa: S603 - our own words

    return run


@pytest.fixture
def verify(operate: Verify, scripts: dict[str, Script]) -> Iterator[Verify]:
    yield partial(operate, "verify")
    scripts.pop("verify", None)


@pytest.fixture
def no_events(stage: Stage) -> None:
    """Empty the queue of events, because a failed hop names the records of other tests too.

    A record whose function died stays hidden for longer than a test waits.
    """
    empty(stage, "events")


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left(stage: Stage) -> Iterator[None]:
    """Empty the channels' queues at the end, because `doctor` finds the records that a mute hides for an hour."""
    yield
    for channel in ("team-slack", "mail"):
        empty(stage, f"deliver-{channel}")


def empty(stage: Stage, queue: str) -> None:
    """Remove the records of a queue, hidden and delayed ones too."""
    sqs = stage.cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{NAME}-{queue}")["QueueUrl"]

    def waiting() -> int:
        depths = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=DEPTHS)
        return sum(int(each) for each in depths["Attributes"].values())

    sqs.purge_queue(QueueUrl=url)
    eventually(lambda: not waiting())


def failures(done: Done) -> list[str]:
    """The lines of failed hops; nothing else may have gone wrong."""
    assert (done.returncode, done.stderr) == (1, ""), done
    return [line for line in done.stdout.splitlines() if line.startswith("✗")]


def check_only_failure(verify: Verify, hop: str) -> None:
    """A run has this hop as its only failed one. On a busy machine another one may be too late at first."""
    seen: list[list[str]] = []
    for seconds in IMPATIENT:
        seen.append(failures(verify("--yes", "--timeout", seconds)))
        if len(seen[-1]) == 1 and re.search(hop, seen[-1][0]):
            return
    raise AssertionError(f"{hop!r} is never the only failure: {seen}")


@contextmanager
def unread(stage: Stage, function: str) -> Iterator[None]:
    """The function does not read its queue."""
    client = stage.cloud.client("lambda")
    [mapping] = client.list_event_source_mappings(FunctionName=f"{NAME}-{function}")["EventSourceMappings"]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


@contextmanager
def without(stage: Stage, function: str, action: str) -> Iterator[None]:
    """The function's role lacks the statement that grants the action."""
    iam, client = stage.cloud.client("iam"), stage.cloud.client("lambda")
    role = client.get_function_configuration(FunctionName=f"{NAME}-{function}")["Role"].rpartition("/")[2]
    [policy] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    left = [each for each in document["Statement"] if action not in json.dumps(each["Action"])]
    named = {"RoleName": role, "PolicyName": policy}
    iam.put_role_policy(**named, PolicyDocument=json.dumps({**document, "Statement": left}))
    try:
        yield
    finally:
        iam.put_role_policy(**named, PolicyDocument=json.dumps(document))


def restart(stage: Stage, function: str) -> None:
    """The function's next invocation begins in a new process."""
    client = stage.cloud.client("lambda")
    name = {"FunctionName": f"{NAME}-{function}"}
    environment = client.get_function_configuration(**name)["Environment"]
    client.update_function_configuration(**name, Environment=environment)


def test_the_whole_way(stage: Stage, verify: Verify) -> None:
    """The bucket is missing at first, and created."""
    assert not stage.has_bucket(BUCKET)

    done = verify("--yes", "--timeout", PATIENT)

    [arn] = re.findall(r"submitted (\S+)", done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line[12:] for line in done.stdout.splitlines() if line.startswith("✓")][1:5] == [
        "seen by an event",
        "COMPLETED at Braket",
        "COMPLETED recorded by an event",
        "routed to team-slack, mail",
    ]
    assert "team-slack: accepted" in done.stdout
    assert "mail: accepted" in done.stdout
    assert sorted(deliveries(stage, arn)) == [("mail", "COMPLETED"), ("team-slack", "COMPLETED")]
    assert stage.has_bucket(BUCKET)


def test_a_message_just_before_delays_nothing(verify: Verify) -> None:
    """An e-mail channel sends one message in fifteen minutes about a group, and each of these is its own."""
    done = verify("--yes", "--timeout", PATIENT)

    assert (done.returncode, done.stderr) == (0, "")
    assert "mail: accepted" in done.stdout


def test_a_notification_that_a_mute_holds_is_no_failure(stage: Stage, verify: Verify, operate: Verify) -> None:
    operate("mute", "team-slack", "1h")
    restart(stage, "deliver-team-slack")  # a function that is warm follows a mute within a minute
    try:
        done = verify("--yes", "--timeout", PATIENT)
    finally:
        operate("unmute", "team-slack")
        restart(stage, "deliver-team-slack")

    assert (done.returncode, done.stderr) == (0, "")
    held = r"•.* s  team-slack: held by quiet hours or a mute until (?:[-0-9]+ )?\d\d:\d\d"
    assert re.search(held, done.stdout)


@pytest.mark.usefixtures("no_events")
def test_a_disabled_rule_is_named(stage: Stage, verify: Verify) -> None:
    """The schedule may find the task meanwhile. Then the missing event is the failure."""
    rule = {"Name": f"{NAME}-changes"}
    stage.cloud.client("events").disable_rule(**rule)
    try:
        check_only_failure(verify, f"look at the rule {NAME}-changes, the dead-letter queue {NAME}-undelivered")
    finally:
        stage.cloud.client("events").enable_rule(**rule)


def test_an_observer_that_does_not_read_its_queue_is_named(stage: Stage, verify: Verify) -> None:
    with unread(stage, "observe"):
        check_only_failure(
            verify, f"look at the queue {NAME}-events with .*, the log group /aws/lambda/{NAME}-observe,"
        )


def test_a_task_that_braket_has_not_ended_is_named(verify: Verify, scripts: dict[str, Script]) -> None:
    scripts["verify"] = Script(steps=((0.1, "QUEUED"),))

    check_only_failure(verify, "QUEUED at Braket: look at `braket-notifier watch arn:")


@pytest.mark.usefixtures("no_events")
def test_an_end_whose_event_is_lost_is_named(verify: Verify, scripts: dict[str, Script]) -> None:
    """Unless the schedule sweeps just then."""
    lost = frozenset({"QUEUED", "RUNNING", "COMPLETED"})
    scripts["verify"] = Script(steps=((0.1, "COMPLETED"),), lost=lost)

    not_recorded = f"COMPLETED not recorded: look at the log group /aws/lambda/{NAME}-observe"
    runs = (verify("--yes", "--timeout", seconds) for seconds in IMPATIENT)

    assert any("recorded by the sweep" in done.stdout or not_recorded in "".join(failures(done)) for done in runs)


def test_an_observer_that_may_not_enqueue_is_named(stage: Stage, verify: Verify) -> None:
    with without(stage, "observe", "sqs:SendMessage"):
        check_only_failure(verify, f"not routed to team-slack, mail: look at the log group /aws/lambda/{NAME}-observe")


def test_a_channel_that_does_not_read_its_queue_is_named(stage: Stage, verify: Verify) -> None:
    with unread(stage, "deliver-team-slack"):
        check_only_failure(verify, f"team-slack: not claimed: look at the queue {NAME}-deliver-team-slack with ")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault("rate_limited", retry_after=1, calls=None), r"team-slack: not accepted.*ratelimited.*: look at"),
        (
            Fault("error", error="channel_not_found", calls=None),
            r"team-slack: not accepted.*channel_not_found: ",
        ),
    ],
    ids=["for now", "until mended"],
)
def test_a_slack_that_refuses_is_named(stage: Stage, verify: Verify, fault: Fault, says: str) -> None:
    stage.inbox.fault(fault)
    try:
        check_only_failure(verify, says)
    finally:
        stage.inbox.clear_faults()


def test_without_a_yes_nothing_is_submitted(stage: Stage, verify: Verify) -> None:
    before = stage.braket.calls["CreateQuantumTask"]

    assert verify().returncode == 2
    assert stage.braket.calls["CreateQuantumTask"] == before
