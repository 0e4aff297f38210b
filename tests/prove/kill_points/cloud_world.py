"""An installation on the local cloud for one kind of run: tables, queues, channels, and a worker that may be killed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote_plus

from benchmarks.pump import record
from braket_notifier.domain.destination import channel_of
from braket_notifier.text.json_fields import iso
from local.cloud.cloud import ACCOUNT, Cloud
from tests import canary
from tests.prove.kill_points.shapes import DESTINATIONS, DIRECT, MAIL, REGION, SETTINGS, SLACK, TAKEN, schema
from tests.prove.wire import Treatment, Wire

ROOT = Path(__file__).parents[3]
#: Seconds past every lease, every send interval and the relay's minute.
STEP_S = 120
ROUNDS = 8
_RECORDS = "ApproximateNumberOfMessages"
COUNTS = [_RECORDS, f"{_RECORDS}NotVisible", f"{_RECORDS}Delayed"]


class NotQuietError(Exception):
    """Records come again and again although all faults are over."""


@dataclass
class CloudWorld:
    """An installation with its own tables and queues. `slack` names the kind of the Slack channel, bot or webhook."""

    cloud: Cloud
    braket_url: str
    name: str
    slack: str
    folder: Path
    #: Whether the e-mail channel is the fallback of the others.
    fallback: bool = False
    queues: dict[str, str] = field(default_factory=dict)
    wires: dict[str, Wire] = field(default_factory=dict)
    ahead_s: float = 0
    #: Number of the call of observe that records the row, once known.
    recorded_by: int = 1

    @contextmanager
    def open(self) -> Iterator["CloudWorld"]:
        sqs = self.cloud.client("sqs")
        for queue in ("events", "undelivered", *map(channel_of, DESTINATIONS)):
            self.queues[queue] = sqs.create_queue(QueueName=f"{self.name}-{queue}")["QueueUrl"]
        (self.folder / "settings.json").write_text(json.dumps(SETTINGS))
        with ExitStack() as running:
            for channel, kind in {SLACK: self.slack, MAIL: "sns", DIRECT: "bot"}.items():
                self.wires[channel] = running.enter_context(Wire(Treatment(answer=TAKEN[kind], accepts=True)))
            self._keep_secret()
            self._log = running.enter_context(self._log_path.open("wb"))
            self._worker = running.enter_context(self._start(self._log))
            running.callback(self._input.close)
            yield self

    @property
    def log(self) -> str:
        return self._log_path.read_text()

    @property
    def _log_path(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def _input(self) -> IO[str]:
        assert self._worker.stdin
        return self._worker.stdin

    def _keep_secret(self) -> None:
        secret = canary.TOKEN if self.slack == "bot" else f"{self.wires[SLACK].url}/services/{canary.HOOK}"
        for name, value in {"slack": secret, "dm": canary.TOKEN}.items():
            self.cloud.client("ssm").put_parameter(Name=f"/{self.name}/{name}", Value=value, Type="SecureString")

    def _start(self, log: IO[bytes]) -> subprocess.Popen[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT / 'lambdas'}:{ROOT}",
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "-",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.cloud.url,
            "AWS_ENDPOINT_URL_BRAKET": self.braket_url,
            "AWS_ENDPOINT_URL_SNS": self.wires[MAIL].url,
            "POWERTOOLS_SERVICE_NAME": "killed",
            "POWERTOOLS_METRICS_NAMESPACE": "BraketNotifier/test",
            "SNAPSHOTS_TABLE": f"{self.name}-snapshots",
            "DELIVERIES_TABLE": f"{self.name}-deliveries",
            "MAIL_TOPICS": "{}",
            "FORWARDING_QUEUES": "{}",
            "CHANNEL_QUEUES": json.dumps({each: self.queues[each] for each in map(channel_of, DESTINATIONS)}),
            "EVENT_SOURCE": "aws.braket",
            "ACCOUNT_ID": ACCOUNT,
            "PARTITION": "aws",
            "EVENTS_QUEUE_URL": self.queues["events"],
            "UNDELIVERED_QUEUE_URL": self.queues["undelivered"],
        }
        return subprocess.Popen(  # noqa: S603 - our own file, run by our own Python
            [sys.executable, Path(__file__).with_name("killed.py")],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

    # --- one run ---------------------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Reset to an installation an hour ago, whose last sweep was ten minutes ago."""
        self.ahead_s = 0
        dynamodb, sqs = self.cloud.client("dynamodb"), self.cloud.client("sqs")
        present = dynamodb.list_tables()["TableNames"]
        for table, keys in {"snapshots": ("arn",), "deliveries": ("partition", "sort")}.items():
            name = f"{self.name}-{table}"
            if name in present:
                dynamodb.delete_table(TableName=name)
            dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **schema(keys))
        now = datetime.now(UTC)
        started, swept = iso(now - timedelta(hours=1)), iso(now - timedelta(minutes=10))
        cursor = {"watermark": {"S": swept}, "looked_back_at": {"S": swept}}
        for item in (
            {"arn": {"S": f"start#{REGION}"}, "at": {"S": started}},
            {"arn": {"S": f"cursor#{REGION}"}, "at": {"M": cursor}, "until": {"N": "0"}, "owner": {"S": ""}},
        ):
            dynamodb.put_item(TableName=f"{self.name}-snapshots", Item=item)
        for url in self.queues.values():
            sqs.purge_queue(QueueUrl=url)
        for wire in self.wires.values():
            wire.treat.clear()
            wire.accepted.clear()
            wire.requests.clear()

    def put_down(self, channel: str) -> None:
        """Set the health of a channel that has been down for an hour, and whose next probe is due."""
        since, due = (iso(datetime.now(UTC) - timedelta(minutes=minutes)) for minutes in (60, 1))
        words = {"down_since": since, "tried_since": since, "next_try": due, "class": "mendable", "reason": "before"}
        item = {"partition": f"{channel}#lease", "sort": "lease", **words}
        self._put_item({name: {"S": text} for name, text in item.items()} | {"refusals": {"N": "9"}})

    def put_card(self, channel: str, arn: str) -> None:
        item = {"partition": f"{channel}#{arn}", "sort": "card", "place": "C1/1.0"}
        self._put_item({name: {"S": text} for name, text in item.items()} | {"shows": {"N": "0"}})

    def _put_item(self, item: dict[str, Any]) -> None:
        self.cloud.client("dynamodb").put_item(TableName=f"{self.name}-deliveries", Item=item)

    def put(self, queue: str, body: str) -> None:
        self.cloud.client("sqs").send_message(QueueUrl=self.queues[queue], MessageBody=body)

    def taken(self, queue: str) -> dict[str, Any]:
        """The visible records in the form of Lambda's event source; empty if there are none."""
        asked = {"MaxNumberOfMessages": 10, "VisibilityTimeout": 600, "MessageSystemAttributeNames": ["All"]}
        found = self.cloud.client("sqs").receive_message(QueueUrl=self.queues[queue], **asked).get("Messages", [])
        return {"Records": [record(each) | {"queue": queue} for each in found]} if found else {}

    def invoke(
        self,
        function: str,
        event: dict[str, Any],
        channel: str = "",
        kill_at: int = 0,
        moment: str = "",
        *,
        idle: bool = False,
    ) -> dict[str, Any]:
        """Run a function once, to its end or to its death, and settle its records.

        `idle`: the process has run before, and its connections are reset at their next request.
        """
        order = {
            "function": function,
            "event": event,
            "environment": self._channel(channel),
            "settings": str(self.folder / "settings.json"),
            "ahead_s": self.ahead_s,
            "kill_at": kill_at,
            "moment": moment,
            "idle": idle,
        }
        self._input.write(json.dumps(order) + "\n")
        self._input.flush()
        assert self._worker.stdout
        said: dict[str, Any] = json.loads(self._worker.stdout.readline())
        self.ahead_s += STEP_S
        self._settle(event, said)
        return said

    def _channel(self, channel: str) -> dict[str, str]:
        if not channel:
            return {}
        channel = channel_of(channel)
        chosen = {"CHANNEL": channel, "QUEUE_URL": self.queues[channel], "SLACK_ENDPOINT_URL": self.wires[channel].url}
        if channel == MAIL:
            return {**chosen, "CHANNEL_TYPE": "email", "TOPIC_ARN": f"arn:aws:sns:{REGION}:{ACCOUNT}:mail"}
        secret = f"ssm:/{self.name}/slack"
        how = {"SLACK_CHANNEL": "C1", "SLACK_TOKEN": secret} if self.slack == "bot" else {"SLACK_WEBHOOK": secret}
        how = {"SLACK_TOKEN": f"ssm:/{self.name}/dm"} if channel == DIRECT else how
        fallback = {"FALLBACK": json.dumps({MAIL: self.queues[MAIL]})} if self.fallback else {}
        return {**chosen, "CHANNEL_TYPE": "slack", **how, **fallback}

    def _settle(self, event: dict[str, Any], said: dict[str, Any]) -> None:
        """Delete the successful records. The others come again at once, because the clock has passed every wait."""
        failed = {failure["itemIdentifier"] for failure in said.get("answer", {}).get("batchItemFailures", [])}
        for each in event.get("Records", []):
            handle = {"QueueUrl": self.queues[each["queue"]], "ReceiptHandle": each["receiptHandle"]}
            if said["code"] == 0 and each["messageId"] not in failed:
                self.cloud.client("sqs").delete_message(**handle)
            else:
                self.cloud.client("sqs").change_message_visibility(**handle, VisibilityTimeout=0)

    def until_quiet(self, function: str, queue: str) -> None:
        """Give the function the records of its queue until none is left; a destination has that of its channel."""
        for _ in range(ROUNDS):
            if not (event := self.taken(channel_of(queue))):
                break
            self.invoke(function, event, queue if function == "deliver" else "")
        if self._left(channel_of(queue)):
            raise NotQuietError(queue)

    def _left(self, queue: str) -> int:
        """The number of records in a queue, also of those that are hidden or delayed."""
        asked = {"QueueUrl": self.queues[queue], "AttributeNames": COUNTS}
        counts = self.cloud.client("sqs").get_queue_attributes(**asked)["Attributes"]
        return sum(map(int, counts.values()))

    # --- what became of it -----------------------------------------------------------------------------------------

    def accepted(self, destination: str) -> list[str]:
        """The accepted messages, without probes."""
        bodies = [unquote_plus(body.decode()) for body in self.wires[channel_of(destination)].accepted]
        return [each for each in bodies if '"text"' in each or "Action=Publish" in each]

    def ledger(self, arn: str, destination: str) -> str:
        """The state of the row of this resource's end, or an empty text; RELEASED: claimed before, and not in doubt."""
        row = self.row(f"{destination}#{arn}", "COMPLETED")
        return "RELEASED" if row.get("state") == "CLAIMED" and row["doubts"] == "0" else row.get("state", "")

    def row(self, partition: str, sort: str) -> dict[str, str]:
        """A row of the deliveries, with numbers as text."""
        key = {"partition": {"S": partition}, "sort": {"S": sort}}
        found = self.cloud.client("dynamodb").get_item(
            TableName=f"{self.name}-deliveries", Key=key, ConsistentRead=True
        )
        return {name: str(next(iter(value.values()))) for name, value in found.get("Item", {}).items()}

    def open_rows(self) -> int:
        scanned = self.cloud.client("dynamodb").scan(TableName=f"{self.name}-snapshots")["Items"]
        return sum("work" in row for row in scanned)
