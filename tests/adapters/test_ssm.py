"""The time for which a secret of SSM is cached; test_aws.py tests its use."""

from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.aws.ssm import CACHED_S, FRESH_S, SsmSecret
from braket_notifier.errors import MendableError

TOKEN = "/braket-notifier/slack-token"


def keep(value: str) -> None:
    boto3.client("ssm").put_parameter(Name=TOKEN, Value=value, Type="SecureString", Overwrite=True)


@dataclass
class Since:
    """A secret that was read at the start and replaced at once."""

    secret: SsmSecret
    clock: list[float]


@pytest.fixture
def since(aws: None) -> Since:  # noqa: ARG001 - inside the mock
    clock = [0.0]
    client: Any = boto3.client("ssm")
    secret = SsmSecret(lambda: client, f"ssm:{TOKEN}", lambda: clock[0])
    keep("old")
    assert secret.read() == "old"
    keep("new")
    return Since(secret, clock)


def test_a_secret_that_was_replaced_is_read_after_five_minutes(since: Since) -> None:
    found = []
    for since.clock[0] in (CACHED_S - 1, CACHED_S):
        found.append(since.secret.read())

    assert found == ["old", "new"]


def test_a_refused_secret_is_read_again_unless_it_was_just_read(since: Since) -> None:
    secret, found = since.secret, []
    for since.clock[0] in (FRESH_S - 1, FRESH_S):
        found.append((secret.replaced(), secret.read()))

    assert found == [(False, "old"), (True, "new")]
    assert not secret.replaced()  # a revoked token is not read again for each post


@pytest.mark.usefixtures("aws")
def test_a_failed_read_is_not_cached() -> None:
    client: Any = boto3.client("ssm")
    secret = SsmSecret(lambda: client, f"ssm:{TOKEN}", lambda: 0.0)

    with pytest.raises(MendableError, match=f"ssm:{TOKEN} cannot be read"):
        secret.read()
    keep("new")

    assert secret.read() == "new"
