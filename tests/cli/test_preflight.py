"""What is found before a deployment, and what is said to do about it."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.session import Session

from cli.preflight import BOOTSTRAP, main

SETTINGS = """
home = "us-east-1"
regions = ["us-east-1", "eu-north-1"]
[channels.team-slack]
type = "slack"
channel = "C0123456789"
token = "ssm:/braket-notifier/slack-token"
[[routes]]
to = ["team-slack"]
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "notifier.toml"
    path.write_text(SETTINGS)
    return path


def found(settings: Path) -> tuple[int, list[str]]:
    said: list[str] = []
    return main(settings, lambda line: said.append(str(line)), Account), said


def bootstrap(*regions: str) -> None:
    for region in regions:
        boto3.client("ssm", region).put_parameter(Name=BOOTSTRAP, Value="21", Type="String")


class Account(Session):
    """An account in which so many functions may still run at once; moto has no GetAccountSettings."""

    free = 1000

    def client(self, name: Any, *given: Any, **named: Any) -> Any:  # type: ignore[override]  # not every service by name
        return self if name == "lambda" else super().client(name, *given, **named)

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": {"UnreservedConcurrentExecutions": self.free}}


@pytest.mark.usefixtures("aws")
def test_a_region_that_is_not_bootstrapped_stops_the_deployment(settings: Path) -> None:
    bootstrap("us-east-1")

    code, said = found(settings)

    assert code == 2
    assert said[:2] == ["✓ credentials for account 123456789012", "✓ us-east-1 is bootstrapped for CDK"]
    assert said[2] == (
        "✗ eu-north-1 is not bootstrapped: `npx cdk bootstrap aws://123456789012/eu-north-1`, "
        "or take eu-north-1 out of `regions`: any of them will do"
    )


@pytest.mark.usefixtures("aws")
def test_a_missing_token_is_said_but_stops_nothing(settings: Path) -> None:
    bootstrap("us-east-1", "eu-north-1")

    code, said = found(settings)

    assert code == 0
    assert said[3].startswith("! the secret of team-slack is not there yet")


@pytest.mark.usefixtures("aws")
def test_when_all_is_there_every_line_says_so(settings: Path) -> None:
    bootstrap("us-east-1", "eu-north-1")
    name = "/braket-notifier/slack-token"
    boto3.client("ssm", "us-east-1").put_parameter(Name=name, Value="xoxb-canary", Type="SecureString")

    code, said = found(settings)

    assert code == 0
    assert [line[0] for line in said] == ["✓"] * 5
    assert "canary" not in "".join(said)


@pytest.mark.usefixtures("aws")
def test_an_account_with_few_functions_at_once_is_warned(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap("us-east-1", "eu-north-1")
    monkeypatch.setattr(Account, "free", 4)

    code, said = found(settings)

    assert code == 0
    assert said[-1] == "! Lambda may run only 4 functions at once; 5 may be needed: ask AWS for a higher quota"


def test_without_credentials_there_is_one_sentence(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    code, said = found(settings)

    assert code == 2
    assert said == ["✗ there are no AWS credentials: run `aws configure`, or name a profile by --profile"]


@pytest.mark.parametrize(("text", "names"), [("home = 5\n", "regions: is missing"), ("regions = [", "TOML")])
def test_a_wrong_settings_file_is_one_sentence(tmp_path: Path, text: str, names: str) -> None:
    path = tmp_path / "notifier.toml"
    path.write_text(text)

    code, said = found(path)

    assert (code, len(said)) == (2, 1)
    assert names in said[0]
