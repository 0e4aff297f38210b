"""`verify`: one quantum task followed hop by hop, and each hop that fails named with where to look."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.aws.sqs import SqsChannelQueues
from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.delivery_keys import group_key
from braket_notifier.adapters.dynamodb.groups import DynamoGroups
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.cli.braket import fetch, read_arn
from braket_notifier.cli.deliveries import DeliveryRow
from braket_notifier.cli.hops import Hop, Installed, Trail, hops, where_to_look
from braket_notifier.cli.submission import SV1
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import SnapshotRow, Source, Step
from braket_notifier.grouping.group import Group, Pending
from braket_notifier.grouping.keys import MANY, QUIET, STANDS_IN, key_of
from braket_notifier.grouping.ports import Entry
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.sending.wire import decode
from braket_notifier.settings.notifier_toml import read_settings
from braket_notifier.tracking.record import TrackingPorts, record_and_enqueue
from local.braket.emulator import Braket, Script
from tests.cli.conftest import FURTHER, HOME, NAME, SETTINGS

BUCKET = f"amazon-braket-{FURTHER}-123456789012"
CHANNELS = ("team-slack", "mail")
ROOT = Path(__file__).parents[2]
#: The task itself takes no time, because the tests count the notifier's.
AT_ONCE = Script(steps=((0.001, "QUEUED"), (0.001, "RUNNING"), (0.001, "COMPLETED")))


@dataclass
class Notifier:
    """The deployed functions, which work whenever the command waits, as far as the hop before the broken one."""

    braket: Braket
    snapshots: DynamoSnapshots
    ledger: DynamoLedger
    waiting: Callable[[str], list[str]]
    settings: Path
    broken: str = ""
    source: Source = "event"
    refuses: str = ""
    held: tuple[str, Group] | None = None

    def __post_init__(self) -> None:
        self.at = self.braket.clock.now()

    def now(self, _: object = None) -> datetime:
        """Stand for the command's clock, which moves while the command waits, however long the machine takes."""
        return self.at

    def work(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        if not self.braket.changes or self.broken == "seen":
            return
        task = self.task()
        self.record(replace(task, status="CREATED", ended_at=None))
        if self.broken != "ended":
            self.braket.clock.push(0.01)
        if self.task().terminal and self.broken != "recorded":
            self.record(self.task())
        for channel in CHANNELS:
            for body in self.waiting(f"deliver-{channel}") if self.broken != "claimed" else []:
                self.deliver(decode(body))

    def task(self) -> Snapshot:
        keys = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}
        arn = read_arn(self.braket.changes[-1].arn)
        client: Any = boto3.client("braket", arn.region, endpoint_url=self.braket.url, **keys)  # type: ignore[call-overload]  # by name
        try:
            return fetch(client, arn)
        finally:
            client.close()

    def record(self, snapshot: Snapshot) -> None:
        if self.broken == "routed":
            step = Step(snapshot.status, snapshot.ended_at, self.source)
            self.snapshots.record(snapshot, step, announce=True, now=self.at)
            return
        sqs = boto3.client("sqs", HOME)
        urls = {each: sqs.get_queue_url(QueueName=f"{NAME}-deliver-{each}")["QueueUrl"] for each in CHANNELS}
        policy = parse_policy(read_settings(self.settings).policy())
        ports = TrackingPorts(self.snapshots, SqsChannelQueues(sqs, urls), policy, self.now)
        record_and_enqueue(snapshot, self.source, ports)

    def deliver(self, notification: Notification) -> None:
        now = self.at
        if self.held:
            key, group = self.held
            if not key:
                key = key_of(notification.transition, parse_policy(read_settings(self.settings).policy()))
            groups = DynamoGroups(Table(boto3.client("dynamodb", HOME), "deliveries"))
            groups.add(key, 0, Entry(notification, shown=False), now=now)
            groups.save(notification.channel, key, group, now=now, visit_at=None)
            return
        self.ledger.claim(notification, owner="test", now=now)
        if notification.channel == self.refuses:
            self.ledger.undelivered(notification, owner="test", reason="channel_not_found", now=now)
        elif self.broken != "accepted":
            self.ledger.delivered(notification, now=now)


