"""Build the AWS clients of the functions on first use, and keep them."""

import math
from datetime import datetime
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, cast

from botocore.config import Config
from botocore.session import Session, get_session
from botocore.utils import parse_timestamp

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from mypy_boto3_braket import BraketClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

    from braket_notifier.adapters.aws.cloudtrail import CloudTrailClient

_MAKING = Lock()
#: A fixed user agent, because botocore would build its own twice a call, a tenth of the call's processor time.
NAME = "braket-status-notifier"
#: For reads and idempotent writes, which may be repeated; stated because boto3's default changed with 1.44.
REPEATED = Config(
    user_agent=NAME, retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=10
)
#: For a publish, which after a lost answer would send a second e-mail.
ONCE = REPEATED.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
#: For reads that are left out if they take long, or that the lease of a claim limits.
SHORT = REPEATED.merge(Config(connect_timeout=0.8, read_timeout=1))
#: Seconds of rest after which AWS may have dropped an idle connection.
IDLE_S = 20.0


class Connections:
    """Every client of this process, and the start of its last invocation."""

    def __init__(self) -> None:
        self._clients: list[BaseClient] = []
        self._began_at = math.inf

    def add(self, client: "BaseClient") -> None:
        self._clients.append(client)

    def begin(self, now: float) -> None:
        """Close idle connections at the start of an invocation; `now`: wall clock, as others stop with the process."""
        if now - self._began_at > IDLE_S:
            for client in self._clients:
                client.close()  # the next call opens a new connection
        self._began_at = now


@cache
def connections() -> Connections:
    return Connections()


def braket(region: str) -> "BraketClient":
    """Never repeat by itself, because every attempt passes the rate limiter."""
    return cast("BraketClient", _client("braket", ONCE, region))


def dynamodb() -> "DynamoDBClient":
    return cast("DynamoDBClient", _client("dynamodb", REPEATED))


def sns(config: Config) -> "SNSClient":
    return cast("SNSClient", _client("sns", config))


def events() -> "EventBridgeClient":
    """Put an event once, because a repeat after a lost answer would be a second event."""
    return cast("EventBridgeClient", _client("events", ONCE))


def s3(region: str) -> "S3Client":
    return cast("S3Client", _client("s3", SHORT, region))


def sqs() -> "SQSClient":
    return cast("SQSClient", _client("sqs", REPEATED))


def sqs_of(region: str) -> "SQSClient":
    """Return the client for the sweep's last reads; an empty region is the home region."""
    return cast("SQSClient", _client("sqs", SHORT, region))


def cloudtrail(region: str) -> "CloudTrailClient":
    """Never repeat by itself, because each request is paced."""
    return cast("CloudTrailClient", _client("cloudtrail", ONCE, region))


def ssm() -> "SSMClient":
    """Read a secret within the lease of a claim."""
    return cast("SSMClient", _client("ssm", SHORT))


def _client(service: str, config: Config, region: str = "") -> "BaseClient":
    """Build one client at a time, because several threads ask for one and a session is not thread-safe."""
    with _MAKING:
        return _built(service, config, region)


@cache
def _built(service: str, config: Config, region: str) -> "BaseClient":
    client = session().create_client(service, region_name=region or None, config=config)
    connections().add(client)
    return client


@cache
def session() -> Session:
    """Share one botocore session, because another would read botocore's data again.

    Importing boto3 would take as long as building four clients. The standard library parses times, in a third of the
    time that botocore's own parser takes for a page of a hundred summaries.
    """
    built = get_session()
    built.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_time)
    return built


def _time(value: str) -> datetime | str:
    """Return an invalid time unchanged, because botocore would otherwise refuse the whole answer."""
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):  # seconds since 1970, in other services
        pass
    try:
        return parse_timestamp(value)
    except ValueError:
        return value
