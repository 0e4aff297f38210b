"""Build the AWS clients of the functions on first use, and keep them."""

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
#: A fixed user agent, because botocore would build its own twice a call, a tenth of the call's processor time.
NAME = "braket-status-notifier"
#: For reads and idempotent writes, which may be repeated; stated because boto3's default changed with 1.44.
REPEATED = Config(
    user_agent=NAME, retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=10
)
#: For a publish, which after a lost answer would send a second e-mail.
ONCE = REPEATED.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
#: For reads that are left out if they take long.
AT_ONCE = ONCE.merge(Config(connect_timeout=1, read_timeout=2))


def braket(region: str) -> "BraketClient":
    """Build one client at a time, because several threads read Braket and a session is not thread-safe."""
    with _MAKING:
        return _braket(region)


@cache
def _braket(region: str) -> "BraketClient":
    """Never repeat by itself, because every attempt passes the rate limiter."""
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
    """Build the client for the sweep's last reads; an empty region is the home region."""
    return cast("SQSClient", session().create_client("sqs", region_name=region or None, config=AT_ONCE))


@cache
def ssm() -> "SSMClient":
    """Never repeat, because a secret is read within the lease of a claim."""
    return cast("SSMClient", session().create_client("ssm", config=ONCE))


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
