"""`make check-permissions`: every permission of every function is taken away once, and something must then fail.

One local cloud with every kind of channel; its roles lose one permission after the other, and each time the same is
asked of the notifier. Judges what docs/permissions.md does not tell of yet, and writes it there; with AGAIN=1 all.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from infra.asset import ROOT
from infra.function import MEMORY_MB
from local.stage import NAME, Stage, synthesise
from security import demands
from security.permissions import PAGE, Permission, Words, listed_in, page, permissions, place, without
from security.words import listed

FOLDER = ROOT / "build" / "permissions"
#: Until everything is told that is told, with every permission; until something is refused; until nothing more comes.
PATIENCE_S, REFUSAL_S, STILL_S = 60.0, 60.0, 15.0
MET = "all is told, and the refusal is logged as an error"
NOTHING, PENDING = "**nothing fails**", "**not yet judged**"


class Bench:
    """The notifier on the local cloud, asked for the same again and again."""

    def __init__(self, stage: Stage, assembly: Path) -> None:
        self._stage = stage
        self._template = json.loads((assembly / f"{NAME}.template.json").read_text())
        self._attempts = int(time.time())  # the first number; each attempt has one of its own
        self._told_in_s = 0.0

    def with_everything(self) -> list[str]:
        """What is not met though no permission is missing, or is refused; it shows how long all of it takes."""
        demands.tidy(self._stage)
        before, started = len(self._stage.cloud.refusals()), time.monotonic()
        asked = self._ask()
        while (left := asked.unmet(self._stage)) and time.monotonic() < started + PATIENCE_S:
            time.sleep(0.2)
        self._told_in_s = time.monotonic() - started
        return left + self._stage.cloud.refusals()[before:]

    def less(self, permission: Permission) -> str:
        """What is not met without this permission, or who says so; '' if it was not refused, or nobody says so."""
        demands.tidy(self._stage)
        before, errors = len(self._stage.cloud.refusals()), self._errors(permission.role)
        with self._taken_away(permission) as resource:
            refused = partial(self._refused, permission, resource, before)
            started = time.monotonic()
            asked = self._ask()
            while not refused() and time.monotonic() < started + REFUSAL_S:
                time.sleep(0.2)
            left = self._left(asked, started + self._told_in_s) if refused() else []
            said = self._errors(permission.role) > errors
        return ("; ".join(left) or (MET if said else "")) if refused() else ""

    def _left(self, asked: demands.Asked, until: float) -> list[str]:
        """What is not met by then, once nothing has been met for some seconds."""
        left, since = asked.unmet(self._stage), time.monotonic()
        while left and time.monotonic() < max(until, since + STILL_S):
            time.sleep(0.2)
            if (now := asked.unmet(self._stage)) != left:
                left, since = now, time.monotonic()
        return left

    def _ask(self) -> demands.Asked:
        self._attempts += 1
        return demands.ask(self._stage, self._attempts)

    def _refused(self, permission: Permission, resource: str, before: int) -> bool:
        """Whether it was refused this action, and on this resource."""
        role = self._stage.stack.resources[permission.role]
        lines = (each.split(" ", 2) for each in self._stage.cloud.refusals()[before:])
        return any(who == role and did == permission.action and fnmatchcase(on, resource) for who, did, on in lines)

    def _errors(self, role: str) -> int:
        """How many errors the role's functions have logged."""
        names = tuple(f"/aws/lambda/{function} " for function in self._functions(role))
        return sum(
            line.startswith(names) and '"level":"ERROR"' in line for line in self._stage.cloud.logs().splitlines()
        )

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


def judged(bench: Bench, each: Permission) -> str:
    return each.shown_elsewhere or bench.less(each) or NOTHING


def granted_by(assembly: Path) -> list[Permission]:
    """By the settings of this check, and what a key of one's own adds."""
    keyed, custom = demands.settings(FOLDER / "keyed", own_key=True)
    with_key = permissions(synthesise(keyed, FOLDER / "keyed" / "cdk.out", custom))
    return [*permissions(assembly), *(each for each in with_key if each.action.startswith("kms:"))]


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    settings, custom = demands.settings(FOLDER)
    assembly = synthesise(settings, FOLDER / "cdk.out", custom)
    granted = granted_by(assembly)
    known = {} if os.environ.get("AGAIN") == "1" else told_of()
    with Stage(demands.choose).up() as stage:
        demands.deploy(stage, assembly)
        bench = Bench(stage, assembly)
        bench.with_everything()  # cold, and late
        if broken := bench.with_everything() and bench.with_everything():
            print(f"with every permission: {'; '.join(broken)}")  # noqa: T201 - a command's answer
            return 1
        for each in granted:
            if each.words not in known:
                known[each.words] = judged(bench, each)
                print(*each.words, known[each.words], sep="  ", flush=True)  # noqa: T201 - progress
                write(granted, known)
    write(granted, known)
    unneeded = [each for each in granted if known[each.words] == NOTHING]
    print(f"permissions={len(granted)} unneeded={len(unneeded)}", flush=True)  # noqa: T201 - the line for scripts
    return int(bool(unneeded))


def told_of() -> dict[Words, str]:
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    return {words: says for words, says in listed_in(text).items() if says not in {PENDING, NOTHING}}


def write(granted: list[Permission], known: Mapping[Words, str]) -> None:
    says = {each.words: each.shown_elsewhere or known.get(each.words, PENDING) for each in granted}
    reasoned = {each.words for each in granted if each.shown_elsewhere}
    shown = [row for row in says.items() if row[0] not in reasoned]
    PAGE.write_text(page(shown, [row for row in says.items() if row[0] in reasoned]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
