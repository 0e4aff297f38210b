"""Trials on the local cloud: the same scenario again and again, each time without another permission."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.function import MEMORY_MB
from local.story.stage import NAME, Stage
from security import expectations
from security.iam_patterns import matches
from security.permissions import Permission, place, policy_without
from security.template import listed

#: Seconds to wait for every notification with all permissions, for a refusal, and for a late notification.
PATIENCE_S, REFUSAL_S, STILL_S = 120.0, 60.0, 15.0
MET = "every message is sent, and the refusal is logged as an error"


class PermissionTrials:
    """The trials of one deployed notifier. They are numbered, because each has names of its own."""

    def __init__(self, stage: Stage, assembly: Path) -> None:
        self._stage = stage
        self._template = json.loads((assembly / f"{NAME}.template.json").read_text())
        self._attempts = int(time.time())  # the first number; the next trials count on
        self._usual_s = 0.0

    def with_everything(self) -> list[str]:
        """The unmet expectations and the refusals with every permission. It measures the usual duration."""
        expectations.tidy(self._stage)
        before, started = len(self._stage.cloud.refusals()), time.monotonic()
        attempt = self._attempt()
        while (left := attempt.unmet(self._stage)) and time.monotonic() < started + PATIENCE_S:
            time.sleep(0.2)
        self._usual_s = time.monotonic() - started
        return left + self._stage.cloud.refusals()[before:]

    def without(self, permission: Permission) -> str:
        """The unmet expectations without this permission, or MET; '' if nothing was refused."""
        expectations.tidy(self._stage)
        role = self._stage.stack.resources[permission.role]
        refusals, errors = len(self._stage.cloud.refusals()), len(self._errors(permission))
        with self._taken_away(permission) as resource:
            started = time.monotonic()
            attempt = self._attempt()

            def refused() -> bool:
                lines = self._stage.cloud.refusals()[refusals:]
                return any(is_refusal_of(line, role, permission.action, resource) for line in lines)

            if not _comes_true(refused, started + REFUSAL_S):
                return ""
            if left := self._left(attempt, started + self._usual_s):
                return "; ".join(left)
            said = _comes_true(lambda: len(self._errors(permission)) > errors, time.monotonic() + STILL_S)
            return MET if said else ""

    def _left(self, attempt: expectations.Attempt, until: float) -> list[str]:
        """The unmet expectations at that time, or once the list has been stable for some seconds."""
        left, since = attempt.unmet(self._stage), time.monotonic()
        while left and time.monotonic() < max(until, since + STILL_S):
            time.sleep(0.2)
            if (now := attempt.unmet(self._stage)) != left:
                left, since = now, time.monotonic()
        return left

    def _attempt(self) -> expectations.Attempt:
        self._attempts += 1
        return expectations.attempt(self._stage, self._attempts)

    def _errors(self, permission: Permission) -> list[str]:
        """The lines that the role's functions logged as errors of this action."""
        names = tuple(f"/aws/lambda/{function} " for function in self._functions(permission.role))
        lines = (line for line in self._stage.cloud.logs().splitlines() if line.startswith(names))
        return [line for line in lines if is_error_of(line, permission.action)]

    @contextmanager
    def _taken_away(self, permission: Permission) -> Iterator[str]:
        """Remove the permission for the duration of the block. Yields its resource as deployed."""
        iam = self._stage.cloud.client("iam")
        policy = self._template["Resources"][permission.policy]["Properties"]["PolicyName"]
        its = {"RoleName": self._stage.stack.resources[permission.role], "PolicyName": policy}
        document = iam.get_role_policy(**its)["PolicyDocument"]
        number = place(self._template, permission)
        less = policy_without(document, permission.statement, permission.action, number)
        iam.put_role_policy(**its, PolicyDocument=json.dumps(less))
        self._start_anew(permission.role)
        try:
            yield listed(document["Statement"][permission.statement]["Resource"])[number]
        finally:
            iam.put_role_policy(**its, PolicyDocument=json.dumps(document))

    def _start_anew(self, role: str) -> None:
        """Start new processes, because a function may still have the resource in memory."""
        for function in self._functions(role):
            self._stage.cloud.client("lambda").update_function_configuration(
                FunctionName=function, MemorySize=MEMORY_MB
            )

    def _functions(self, role: str) -> list[str]:
        resources = self._template["Resources"].items()
        functions = [(id_, each["Properties"]) for id_, each in resources if each["Type"] == "AWS::Lambda::Function"]
        return [self._stage.stack.resources[id_] for id_, its in functions if its["Role"]["Fn::GetAtt"][0] == role]


def is_refusal_of(refusal: str, role: str, action: str, resource: str) -> bool:
    """Whether this role was refused this action on this resource, which may contain wildcards."""
    who, did, on = refusal.split(" ", 2)
    return (who, did) == (role, action) and matches(on, resource)


def is_error_of(line: str, action: str) -> bool:
    """Whether a log line is an error of this action, alone or in a batch, in botocore's words."""
    return '"level":"ERROR"' in line and f"when calling the {action.partition(':')[2]}" in line


def _comes_true(question: Callable[[], bool], until: float) -> bool:
    while not question() and time.monotonic() < until:
        time.sleep(0.2)
    return question()
