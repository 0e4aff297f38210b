"""The check of `doctor` and `preflight` that a region is open and bootstrapped for CDK."""

from typing import Any

from botocore.exceptions import ClientError

from braket_notifier.cli.cdk_json import qualifier
from braket_notifier.cli.checks.finding import Finding, bad, good
from braket_notifier.cli.checks.parameters import exists
from braket_notifier.cli.sentences import is_denied, sentence

#: The words of AWS's refusal in a region, or of a service, that the organisation has closed.
CLOSED = "service control policy"


def bootstrapped(ssm: Any, account: str, region: str, home: str) -> Finding:  # noqa: ANN401 - a client
    or_else = ", or choose another `home`" if region == home else f", or take {region} out of `regions`"
    try:
        found = exists(ssm, f"/cdk-bootstrap/{qualifier()}/version")
    except ClientError as error:
        if not is_denied(error):
            raise
        return bad(f"{region}: {_refused(error)}{or_else}")
    if found:
        return good(f"{region} is bootstrapped for CDK")
    without = "" if region == home else or_else
    return bad(f"{region} is not bootstrapped: `npx cdk bootstrap aws://{account}/{region}`{without}")


def _refused(error: ClientError) -> str:
    if CLOSED in str(error):
        return (
            "your organisation has closed the region by a service control policy: ask its administrators to allow "
            "CloudFormation, EventBridge, SQS, IAM and SSM there"
        )
    return sentence(error)
