"""The installation's stacks: whether one still changes, and why a deployment failed."""

from collections.abc import Mapping
from time import sleep

from botocore.exceptions import ClientError

from braket_notifier.cli.checks.bootstrap import by_own_rights, is_refusal, needs_bootstrap
from braket_notifier.cli.checks.stack_status import WHOLE, failure, stack_status
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import is_denied
from braket_notifier.cli.show import print_line

POLL_S = 5.0
#: A change set without a deployment, which changes nothing.
_REVIEW = "REVIEW_IN_PROGRESS"
AGAIN = "run `braket-notifier deploy` again"


def stacks(place: Installation) -> Mapping[str, str]:
    """The names of the stacks by region, home first."""
    settings = place.settings
    further = (region for region in settings.regions if region != settings.home)
    return {settings.home: settings.name, **{region: f"{settings.name}-{region}" for region in further}}


def await_changes(place: Installation) -> None:
    """Wait while CloudFormation still changes a stack, for example after an interrupted deployment."""
    for region, name in stacks(place).items():
        waits = False
        while (status := _status(place, region, name)).endswith("_IN_PROGRESS") and status != _REVIEW:
            if not waits:
                print_line(f"• {name} in {region} still changes ({status}): waiting")
            waits = True
            sleep(POLL_S)


def why_failed(place: Installation) -> str:
    """Return a sentence with the remedy, about the first stack that is not whole."""
    for region, name in stacks(place).items():
        status = _status(place, region, name)
        if status and status not in WHOLE:
            return f"{name} in {region} is {status}{_reason(place, region, name, status)}"
    return f"CDK failed before it changed a stack; its message stands above: follow it, then {AGAIN}"


def _reason(place: Installation, region: str, name: str, status: str) -> str:
    reason = failure(place.client("cloudformation", region), name)
    because = f", because of {reason}" if reason else ""
    if is_refusal(reason) and not needs_bootstrap(place.settings, region):
        return f"{because}: {by_own_rights(region)}; then {AGAIN}"
    if status == "UPDATE_ROLLBACK_FAILED":
        mend = f"`aws cloudformation continue-update-rollback --region {region} --stack-name {name}`"
        return f"{because}: {mend}, correct the cause, then {AGAIN}"
    return f"{because}: correct that, then {AGAIN}"


def _status(place: Installation, region: str, name: str) -> str:
    """The status; empty also in a region where nobody may ask, which another check names."""
    try:
        return stack_status(place.client("cloudformation", region), name)
    except ClientError as error:
        if not is_denied(error):
            raise
        return ""


def deployed(place: Installation) -> dict[str, str]:
    """The installation's stacks that are there, by region."""
    return {region: name for region, name in stacks(place).items() if _status(place, region, name)}


def why_kept(place: Installation) -> str:
    """Why a stack is still there, in one sentence."""
    for region, name in stacks(place).items():
        if status := _status(place, region, name):
            reason = failure(place.client("cloudformation", region), name)
            because = f", because of {reason}" if reason else "; CDK's message stands above"
            return f"{name} in {region} is still there ({status}{because}): correct that"
    return "CDK failed although no stack is left; its message stands above: follow it"
