"""`destroy` removes the stacks, says what remains and what it costs, and removes that too on request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest

from braket_notifier.cli.commands import destroy
from infra.key import own_key
from tests import canary
from tests.cli.cloudformation import CloudFormation
from tests.cli.conftest import FURTHER, HOME, NAME, TOKEN, Run

TABLES = [f"{NAME}-StorageSnapshots0123-ABC", f"{NAME}-StorageDeliveries4567-DEF"]
SECRET = f"secret {TOKEN}"


@dataclass
class FakeCdk:
    """CDK's command line, which removes the stacks, or fails with this exit code."""

    stacks: CloudFormation
    code: int = 0
    calls: list[list[str]] = field(default_factory=list)

    def __call__(self, words: Sequence[str], settings: Path, profile: str | None, context: Mapping[str, str]) -> int:
        assert settings.exists()
        assert (profile, context) == (None, {})
        self.calls.append([*words])
        if not self.code:
            self.stacks.stacks.clear()
        return self.code


@pytest.fixture
def cdk(stack: CloudFormation, monkeypatch: pytest.MonkeyPatch) -> FakeCdk:
    """A deployed notifier with its tables, a table of somebody else, and a stored secret."""
    stack.stacks[FURTHER, f"{NAME}-{FURTHER}"] = []
    dynamodb = boto3.client("dynamodb", HOME)
    for name in (*TABLES, "braket-notifier-of-others"):
        dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "arn", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "arn", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
    boto3.client("ssm", HOME).put_parameter(Name=TOKEN, Value=canary.TOKEN, Type="SecureString")
    fake = FakeCdk(stack)
    monkeypatch.setattr(destroy, "cdk", fake)
    return fake


def tables() -> set[str]:
    return set(boto3.client("dynamodb", HOME).list_tables()["TableNames"])


def secrets() -> list[str]:
    return [each["Name"] for each in boto3.client("ssm", HOME).describe_parameters()["Parameters"]]


def test_destroy_removes_the_stacks_and_says_what_remains_and_what_it_costs(run: Run, cdk: FakeCdk) -> None:
    done = run("destroy", "--yes")

    assert (done.code, done.err) == (0, "")
    assert cdk.calls == [["destroy", "--all", "--force"]]
    lines = done.out.splitlines()
    assert lines[:2] == [
        "• removes the stack braket-notifier in eu-north-1",
        "• removes the stack braket-notifier-us-east-1 in us-east-1",
    ]
    for name in TABLES:
        assert f"• table {name} stays: about 0 rows, less than a cent a month with its backups" in lines
    assert f"• {SECRET} stays: the secret of team-slack, at no cost" in lines
    assert lines[-1] == "`braket-notifier destroy --with-data` removes these too"
    assert tables() >= {*TABLES}
    assert TOKEN in secrets()


def test_with_data_the_tables_and_secrets_of_this_installation_are_removed_alone(run: Run, cdk: FakeCdk) -> None:
    done = run("destroy", "--with-data", "--yes")

    assert done.code == 0
    assert f"• removes the {SECRET} (the secret of team-slack, at no cost)" in done.out
    assert f"✓ table {TABLES[0]} is removed" in done.out
    assert not tables() & {*TABLES}
    assert "braket-notifier-of-others" in tables()
    assert TOKEN not in secrets()
    assert len(cdk.calls) == 1


def test_an_own_key_is_removed_after_a_week(run: Run, cdk: FakeCdk, settings: Path) -> None:
    settings.write_text(settings.read_text() + '[defaults]\nkey = "own"\n')
    kms = boto3.client("kms", HOME)
    ours, other = (kms.create_key(Description=words)["KeyMetadata"]["KeyId"] for words in (KEY_OF_OURS, "Another"))

    kept, removed = run("destroy", "--yes"), run("destroy", "--with-data", "--yes")

    assert f"• key {ours} stays: $1.00 a month; without it nobody opens the tables' backups" in kept.out
    assert f"✓ key {ours} is removed in 7 days" in removed.out
    states = [kms.describe_key(KeyId=each)["KeyMetadata"]["KeyState"] for each in (ours, other)]
    assert states == ["PendingDeletion", "Enabled"]
    assert cdk.calls == [["destroy", "--all", "--force"]], "the second time there was no stack"


KEY_OF_OURS = f"Queues, topics and tables of {NAME}"


def test_the_own_key_is_found_by_the_description_that_the_stack_gives_it() -> None:
    assert 'f"Queues, topics and tables of {name}"' in Path(own_key.__code__.co_filename).read_text()


def test_nothing_is_removed_without_an_agreement(run: Run, cdk: FakeCdk) -> None:
    done = run("destroy", "--with-data")

    assert (done.code, cdk.calls) == (1, [])
    assert tables() >= {*TABLES}


def test_a_stack_that_stays_is_named_with_its_reason_and_a_repeat_continues(run: Run, cdk: FakeCdk) -> None:
    cdk.code = 1
    cdk.stacks.failed[HOME, NAME] = ("DELETE_FAILED", "ObserveQueue", "the queue is in use")

    failed = run("destroy", "--with-data", "--yes")
    cdk.code = 0
    again = run("destroy", "--with-data", "--yes")

    assert failed.code == 2
    assert failed.err == (
        "braket-notifier: braket-notifier in eu-north-1 is still there (DELETE_FAILED, because of ObserveQueue: the "
        "queue is in use): correct that, then run `braket-notifier destroy` again\n"
    )
    assert again.code == 0
    assert not tables() & {*TABLES}


def test_what_remains_of_a_stack_that_is_gone_already_is_removed(run: Run, cdk: FakeCdk) -> None:
    cdk.stacks.stacks.clear()

    done = run("destroy", "--with-data", "--yes")

    assert (done.code, cdk.calls) == (0, [])
    assert "✓ braket-notifier has no stack" in done.out
    assert not tables() & {*TABLES}
