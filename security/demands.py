"""What the notifier has to do while one permission is missing: settings with each kind of channel, and a workload."""

import time
from collections.abc import Iterable, Mapping
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
}
OWN_KEY = {"[defaults]": '[defaults]\nkey = "own"'}
MORE = """
[channels.hello]
type = "handler"

[alarms]
email = ["ops@example.org"]

[[routes]]
to = ["hello"]
status = ["FAILED"]

[[routes]]
to = ["mail"]
kind = "task"
status = ["CANCELLED"]
"""
#: It gives a record back before it takes it: that needs a permission too.
HANDLER = """
from notifier.ports import TryLaterError

STUMBLED = set()

def handle(transition):
    name = transition.snapshot.tags["Name"]
    if "stumble" in name and name not in STUMBLED:
        STUMBLED.add(name)
        raise TryLaterError("stumbled", after_s=1)
"""

FAILED = Script(steps=usual("task", "FAILED"), failure_reason="x")
SCRIPTS = {
    "missed": Script(events="lost", steps=((0.0, "FAILED"),), failure_reason="x"),
    "unseen": Script(events="lost", steps=((0.0, "COMPLETED"),)),
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
    # one event, for which Braket is too busy at first: so it is the fourth failure, and no more are told singly
    "fourth": Script(lost=frozenset({"CREATED"}), steps=((1.0, "FAILED"),), failure_reason="x"),
    "job": Script(steps=((0.3, "RUNNING"), (3.0, "COMPLETED"))),
    "left": Script(steps=((0.2, "QUEUED"), (0.8, "CANCELLED"))),
}
#: So often observe asks before it gives the event back.
ASKED = 3


def settings(folder: Path, *, own_key: bool = False) -> tuple[Path, Path]:
    """The settings file and the folder of its handlers."""
    text = SETTINGS.read_text(encoding="utf-8")
    for old, new in (CHANGES | OWN_KEY if own_key else CHANGES).items():
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

    number: int
    arns: Mapping[str, str]
    """By what each is."""
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
        texts = {
            story.SLACK: "\n".join(each.plain() for each in stage.inbox.posts[self.posts :]),
            story.MAIL: "\n".join(f"{each.subject}\n{each.body}" for each in stage.inbox.mails[self.mails :]),
        }

        def hear(channels: Iterable[str], what: str, words: str) -> dict[str, bool]:
            return {f"{each} is not told {words}": each in told.get(self.arns[what], ()) for each in channels}

        return {
            "the sweep does not end in order": self.swept,
            "the status board is not drawn": self.drawn,
            **hear(CHANNELS, "missed", "of a quantum task that the sweep found"),
            **hear(PEOPLE, "unseen", "of a hybrid job that the sweep found"),
            **hear(CHANNELS, "partly", "of an event"),
            **hear(CHANNELS, "fourth", "of a fourth failure, for which Braket was busy at first"),
            **hear(["hello"], "stumble", "what it put off itself"),
            **hear(PEOPLE, "left", "what a reservation left over"),
            **hear(PEOPLE, "job", "of a hybrid job's end"),
            **{f"{each} is not told which hybrid job": f"job-{self.number}" in texts[each] for each in PEOPLE},
            **{f"{each} is not told which executables failed": "DEVICE" in texts[each] for each in PEOPLE},
            **{f"what {each} does not understand is lost": f"nothing that {each}" in kept for each in QUEUES},
        }


def ask(stage: Stage, number: int) -> Asked:
    """Each attempt is of batches of its own: no digest of an earlier one waits for it.

    The sweep comes first: what events tell is not to be found by it.
    """
    before = {"posts": len(stage.inbox.posts), "mails": len(stage.inbox.mails)}
    stage.inbox.fault(Fault("rate_limited", retry_after=1, method="chat.postMessage"))
    arns = {"missed": stage.submit(_act("missed", number)), "unseen": stage.submit(_act("unseen", number, kind="job"))}
    time.sleep(1)
    runs = {"swept": _runs(stage, "sweep"), "drawn": _runs(stage, "board")}
    arns["partly"] = stage.submit(_act("partly", number, programs=1, shots=8000))
    arns["left"] = stage.submit(_act("left", number, reservation=f"{RESERVATION}-{number:012}"))
    arns["job"] = stage.submit(_act("job", number, kind="job", children=1))
    arns["stumble"] = stage.submit(_act("stumble", number))
    arns["fourth"] = stage.submit(_act("fourth", number))
    stage.braket.fail("GetQuantumTask", "InternalServiceException", ASKED, arn=arns["fourth"])
    sqs = stage.cloud.client("sqs")
    for queue in QUEUES:
        sqs.send_message(QueueUrl=url(stage, queue), MessageBody=f"nothing that {queue} understands")
    return Asked(number, arns, **runs, **before)


def _act(what: str, number: int, **changes: Any) -> story.Act:  # noqa: ANN401 - members of an act
    """In a batch of its own, unless a reservation holds it."""
    batch = "" if "reservation" in changes else f"{what}-{number}"
    return story.Act(name=f"{what}-{number}", device=story.FORTE, script=FAILED, batch=batch, **changes)


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
