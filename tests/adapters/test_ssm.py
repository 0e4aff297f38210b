"""Secrets in SSM: how long one is remembered; what else may become of them stands in test_aws.py."""

from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.aws.ssm import CACHED_S, FRESH_S, SsmSecret
from braket_notifier.errors import TryLaterError

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


def test_a_secret_that_is_refused_is_read_anew_unless_it_was_just_read(since: Since) -> None:
    secret, found = since.secret, []
    for since.clock[0] in (FRESH_S - 1, FRESH_S):
        found.append((secret.replaced(), secret.read()))

    assert found == [(False, "old"), (True, "new")]
    assert not secret.replaced()  # a token that is dead for good does not cost a question for each post


@pytest.mark.usefixtures("aws")
def test_a_failure_is_not_remembered() -> None:
    client: Any = boto3.client("ssm")
    secret = SsmSecret(lambda: client, f"ssm:{TOKEN}", lambda: 0.0)

    with pytest.raises(TryLaterError, match=f"ssm:{TOKEN} cannot be read"):
        secret.read()
    keep("late")

    assert secret.read() == "late"
