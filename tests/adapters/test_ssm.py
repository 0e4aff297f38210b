"""Secrets in SSM: how long one is remembered; what else may become of them stands in test_aws.py."""

from typing import Any

import boto3
import pytest

from notifier.adapters.ssm import REMEMBERED_S, TRUSTED_S, SsmSecrets
from notifier.ports import TryLaterError

TOKEN = "/braket-notifier/slack-token"


def keep(value: str) -> None:
    boto3.client("ssm").put_parameter(Name=TOKEN, Value=value, Type="SecureString", Overwrite=True)


@pytest.mark.usefixtures("aws")
def test_a_secret_that_was_replaced_is_read_after_five_minutes() -> None:
    clock = [0.0]
    client: Any = boto3.client("ssm")
    secrets = SsmSecrets(client, lambda: clock[0])
    keep("old")
    first = secrets.read(f"ssm:{TOKEN}")
    keep("new")
    found = []
    for clock[0] in (REMEMBERED_S - 1, REMEMBERED_S):
        found.append(secrets.read(f"ssm:{TOKEN}"))

    assert (first, *found) == ("old", "old", "new")


@pytest.mark.usefixtures("aws")
def test_a_secret_that_is_refused_is_read_anew_unless_it_was_just_read() -> None:
    clock = [0.0]
    client: Any = boto3.client("ssm")
    secrets = SsmSecrets(client, lambda: clock[0])
    keep("old")
    secrets.read(f"ssm:{TOKEN}")
    keep("new")
    found = []
    for clock[0] in (TRUSTED_S - 1, TRUSTED_S):
        found.append((secrets.replaced(f"ssm:{TOKEN}"), secrets.read(f"ssm:{TOKEN}")))

    assert found == [(False, "old"), (True, "new")]
    assert not secrets.replaced(f"ssm:{TOKEN}")  # a token that is dead for good does not cost a question for each post


@pytest.mark.usefixtures("aws")
def test_a_failure_is_not_remembered() -> None:
    client: Any = boto3.client("ssm")
    secrets = SsmSecrets(client, lambda: 0.0)

    with pytest.raises(TryLaterError, match=f"ssm:{TOKEN} cannot be read"):
        secrets.read(f"ssm:{TOKEN}")
    keep("late")

    assert secrets.read(f"ssm:{TOKEN}") == "late"
