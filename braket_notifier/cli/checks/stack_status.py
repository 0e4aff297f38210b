"""The status of a stack, and the reason why its last change failed."""

from typing import Any

from braket_notifier.cli.sentences import Tolerated

#: Statuses after which a stack can be used and changed.
WHOLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}
#: The reason of a resource that failed only because another one did.
_CONSEQUENCE = "cancelled"


def stack_status(cloudformation: Any, name: str) -> str:  # noqa: ANN401 - a client
    """A stack's status, empty if there is no such stack."""
    with Tolerated("ValidationError"):
        return str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
    return ""


def failure(cloudformation: Any, name: str) -> str:  # noqa: ANN401 - a client
    """The resource and the reason of the latest failure among the newest events, empty if there is none."""
    for each in cloudformation.describe_stack_events(StackName=name)["StackEvents"]:  # the newest first
        reason = each.get("ResourceStatusReason", "")
        if each["ResourceStatus"].endswith("_FAILED") and reason and _CONSEQUENCE not in reason:
            return f"{each['LogicalResourceId']}: {reason}"
    return ""
