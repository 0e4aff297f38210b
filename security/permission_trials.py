"""The notifier on the local cloud, asked for the same again and again, each time without another permission."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from infra.function import MEMORY_MB
from local.story.stage import NAME, Stage
from security import expectations
from security.permissions import Permission, place, without
from security.template import listed

#: Seconds to wait for every notification with all permissions, for a refusal, and for a late notification.
PATIENCE_S, REFUSAL_S, STILL_S = 60.0, 60.0, 15.0
MET = "every notification is sent, and the refusal is logged as an error"


class Bench:
    """One deployed notifier; its attempts are numbered, so that each has names of its own."""

    def __init__(self, stage: Stage, assembly: Path) -> None:
        self._stage = stage
        self._template = json.loads((assembly / f"{NAME}.template.json").read_text())
        self._attempts = int(time.time())  # the first number; each attempt has one of its own
        self._told_in_s = 0.0

    def with_everything(self) -> list[str]:
        """What is not met though no permission is missing, or is refused; it shows how long all of it takes."""
        expectations.tidy(self._stage)
        before, started = len(self._stage.cloud.refusals()), time.monotonic()
        asked = self._ask()
        while (left := asked.unmet(self._stage)) and time.monotonic() < started + PATIENCE_S:
            time.sleep(0.2)
        self._told_in_s = time.monotonic() - started
        return left + self._stage.cloud.refusals()[before:]

    def less(self, permission: Permission) -> str:
        """What is not met without this permission, or MET; '' if nobody misses it."""
        expectations.tidy(self._stage)
        role = self._stage.stack.resources[permission.role]
        refusals, errors = len(self._stage.cloud.refusals()), len(self._errors(permission))
        with self._taken_away(permission) as resource:
            started = time.monotonic()
            asked = self._ask()

            def refused() -> bool:
                lines = self._stage.cloud.refusals()[refusals:]
                return any(is_of(line, role, permission.action, resource) for line in lines)

            if not _comes_true(refused, started + REFUSAL_S):
                return ""
            if left := self._left(asked, started + self._told_in_s):
                return "; ".join(left)
            said = _comes_true(lambda: len(self._errors(permission)) > errors, time.monotonic() + STILL_S)
            return MET if said else ""

    def _left(self, asked: expectations.Asked, until: float) -> list[str]:
        """What is not met by then, once nothing has been met for some seconds."""
        left, since = asked.unmet(self._stage), time.monotonic()
        while left and time.monotonic() < max(until, since + STILL_S):
            time.sleep(0.2)
            if (now := asked.unmet(self._stage)) != left:
                left, since = now, time.monotonic()
        return left

    def _ask(self) -> expectations.Asked:
        self._attempts += 1
        return expectations.ask(self._stage, self._attempts)

    def _errors(self, permission: Permission) -> list[str]:
        """What the role's functions have logged as an error that the action met."""
        names = tuple(f"/aws/lambda/{function} " for function in self._functions(permission.role))
        lines = (line for line in self._stage.cloud.logs().splitlines() if line.startswith(names))
        return [line for line in lines if tells_of(line, permission.action)]

    @contextmanager
    def _taken_away(self, permission: Permission) -> Iterator[str]:
        """Answers the resource, as the deployed policy has it."""
        iam = self._stage.cloud.client("iam")
        policy = self._template["Resources"][permission.policy]["Properties"]["PolicyName"]
        its = {"RoleName": self._stage.stack.resources[permission.role], "PolicyName": policy}
        document = iam.get_role_policy(**its)["PolicyDocument"]
        number = place(self._template, permission)
        less = without(document, permission.statement, permission.action, number)
        iam.put_role_policy(**its, PolicyDocument=json.dumps(less))
        self._start_anew(permission.role)
        try:
            yield listed(document["Statement"][permission.statement]["Resource"])[number]
        finally:
            iam.put_role_policy(**its, PolicyDocument=json.dumps(document))

    def _start_anew(self, role: str) -> None:
        """In a new process the function has nothing in memory, and has to ask for it."""
        for function in self._functions(role):
            self._stage.cloud.client("lambda").update_function_configuration(
                FunctionName=function, MemorySize=MEMORY_MB
            )

    def _functions(self, role: str) -> list[str]:
        resources = self._template["Resources"].items()
        functions = [(id_, each["Properties"]) for id_, each in resources if each["Type"] == "AWS::Lambda::Function"]
        return [self._stage.stack.resources[id_] for id_, its in functions if its["Role"]["Fn::GetAtt"][0] == role]


def is_of(refusal: str, role: str, action: str, resource: str) -> bool:
    """Whether it was this role that was refused this action on this resource, which may have wildcards."""
    who, did, on = refusal.split(" ", 2)
    return (who, did) == (role, action) and fnmatchcase(on, resource)


def tells_of(line: str, action: str) -> bool:
    """Whether a function's line is an error that the action, alone or in a batch, has met, in botocore's words."""
    return '"level":"ERROR"' in line and f"when calling the {action.partition(':')[2]}" in line


def _comes_true(question: Callable[[], bool], until: float) -> bool:
    while not question() and time.monotonic() < until:
        time.sleep(0.2)
    return question()