@pytest.fixture
def notifier(
    braket: Braket,
    scripts: dict[str, Script],
    snapshots: DynamoSnapshots,
    ledger: DynamoLedger,
    waiting: Callable[[str], list[str]],
    settings: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Notifier:
    scripts["verify"] = AT_ONCE
    running = Notifier(braket, snapshots, ledger, waiting, settings)
    monkeypatch.setattr("braket_notifier.cli.commands.verify.sleep", running.work)
    monkeypatch.setattr("braket_notifier.cli.commands.verify.datetime", running)
    boto3.client("s3", FURTHER).create_bucket(Bucket=BUCKET)
    return running


def texts(out: str) -> list[str]:
    """The lines about hops, without their times."""
    return [re.sub(r"^(\S) +[0-9.]+ s  ", r"\1 ", line) for line in out.splitlines() if re.match(r"^[✓•!✗] ", line)]


def test_every_hop_is_shown_with_its_time(run: Any, notifier: Notifier) -> None:
    done = run("verify", "--yes")

    [created] = [change for change in notifier.braket.changes if change.status == "CREATED"]
    assert (done.code, done.err) == (0, "")
    assert texts(done.out) == [
        f"✓ submitted {created.arn}",
        "✓ seen by an event",
        "✓ COMPLETED at Braket",
        "✓ COMPLETED recorded by an event",
        "✓ routed to team-slack, mail",
        "✓ team-slack: claimed",
        "✓ team-slack: accepted",
        "✓ mail: claimed",
        "✓ mail: accepted",
    ]
    assert re.search(r"✓ +0\.0 s  submitted", done.out)


def test_the_task_is_a_tagged_bell_circuit_on_sv1_in_the_first_watched_region_that_has_it(
    run: Any, notifier: Notifier
) -> None:
    done = run("verify", "--yes")

    task = notifier.task()
    assert done.out.startswith("A Bell circuit (100 shots) on SV1 in us-east-1 costs less than a cent.\n")
    assert task.tags == {"Name": "verify", "notify": "team-slack mail", "batch": task.tags["batch"]}
    assert (task.device, task.bucket, task.shots) == (SV1, BUCKET, 100)


def test_each_task_is_a_batch_of_its_own_so_that_no_digest_holds_it(run: Any, notifier: Notifier) -> None:
    batches = set()
    for _ in range(2):
        run("verify", "--yes")
        batches.add(notifier.task().tags["batch"])

    assert len(batches) == 2


BROKEN = {
    "seen": ("✗ not seen, neither by an event nor by the sweep: look at ", f"the rule {NAME}-changes in {FURTHER}"),
    "ended": ("✗ CREATED at Braket: look at ", "`braket-notifier watch arn:"),
    "recorded": ("✗ COMPLETED not recorded: look at ", f"/aws/lambda/{NAME}-observe"),
    "routed": ("✗ not routed to team-slack, mail: look at ", f"/aws/lambda/{NAME}-observe"),
    "claimed": ("✗ team-slack: not claimed: look at ", f"the queue {NAME}-deliver-team-slack with 1 record"),
    "accepted": ("✗ team-slack: not accepted after 1 attempt: look at ", f"/aws/lambda/{NAME}-deliver-team-slack"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_failed_hop_is_named_with_where_to_look(run: Any, notifier: Notifier, broken: str) -> None:
    notifier.broken = broken

    done = run("verify", "--yes", "--timeout", "0.3")

    begins, where = BROKEN[broken]
    [line, *others] = [line for line in texts(done.out) if line.startswith("✗")]
    assert (done.code, done.err) == (1, "")
    assert line.startswith(begins)
    assert where in line
    assert len(others) == (broken in {"claimed", "accepted"})  # the other channel


def test_unread_events_are_named_with_their_queue(run: Any, notifier: Notifier) -> None:
    notifier.broken = "seen"
    sqs = boto3.client("sqs", HOME)
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=f"{NAME}-events")["QueueUrl"], MessageBody="an event")

    done = run("verify", "--yes", "--timeout", "0.1")

    assert f"look at the queue {NAME}-events with 1 record, the log group /aws/lambda/{NAME}-observe" in done.out


def test_a_task_that_only_the_sweep_found_is_notified_and_yet_a_failure(run: Any, notifier: Notifier) -> None:
    notifier.source = "sweep"

    done = run("verify", "--yes")

    assert done.code == 1
    assert "✗ no event arrived, only the sweep found the task: look at the rule" in "\n".join(texts(done.out))
    assert "✓ mail: accepted" in texts(done.out)


def test_a_channel_that_refuses_is_named_at_once_and_the_other_is_followed(run: Any, notifier: Notifier) -> None:
    notifier.refuses = "team-slack"

    done = run("verify", "--yes")

    refused = "✗ team-slack: refused for good (channel_not_found): look at docs/runbook.md#undelivered; after the fix "
    assert done.code == 1
    assert f"{refused}`braket-notifier redrive` sends it" in texts(done.out)
    assert texts(done.out)[-1] == "✓ mail: accepted"


@pytest.fixture
def many_of_newer_version(notifier: Notifier) -> None:
    table = Table(boto3.client("dynamodb", HOME), "deliveries")
    for channel in CHANNELS:
        DynamoGroups(table).save(channel, MANY, Group(), now=notifier.at, visit_at=None)
        table.update(group_key(channel, MANY), {"format": ":format"}, {":format": 2})


@pytest.mark.parametrize(
    ("key", "reason"), [(QUIET, "quiet hours or a mute"), ("", "a digest"), (MANY, "a digest of many messages")]
)
def test_a_held_notification_is_no_failure(run: Any, notifier: Notifier, key: str, reason: str) -> None:
    notifier.held = key, Group(pending=Pending(datetime(2099, 1, 2, 7, 0, tzinfo=UTC)))

    done = run("verify", "--yes", "--timeout", "5")

    assert done.code == 0
    assert texts(done.out)[-2:] == [f"• {each}: held by {reason} until 2099-01-02 07:00 UTC" for each in CHANNELS]


@pytest.mark.usefixtures("many_of_newer_version")
def test_a_notification_that_a_digest_of_many_holds_after_a_rollback_is_no_failure(
    run: Any, notifier: Notifier
) -> None:
    notifier.held = STANDS_IN[MANY], Group(pending=Pending(datetime(2099, 1, 2, 7, 0, tzinfo=UTC)))

    done = run("verify", "--yes", "--timeout", "5")

    assert done.code == 0
    assert texts(done.out)[-1] == "• mail: held by a digest of many messages until 2099-01-02 07:00 UTC"


@pytest.mark.parametrize(
    ("hours", "retrying"),
    [(0, False), (1, True)],
    ids=["a hold that ends before the hop's time is over", "a digest that the channel refused"],
)
def test_a_notification_that_is_not_held_is_awaited(
    run: Any, notifier: Notifier, hours: int, *, retrying: bool
) -> None:
    notifier.held = "", Group(pending=Pending(notifier.at + timedelta(hours=hours), retrying))

    done = run("verify", "--yes", "--timeout", "0.3")

    assert done.code == 1
    assert "✗ mail: not claimed: look at" in "\n".join(texts(done.out))


def test_nothing_is_submitted_without_a_yes(run: Any, notifier: Notifier) -> None:
    done = run("verify")

    assert (done.code, done.err) == (2, "")
    assert "costs less than a cent." in done.out
    assert "Submit it? Not done, because there is no terminal to confirm at: use --yes." in done.out
    assert notifier.braket.changes == []


def test_a_missing_bucket_is_created_after_a_yes(run: Any, notifier: Notifier) -> None:
    done = run("verify", "--yes", "--bucket", "amazon-braket-new")

    assert done.code == 0
    assert "amazon-braket-new" in [each["Name"] for each in boto3.client("s3", FURTHER).list_buckets()["Buckets"]]
    assert notifier.task().bucket == "amazon-braket-new"


def test_a_missing_bucket_is_not_created_without_a_yes(
    run: Any, notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["y", "n"])
    monkeypatch.setattr("braket_notifier.cli.show.sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: next(answers))

    assert run("verify", "--bucket", "amazon-braket-new").code == 2
    assert notifier.braket.changes == []


def test_a_bucket_outside_us_east_1_is_created_in_its_region(run: Any, notifier: Notifier, settings: Path) -> None:
    settings.write_text(SETTINGS.replace(FURTHER, "us-west-2"))

    done = run("verify", "--yes", "--timeout", "0.001")

    [bucket] = [name for name in _buckets() if name != BUCKET]
    where = boto3.client("s3", FURTHER).get_bucket_location(Bucket=bucket)["LocationConstraint"]
    assert done.err == ""
    assert (bucket, where) == ("amazon-braket-us-west-2-123456789012", "us-west-2")
    assert notifier.braket.changes


def _buckets() -> list[str]:
    return [each["Name"] for each in boto3.client("s3", FURTHER).list_buckets()["Buckets"]]


REFUSED = [
    ("User: u is not authorized to perform: braket:CreateQuantumTask on r", "ask for braket:CreateQuantumTask"),
    ("User: u is not authorized to perform: braket:TagResource on r", "ask for braket:TagResource"),
    ("User agreement has not been accepted for 123456789012.", "accept the agreement"),
    ("No service-linked role", "Amazon Braket is probably not enabled in this account: open its console once, or run"),
]


@pytest.mark.parametrize(("message", "remedy"), REFUSED)
def test_a_refused_submission_is_one_sentence_with_its_remedy(
    run: Any, notifier: Notifier, message: str, remedy: str
) -> None:
    notifier.braket.fail("CreateQuantumTask", "AccessDeniedException", message=message)

    done = run("verify", "--yes")

    assert done.code == 2
    assert done.err.startswith("braket-notifier: ")
    assert (remedy in done.err, message in done.err, done.err.count("\n")) == (True, True, 1)


def test_a_bucket_that_braket_cannot_use_is_one_sentence(run: Any, notifier: Notifier) -> None:
    said = f"Caller doesn't have access to {BUCKET} or it doesn't exist."
    notifier.braket.fail("CreateQuantumTask", "ValidationException", message=said)

    assert run("verify", "--yes").err == (
        f"braket-notifier: Braket cannot write there: name another bucket by --bucket ({said})\n"
    )


@pytest.mark.parametrize(
    ("device", "says"),
    [
        ("SV1", "SV1 is not the ARN of a device"),
        (SV1, "no watched region (eu-north-1) has the device SV1: name another by --device ARN"),
        ("arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q", "(eu-north-1) has the device Rigetti Cepheus"),
    ],
)
def test_a_device_that_no_watched_region_has_is_asked_for(
    run: Any, notifier: Notifier, settings: Path, device: str, says: str
) -> None:
    settings.write_text(SETTINGS.replace(f', "{FURTHER}"', ""))

    done = run("verify", "--yes", "--device", device)

    assert done.code == 2
    assert says in done.err
    assert notifier.braket.changes == []


def test_another_device_has_its_own_price_and_region(run: Any, notifier: Notifier) -> None:
    done = run("verify", "--device", "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet")

    assert "on IQM Garnet in eu-north-1 costs that device's price for a task and its shots." in done.out
    assert notifier.braket.changes == []


MACHINES = SETTINGS.replace('type = "slack"', 'type = "topic"').replace('channel = "C0123456789"\n', "")
MACHINES = re.sub(r"token = .*\n", "", MACHINES)


@pytest.mark.parametrize(("more", "notified"), [([], "mail"), (["--all"], "team-slack, mail")])
def test_machines_are_notified_only_with_all(
    run: Any, notifier: Notifier, settings: Path, more: list[str], notified: str
) -> None:
    settings.write_text(MACHINES)

    assert f"It notifies {notified}." in run("verify", *more).out
    assert notifier.braket.changes == []


def test_an_ignored_task_is_not_submitted(run: Any, notifier: Notifier, settings: Path) -> None:
    settings.write_text(f'{SETTINGS}\n[[ignore]]\ndevice = ["*sv1"]\n')

    done = run("verify", "--yes")

    assert done.err == "braket-notifier: the settings keep it from team-slack: ignored by [[ignore]] 1\n"
    assert notifier.braket.changes == []


NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def trail(a_task: Any, state: str, seconds: float) -> Trail:
    """A task that was routed so long ago, with its only notification in this state."""
    delivery = DeliveryRow("mail", "COMPLETED", state, None if state == "CLAIMED" else NOW, 2, "", 4.0, NOW)
    return Trail(
        now=NOW + timedelta(seconds=seconds),
        submitted=NOW,
        timeout=timedelta(seconds=10),
        task=a_task(ended_at=NOW),
        row=SnapshotRow(a_task(ended_at=NOW), (Step("COMPLETED", NOW, "event"),), dispatched=1),
        deliveries={"mail": delivery},
        passed={(name, ""): NOW for name in ("seen", "ended", "recorded", "routed")},
    )


@pytest.mark.parametrize(
    ("state", "seconds", "becomes", "says"),
    [
        ("DELIVERED", 99, "passed", "mail: accepted"),
        ("SUPERSEDED", 99, "passed", "mail: not needed, because a later status was sent"),
        ("CLAIMED", 9.9, "awaited", "mail: not accepted after 2 attempts"),
        ("CLAIMED", 10, "failed", "mail: not accepted after 2 attempts"),
        ("REOPENED", 10, "failed", "mail: not accepted after 2 attempts"),
        ("UNDELIVERED", 0, "failed", "mail: refused for good ()"),
    ],
)
def test_a_notification_fails_after_its_time_unless_it_was_settled(
    a_task: Any, state: str, seconds: float, becomes: str, says: str
) -> None:
    last = hops(trail(a_task, state, seconds), ["mail"])[-1]

    assert (last.state, last.text) == (becomes, says)


def test_a_hop_that_is_first_seen_after_a_claim_was_passed_before_it(a_task: Any) -> None:
    seen = replace(trail(a_task, "DELIVERED", 60), passed={})

    assert {hop.at for hop in hops(seen, ["mail"])} == {NOW}


def test_a_hop_that_was_passed_keeps_its_first_time(a_task: Any) -> None:
    assert {hop.at for hop in hops(trail(a_task, "DELIVERED", 60), ["mail"])} == {NOW}


@pytest.mark.parametrize("records", [{}, {"events": 1, "deliver-mail": 2}], ids=["empty queues", "unread queues"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-north-1"])
def test_every_section_of_the_runbook_that_a_hop_names_is_there(records: dict[str, int], region: str) -> None:
    headings = set(re.findall(r"^## (.+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE))
    at = Installed(NAME, "us-east-1", region, "arn", records)
    names = ["seen", "event", "ended", "recorded", "routed", "claimed", "accepted", "refused"]

    said = " ".join(where_to_look(Hop(name, "failed", NOW, "", "mail"), at) for name in names)

    sections = re.findall(r"docs/runbook\.md#([a-z-]+)", said)
    assert len(sections) == len(names) - 1
    assert set(sections) <= headings
    elsewhere = f"in eu-north-1 and the rule {NAME}-forwarded in us-east-1"
    assert (elsewhere in said) == (region == "eu-north-1" and not records)
