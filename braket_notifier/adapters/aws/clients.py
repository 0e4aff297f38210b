"""The AWS clients of the functions, each made on first use and kept."""

from datetime import datetime
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, cast

from botocore.config import Config
from botocore.session import Session, get_session
from botocore.utils import parse_timestamp

if TYPE_CHECKING:
    from mypy_boto3_braket import BraketClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

_MAKING = Lock()
#: One fixed name: botocore would make its own anew twice a call, for a tenth of the call's processor time.
NAME = "braket-status-notifier"
#: Reads and writes of ours may be repeated, they are all idempotent; boto3's default changed with 1.44.
REPEATED = Config(
    user_agent=NAME, retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=10
)
#: A publish is no such thing: repeated after a lost answer, it is a second e-mail.
ONCE = REPEATED.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
#: For what nobody may wait for: soon or not at all.
AT_ONCE = ONCE.merge(Config(connect_timeout=1, read_timeout=2))


def braket(region: str) -> "BraketClient":
    """Resources are read by several threads, and a session makes one client at a time."""
    with _MAKING:
        return _braket(region)


@cache
def _braket(region: str) -> "BraketClient":
    """Every question is paced, so botocore must not repeat one by itself."""
    return cast("BraketClient", session().create_client("braket", region_name=region, config=ONCE))


@cache
def dynamodb() -> "DynamoDBClient":
    return cast("DynamoDBClient", session().create_client("dynamodb", config=REPEATED))


@cache
def sns(config: Config) -> "SNSClient":
    return cast("SNSClient", session().create_client("sns", config=config))


@cache
def s3(region: str) -> "S3Client":
    return cast("S3Client", session().create_client("s3", region_name=region, config=AT_ONCE))


@cache
def sqs() -> "SQSClient":
    return cast("SQSClient", session().create_client("sqs", config=REPEATED))


@cache
def sqs_of(region: str) -> "SQSClient":
    """For what the sweep asks last. No region: the home region."""
    return cast("SQSClient", session().create_client("sqs", region_name=region or None, config=AT_ONCE))


@cache
def ssm() -> "SSMClient":
    """A secret is read within the lease of a claim."""
    return cast("SSMClient", session().create_client("ssm", config=ONCE))


@cache
def session() -> Session:
    """One session for all, since a second one would read botocore's data again; and botocore's own.

    To import boto3 takes as long as to make four clients. Times are read by the standard library: a page of a hundred
    summaries then takes a third as long to read as with botocore's own reader of times.
    """
    made = get_session()
    made.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_time)
    return made


def _time(value: str) -> datetime | str:
    """What is no time stays as it is, for whoever reads it to say so: botocore would refuse the whole answer."""
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):  # seconds since 1970, in other services
        pass
    try:
        return parse_timestamp(value)
    except ValueError:
        return value
