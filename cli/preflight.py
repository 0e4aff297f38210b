"""Before `make deploy`: what would stop a deployment, or leave it silent, each with what to do about it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError

from cli.finding import Finding, bad, good, needs
from cli.sentences import sentence
from infra.mistakes import SettingsError
from infra.settings import Settings, SlackBot, SlackWebhook, read_settings

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

SETTINGS = Path("notifier.toml")
BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
#: Two of each queue's function and one sweep may run at once.
RUNNING_PER_QUEUE = 2

FAILED = 2


def look(settings: Settings, session: Session) -> Iterator[Finding]:
    """Everything that a deployment needs, in the order in which it would be missed."""
    try:
        account = session.client("sts", region_name=settings.home).get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        yield bad(sentence(error))
        return
    yield good(f"credentials for account {account}")
    for region in settings.regions:
        yield bootstrapped(session.client("ssm", region_name=region), account, region, settings.home)
    for name, channel in settings.channels.items():
        if isinstance(channel, SlackBot | SlackWebhook):
            reference = channel.token if isinstance(channel, SlackBot) else channel.webhook
            yield _secret(session.client("ssm", region_name=settings.home), name, reference)
    yield _concurrency(session, settings)


def bootstrapped(ssm: "SSMClient", account: str, region: str, home: str) -> Finding:
    if _exists(ssm, BOOTSTRAP):
        return good(f"{region} is bootstrapped for CDK")
    or_else = "" if region == home else f", or take {region} out of `regions`: any of them will do"
    return bad(f"{region} is not bootstrapped: `npx cdk bootstrap aws://{account}/{region}`{or_else}")


def _secret(ssm: "SSMClient", channel: str, reference: str) -> Finding:
    """A deployment does not need the secret yet, but nothing is posted without it."""
    if _exists(ssm, reference.removeprefix("ssm:")):
        return good(f"the secret of {channel} is in {reference}")
    command = f"braket-notifier secret set {channel}"
    return needs(f"the secret of {channel} is not there yet; what {channel} should post waits for it: `{command}`")


def _concurrency(session: Session, settings: Settings) -> Finding:
    needed = RUNNING_PER_QUEUE * (len(settings.channels) + 1) + 1
    limits = session.client("lambda", region_name=settings.home).get_account_settings()["AccountLimit"]
    free = limits["UnreservedConcurrentExecutions"]
    if free >= needed:
        return good(f"Lambda may run {free} functions at once; {needed} are needed at most")
    return needs(f"Lambda may run only {free} functions at once; {needed} may be needed: ask AWS for a higher quota")


def _exists(ssm: "SSMClient", name: str) -> bool:
    """Whether the parameter is there; its value is neither decrypted nor kept."""
    try:
        ssm.get_parameter(Name=name)
    except ssm.exceptions.ParameterNotFound:
        return False
    return True


def main(
    settings_path: Path = SETTINGS, say: Callable[[object], None] = print, session: Callable[[], Session] = Session
) -> int:
    try:
        settings = read_settings(settings_path)
        findings = []
        for finding in look(settings, session()):
            say(finding)
            findings.append(finding)
    except SettingsError as error:
        say(f"✗ {settings_path}: {error}")
        return FAILED
    except (BotoCoreError, ClientError) as error:
        say(bad(sentence(error)))
        return FAILED
    return FAILED if any(finding.stops for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
