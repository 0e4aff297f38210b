"""The checks that a region is open, and bootstrapped for CDK where the settings ask for it."""

from typing import Any

from botocore.exceptions import ClientError

from braket_notifier.cli.cdk_json import own_qualifier, qualifier
from braket_notifier.cli.checks.finding import Finding, bad, good, needs
from braket_notifier.cli.checks.stack_status import stack_status
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import Tolerated, is_denied, sentence
from braket_notifier.settings.bootstrap import EVERY_REGION, bootstrap_of
from braket_notifier.settings.notifier_toml import Settings

#: The words of AWS's refusal in a region, or of a service, that the organisation has closed.
CLOSED = "service control policy"
#: Version of the bootstrap that CDK's stacks need (`requiresBootstrapStackVersion` in the manifest).
NEEDED = 6
#: Words of IAM's refusals in the reason of a failed resource.
_DENIED = ("not authorized", "AccessDenied", "Access Denied")
RIGHTS = "docs/permissions.md#rights-in-further-regions"


def ready(place: Installation, region: str) -> Finding:
    """Whether a deployment into a region can begin: its bootstrap can be read, or it is open and needs none."""
    if needs_bootstrap(place.settings, region):
        return bootstrapped(place.client("ssm", region), region, place.settings.home)
    return is_open(place.client("cloudformation", region), f"{place.settings.name}-{region}", region)


def needs_bootstrap(settings: Settings, region: str) -> bool:
    return region == settings.home or bootstrap_of(settings.bootstrap, own_qualifier()) == EVERY_REGION


def bootstrapped(ssm: Any, region: str, home: str) -> Finding:  # noqa: ANN401 - a client
    """Whether the region is bootstrapped; a missing bootstrap stops nothing, because `deploy` makes it."""
    or_else = _or_else(region, home)
    try:
        version = _version(ssm)
    except ClientError as error:
        if not is_denied(error):
            raise
        return bad(f"{region}: {_refused(error)}{or_else}")
    if version >= NEEDED:
        return good(f"{region} is bootstrapped for CDK")
    without = "" if region == home else f'; or set `bootstrap = "home"`{or_else}'
    lacks = f"has version {version} of the bootstrap, and {NEEDED} is needed" if version else "is not bootstrapped"
    return needs(f"{region} {lacks}: `braket-notifier deploy` does it, if you agree{without}")


def is_bootstrapped(ssm: Any) -> bool:  # noqa: ANN401 - a client
    return _version(ssm) >= NEEDED


def _version(ssm: Any) -> int:  # noqa: ANN401 - a client
    """The version of the region's bootstrap, 0 without one."""
    with Tolerated("ParameterNotFound"):
        value = str(ssm.get_parameter(Name=f"/cdk-bootstrap/{qualifier()}/version")["Parameter"]["Value"])
        return int(value) if value.isdecimal() else 0
    return 0


def is_open(cloudformation: Any, stack: str, region: str) -> Finding:  # noqa: ANN401 - a client
    """Whether CloudFormation answers in a further region, whose stack the caller's own rights create."""
    try:
        stack_status(cloudformation, stack)
    except ClientError as error:
        if not is_denied(error):
            raise
        remedy = _or_else(region) if CLOSED in str(error) else f"; {by_own_rights(region)}"
        return bad(f"{region}: {_refused(error)}{remedy}")
    return good(f"{region} is open, and needs no bootstrap")


def by_own_rights(region: str) -> str:
    """The remedies for a refusal in a further region that needs no bootstrap."""
    return (
        f'with `bootstrap = "home"` your own rights create the stack there: ask for them ({RIGHTS}), '
        f'set `bootstrap = "every-region"`, or take {region} out of `regions`'
    )


def is_refusal(reason: str) -> bool:
    """Whether the reason of a failed resource is a right that somebody lacks."""
    return any(each in reason for each in _DENIED)


def _or_else(region: str, home: str = "") -> str:
    return ", or choose another `home`" if region == home else f", or take {region} out of `regions`"


def _refused(error: ClientError) -> str:
    if CLOSED in str(error):
        return (
            "your organisation has closed the region by a service control policy: ask its administrators to allow "
            "CloudFormation, EventBridge, SQS, IAM and SSM there"
        )
    return sentence(error)
