"""The check of `doctor` and `preflight` that a region is bootstrapped for CDK."""

from typing import Any

from braket_notifier.cli.checks.finding import Finding, bad, good
from braket_notifier.cli.checks.parameters import exists

BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"


def bootstrapped(ssm: Any, account: str, region: str, home: str) -> Finding:  # noqa: ANN401 - a client
    if exists(ssm, BOOTSTRAP):
        return good(f"{region} is bootstrapped for CDK")
    or_else = "" if region == home else f", or take {region} out of `regions`"
    return bad(f"{region} is not bootstrapped: `npx cdk bootstrap aws://{account}/{region}`{or_else}")
