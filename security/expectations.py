"""The notifier's expected work while one permission is missing, and the part that is not done."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from braket_notifier.domain.destination import channel_of, direct
from braket_notifier.domain.notification import Wake
from braket_notifier.sending.wire import encode_wake
from local.braket.script import TERMINAL
from local.inbox.inbox import Fault
from local.story.stage import NAME, Stage
from security.scenario import CHANNELS, DM, MAIL, OWNER, PEOPLE, SLACK, TEAM, submit, submit_lost, submit_waiting
from security.template import name

QUEUES = ("events", *(f"deliver-{each}" for each in CHANNELS))


def deploy(stage: Stage, assembly: Path) -> None:
    stage.deploy(assembly)
    stage.sweep()  # the first sweep baselines the region
    submit_waiting(stage)


def tidy(stage: Stage) -> None:
    """Sweep the rest of an attempt, and empty the queues, so that the next attempt starts clean."""
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
    for region in stage.settings.regions:  # what was announced about devices and limits is announced again
        dynamodb.delete_item(TableName=snapshots, Key={"arn": {"S": f"watched#{region}"}})
    for queue in (*QUEUES, "undelivered"):
        stage.cloud.client("sqs").purge_queue(QueueUrl=url(stage, queue))
    for row in dynamodb.scan(TableName=deliveries, ConsistentRead=True)["Items"]:
        dynamodb.delete_item(TableName=deliveries, Key={name: row[name] for name in ("partition", "sort")})


@dataclass(frozen=True)
class Attempt:
    """An attempt: the submitted resources, and whether the sweep and the status board succeeded meanwhile."""

    number: int
    arns: Mapping[str, str]
    """ARNs by the role of each resource in the scenario."""
    swept: bool
    rendered: bool
    #: Numbers of posts and mails before the attempt.
    posts: int
    mails: int

    def unmet(self, stage: Stage) -> list[str]:
        """The expectations that are not met yet."""
        return [says for says, is_met in self._wanted(stage).items() if not is_met]

    def _wanted(self, stage: Stage) -> dict[str, bool]:
        delivered, kept = _delivered(stage), _kept(stage)
        posts = stage.inbox.posts[self.posts :]
        texts = {
            SLACK: "\n".join(each.plain() for each in posts if each.channel == TEAM),
            DM: "\n".join(each.plain() for each in posts if each.channel != TEAM),
            MAIL: "\n".join(f"{each.subject}\n{each.body}" for each in stage.inbox.mails[self.mails :]),
        }

        def misses(channels: Iterable[str], kind: str, words: str) -> dict[str, bool]:
            return {f"{each} misses {words}": each in delivered.get(self.arns[kind], ()) for each in channels}

        return {
            "the sweep does not end in order": self.swept,
            "the status board is not rendered": self.rendered,
            "a retired device is not announced": "is RETIRED" in texts[SLACK],
            "a spending limit is not announced": "of your $" in texts[SLACK],
            **misses(CHANNELS, "missed", "a quantum task that the sweep found"),
            **misses(PEOPLE, "unseen", "a hybrid job that the sweep found"),
            **misses(CHANNELS, "partly", "a quantum task that events reported"),
            **misses(CHANNELS, "fourth", "a failure for which Braket was busy at first"),
            **misses(["hello"], "stumble", "the notification that it put off"),
            **misses((*PEOPLE, DM), "left", "the tasks that a reservation left over"),
            **misses(PEOPLE, "job", "a hybrid job's end"),
            **{f"{each} misses the name of the hybrid job": f"job-{self.number}" in texts[each] for each in PEOPLE},
            **{f"{each} misses the list of failed executables": "DEVICE" in texts[each] for each in texts},
            **{f"a malformed record in the queue {each} is lost": f"nothing that {each}" in kept for each in QUEUES},
        }


def attempt(stage: Stage, number: int) -> Attempt:
    """Sweep first, because the sweep must not find the changes that events report."""
    before = {"posts": len(stage.inbox.posts), "mails": len(stage.inbox.mails)}
    stage.inbox.fault(Fault("rate_limited", retry_after=1, method="chat.postMessage", channel=TEAM))
    arns = submit_lost(stage, number)
    time.sleep(1)
    swept, rendered = _runs(stage, "sweep"), _runs(stage, "board")
    arns = {**arns, **submit(stage, number)}
    sqs = stage.cloud.client("sqs")
    for to in (*PEOPLE, direct(DM, OWNER)):
        sqs.send_message(QueueUrl=url(stage, f"deliver-{channel_of(to)}"), MessageBody=encode_wake(Wake(to)))
    for queue in QUEUES:
        sqs.send_message(QueueUrl=url(stage, queue), MessageBody=f"nothing that {queue} understands")
    return Attempt(number, arns, swept, rendered, **before)


def url(stage: Stage, queue: str) -> str:
    return str(stage.cloud.client("sqs").get_queue_url(QueueName=f"{NAME}-{queue}")["QueueUrl"])


def _runs(stage: Stage, function: str) -> bool:
    try:
        stage.cloud.invoke(f"{NAME}-{function}")
    except RuntimeError:
        return False
    return True


def _kept(stage: Stage) -> str:
    """The bodies in the queue of undelivered records, which nothing else receives."""
    asked = {"QueueUrl": url(stage, "undelivered"), "MaxNumberOfMessages": 10, "VisibilityTimeout": 0}
    return " ".join(each["Body"] for each in stage.cloud.client("sqs").receive_message(**asked).get("Messages", []))


def _delivered(stage: Stage) -> dict[str, set[str]]:
    """The channels that accepted the end of each resource, by the delivery table."""
    rows = stage.cloud.client("dynamodb").scan(TableName=table(stage, "Deliveries"), ConsistentRead=True)["Items"]
    delivered: dict[str, set[str]] = {}
    for row in rows:
        to, _, arn = row["partition"]["S"].rpartition("#")
        if row.get("state", {}).get("S") == "DELIVERED" and row["sort"]["S"] in TERMINAL:
            delivered.setdefault(arn, set()).add(channel_of(to))
    return delivered


def table(stage: Stage, called: str) -> str:
    tables = stage.stack.of_type("AWS::DynamoDB::Table")
    return next(tables[id_] for id_ in tables if name(id_) == f"Storage{called}")
