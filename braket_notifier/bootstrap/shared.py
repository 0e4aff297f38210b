"""Settings, the table `snapshots`, clocks and the queue of undelivered records, built from the environment and kept."""

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.sqs import SqsUndelivered, SqsWaits
from braket_notifier.adapters.dynamodb.published import DynamoPublished
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.domain.policy import Policy
from braket_notifier.errors import DeferError, LateError
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.routing.published import Following, NoAccessError, Published, identity
from braket_notifier.sending.retry import error_wait_s
from braket_notifier.sending.sqs_batch import Record, is_to_renew, receives

SETTINGS = Path(__file__).parents[2] / "settings.json"
#: Stands for the function's own region in the settings of a template that is deployed in any region.
HERE = "$AWS_REGION"
#: DynamoDB's answers that no retry changes.
_LASTING = {"AccessDeniedException", "ResourceNotFoundException"}

monotonic, sleep = time.monotonic, time.sleep


def now() -> datetime:
    return datetime.now(UTC)


def begin() -> None:
    """Begin an invocation without the connections that AWS may have dropped since the last one."""
    clients.connections().begin(time.time())


def policy() -> Policy:
    """Read the deployed settings, or the settings published since."""
    return _following().policy()


@cache
def _following() -> Following:
    return Following(shipped(), deployment(), _read_published, monotonic, _log_unusable)


def _read_published() -> Published:
    """Look the table up with each read, because new code may run before its environment names the table."""
    try:
        rows = published()
    except KeyError as error:
        raise NoAccessError("the environment does not name the table") from error
    try:
        return rows.read()
    except ClientError as error:
        if error.response["Error"]["Code"] in _LASTING:
            raise NoAccessError(str(error)) from error
        raise


def shipped() -> Policy:
    """Read the deployed settings."""
    text = SETTINGS.read_text(encoding="utf-8")
    return parse_policy(json.loads(text.replace(HERE, os.environ["AWS_REGION"]) if HERE in text else text))


@cache
def deployment() -> str:
    """Identify this deployment as the command line does; an upgrade may change code and environment one by one."""
    return identity(sha256(SETTINGS.read_bytes()).hexdigest(), os.environ.get("SETTINGS_VERSION", ""))


def published() -> DynamoPublished:
    return DynamoPublished(snapshots_table())


def _log_unusable(error: Exception) -> None:
    """Log an error, because the command checks settings before it publishes them."""
    Logger().error("published settings could not be applied", reason=f"{type(error).__name__}: {error}")


def log_skipped(error: Exception) -> None:
    """Log an error, which raises an alarm, and go on with the other rows or summaries."""
    Logger().error("unreadable row or summary skipped", reason=str(error))


@dataclass(frozen=True, slots=True)
class Alone:
    """Runs a part of the sweep; its error stops no other part, and the line in the log raises an alarm."""

    failed: str
    #: The line if only time was short, which raises none.
    late: str = ""

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if self.late and isinstance(error, LateError):
            Logger().info(self.late)
        elif isinstance(error, Exception):
            Logger().error(self.failed, exc_info=error)
        return isinstance(error, Exception)


@cache
def snapshots(retention_days: int) -> DynamoSnapshots:
    return DynamoSnapshots(snapshots_table(), retention_days, on_skipped=log_skipped)


@cache
def snapshots_table() -> Table:
    return Table(clients.dynamodb(), os.environ["SNAPSHOTS_TABLE"])


@cache
def deliveries_table() -> Table:
    return Table(clients.dynamodb(), os.environ["DELIVERIES_TABLE"])


@cache
def visibility(variable: str) -> SqsWaits:
    """Set the visibility of records in the queue whose URL is in an environment variable."""
    return SqsWaits(clients.sqs(), os.environ[variable])


def put_back(variable: str, record: Record, wait: DeferError) -> None:
    """Hide a record for its wait and raise it, or put a copy in the place of a record that SQS would delete soon."""
    if is_to_renew(record, now()):
        visibility(variable).renew(record["body"], wait.seconds)
        return
    visibility(variable).defer(record["receiptHandle"], wait.seconds)
    raise wait


def come_again(variable: str, record: Record) -> None:
    """Let a record come soon after an unexpected error; if this fails too, it comes after its visibility timeout."""
    with suppress(Exception):
        visibility(variable).defer(record["receiptHandle"], error_wait_s(receives(record)))


@cache
def undelivered() -> SqsUndelivered:
    return SqsUndelivered(clients.sqs(), os.environ["UNDELIVERED_QUEUE_URL"])
