"""What the notifier has to do while one permission is missing: settings with each kind of channel, and a workload."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import story
from local.braket import CreateRequest, FailedExecutable, Script, usual
from local.braket_script import TERMINAL
from local.inbox import Fault
from local.stage import NAME, SETTINGS, Stage
from security.words import name

RESERVATION = "arn:aws:braket:us-east-1:000000000000:reservation/3f2a9c1e-5b7d-4a60-8f13"
PEOPLE = (story.SLACK, story.MAIL)
CHANNELS = (*PEOPLE, "hello")
QUEUES = ("events", *(f"deliver-{each}" for each in CHANNELS))
#: What is put into the local settings, in place of what: one home, no sweep but ours, a digest of the fourth failure.
CHANGES = {
    'regions   = ["us-east-1", "us-west-1", "us-west-2", "eu-west-2", "eu-north-1"]': (
        'regions   = ["us-east-1", "eu-north-1"]'
    ),
    'sweep_every = "1m"': f'sweep_every = "1h"\nread_results = true\nresult_buckets = ["{story.BUCKET}"]',
    "digest_after = 4": "digest_after = 3",
    'to      = ["quantum-group@example.org"]': 'to      = ["quantum-group@example.org"]\ncollect = "1m"',
}
MORE = """
[channels.hello]
type = "handler"

[alarms]
email = ["ops@example.org"]

[[routes]]
to = ["hello"]
status = ["FAILED"]
"""
#: It gives a record back by raising: that needs a permission too.
HANDLER = """
def handle(transition):
    if "stumble" in transition.snapshot.tags["Name"]:
        raise ValueError("stumbled")
"""

FAILED = Script(steps=usual("task", "FAILED"), failure_reason="x")
SCRIPTS = {
    "partly": Script(
        steps=usual("task", "FAILED"),
        failure_reason="1 of 8 executables failed",
        successful_shots=7000,
        program_count=1,
        executable_count=8,
        failed_executables=(
            FailedExecutable(program=0, inputs_index=0, reason="Qubit 17 is offline", category="DEVICE"),
        ),
    ),
    # after what is to be told singly: of so many failures one channel tells no more so
    "stumble": Script(steps=((0.2, "QUEUED"), (6.0, "FAILED")), failure_reason="x"),
    "later": Script(steps=((0.2, "QUEUED"), (8.0, "FAILED")), failure_reason="x"),
    "job": Script(steps=((0.3, "RUNNING"), (3.0, "COMPLETED"))),
    "left": Script(steps=((0.2, "QUEUED"), (0.8, "CANCELLED"))),
    "missed": Script(events="lost", steps=((0.0, "FAILED"),), failure_reason="x"),
}


def settings(folder: Path) -> tuple[Path, Path]:
    """The settings file and the folder of its handlers."""
    text = SETTINGS.read_text(encoding="utf-8")
    for old, new in CHANGES.items():
        if old not in text:
            raise ValueError(f"{SETTINGS} has no {old!r} any more")
        text = text.replace(old, new)
    custom = folder / "custom"
    custom.mkdir(parents=True, exist_ok=True)
    (custom / "hello.py").write_text(HANDLER)
    path = folder / "notifier.toml"
    path.write_text(text + MORE)
    return path, custom


def choose(request: CreateRequest) -> Script:
    """Names are `WHAT-NUMBER`; a hybrid job's own tasks are called after it."""
    return story.CHILD if "-step-" in request.name else SCRIPTS.get(request.name.partition("-")[0], FAILED)


def deploy(stage: Stage, assembly: Path) -> None:
    stage.deploy(assembly)
    stage.sweep()  # the first one baselines the region


def tidy(stage: Stage) -> None:
    """Whatever an attempt has left is found by a sweep, and nothing of it waits for the next attempt."""
    stage.braket.recover()
    stage.inbox.clear_faults()
    dynamodb, snapshots, deliveries = (
        stage.cloud.client("dynamodb"),
        table(stage, "Snapshots"),
        table(stage, "Deliveries"),
    )
    for row in dynamodb.scan(TableName=snapshots, ConsistentRead=True)["Items"]:
        if row["arn"]["S"].startswith("cursor#"):
            dynamodb.put_item(TableName=snapshots, Item={**row, "until": {"N": "0"}})
    stage.sweep()
    for queue in (*QUEUES, "undelivered"):
        stage.cloud.client("sqs").purge_queue(QueueUrl=url(stage, queue))
    for row in dynamodb.scan(TableName=deliveries, ConsistentRead=True)["Items"]:
        dynamodb.delete_item(TableName=deliveries, Key={"arn": row["arn"], "channel": row["channel"]})


@dataclass(frozen=True)
class Asked:
    """What was submitted, and whether the sweep and the status board went well meanwhile."""

    partly: str
    missed: str
    left: str
    job: str
    swept: bool
    drawn: bool
    #: So many had come before.
    posts: int
    mails: int

    def unmet(self, stage: Stage) -> list[str]:
        """What the notifier has not done, or not yet."""
        return [says for says, is_met in self._wanted(stage).items() if not is_met]

    def _wanted(self, stage: Stage) -> dict[str, bool]:
        told, kept = _delivered(stage), _kept(stage)
        posts = (each.plain() for each in stage.inbox.posts[self.posts :])
        mails = (each.body for each in stage.inbox.mails[self.mails :])
        return {
            "the sweep does not end in order": self.swept,
            "the status board is not drawn": self.drawn,
            **{f"{each} is not told of an event": each in told.get(self.partly, ()) for each in CHANNELS},
            **{f"{each} is not told what the sweep found": each in told.get(self.missed, ()) for each in CHANNELS},
            f"{story.SLACK} is not told what a reservation left over": story.SLACK in told.get(self.left, ()),
            **{f"{each} is not told of a hybrid job's end": each in told.get(self.job, ()) for each in PEOPLE},
            f"{story.SLACK} is not told which executables failed": any("DEVICE" in each for each in posts),
            f"{story.MAIL} is not told which executables failed": any("DEVICE" in each for each in mails),
            **{f"what {each} does not understand is lost": f"nothing that {each}" in kept for each in QUEUES},
        }


def ask(stage: Stage, number: int) -> Asked:
    """Each attempt is of a batch of its own: no digest of an earlier one waits for it."""
    before = {"posts": len(stage.inbox.posts), "mails": len(stage.inbox.mails)}
    stage.inbox.fault(Fault("rate_limited", retry_after=1, method="chat.postMessage"))
    partly = stage.submit(_act("partly", number, "one", programs=1, shots=8000))
    stage.braket.fail("GetQuantumTask", "InternalServiceException", 2, arn=partly)  # the sweep may meet one of them
    missed = stage.submit(_act("missed", number, "two"))
    left = stage.submit(_act("left", number, reservation=f"{RESERVATION}-{number:012}"))
    job = stage.submit(_act("job", number, kind="job", children=1))
    for what in ("stumble", "later"):  # one group: the second waits for a digest
        stage.submit(_act(what, number, "three"))
    sqs = stage.cloud.client("sqs")
    for queue in QUEUES:
        sqs.send_message(QueueUrl=url(stage, queue), MessageBody=f"nothing that {queue} understands")
    time.sleep(1)
    return Asked(partly, missed, left, job, swept=_runs(stage, "sweep"), drawn=_runs(stage, "board"), **before)


def _act(what: str, number: int, batch: str = "", **changes: Any) -> story.Act:  # noqa: ANN401 - members of an act
    group = f"{batch}-{number}" if batch else ""
    return story.Act(name=f"{what}-{number}", device=story.FORTE, script=FAILED, batch=group, **changes)


def url(stage: Stage, queue: str) -> str:
    return str(stage.cloud.client("sqs").get_queue_url(QueueName=f"{NAME}-{queue}")["QueueUrl"])


def _runs(stage: Stage, function: str) -> bool:
    try:
        stage.cloud.invoke(f"{NAME}-{function}")
    except RuntimeError:
        return False
    return True


def _kept(stage: Stage) -> str:
    """What waits in the queue of what nobody understands; nobody else takes it from there."""
    asked = {"QueueUrl": url(stage, "undelivered"), "MaxNumberOfMessages": 10, "VisibilityTimeout": 0}
    return " ".join(each["Body"] for each in stage.cloud.client("sqs").receive_message(**asked).get("Messages", []))


def _delivered(stage: Stage) -> dict[str, set[str]]:
    """The channels that took the end of each resource, as the ledger has it."""
    rows = stage.cloud.client("dynamodb").scan(TableName=table(stage, "Deliveries"), ConsistentRead=True)["Items"]
    told: dict[str, set[str]] = {}
    for row in rows:
        channel, _, status = row["channel"]["S"].partition("#")
        if row.get("state", {}).get("S") == "DELIVERED" and status in TERMINAL:
            told.setdefault(row["arn"]["S"], set()).add(channel)
    return told


def table(stage: Stage, called: str) -> str:
    tables = stage.stack.of_type("AWS::DynamoDB::Table")
    return next(tables[id_] for id_ in tables if name(id_) == f"Storage{called}")
