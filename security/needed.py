"""`make check-permissions`: every grant of every function is taken away once, and something must then fail.

The synthesised template is deployed to the local cloud without the one permission; the same things are then asked of
it: news by events and by the sweep, a busy channel, what nobody understands. Takes minutes; writes docs/permissions.md.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from infra.asset import ROOT
from local import story
from local.braket import Script, usual
from local.inbox import Fault
from local.stage import NAME, Stage, synthesise
from security.words import Template, listed, name, plain

TABLE = ROOT / "docs" / "permissions.md"
#: A card gathers for ten seconds before it is posted.
PATIENCE_S = 30
#: Grants that the local cloud cannot show to be needed (role and action, as patterns), and what shows it.
ELSEWHERE = {
    "* logs:*": "CloudWatch Logs takes nothing without it; the local cloud asks nobody",
    "* xray:*": "Lambda's active tracing; the local cloud has no X-Ray",
    "* braket:*": "the Braket emulator knows no roles; `tests/adapters/test_braket_adapter.py` makes the call",
    "* sqs:ReceiveMessage": "Lambda's poller; the local cloud collects without it, `tests/local/test_cloud_gaps.py`",
    "* sqs:DeleteMessage": "as sqs:ReceiveMessage",
    "[!S]* sqs:GetQueueAttributes": "as sqs:ReceiveMessage",  # the sweep itself asks
    "* lambda:InvokeFunction": "the scheduler; the local cloud starts without it, `tests/local/test_cloud_gaps.py`",
}

REFUSED = "no function is refused anything"

Ask = Callable[[Stage], bool]


def lost_grants(template: Template) -> Iterator[tuple[str, int, str, str]]:
    """Policy, statement, action and resource: one for each permission of a function."""
    for id_, each in template["Resources"].items():
        if each["Type"] == "AWS::IAM::Policy":
            for number, said in enumerate(each["Properties"]["PolicyDocument"]["Statement"]):
                for action in listed(said["Action"]):
                    for resource in listed(said["Resource"]):
                        yield id_, number, action, json.dumps(resource)


def without(template: Template, policy: str, number: int, action: str, resource: str) -> Template:
    """The same template, less one action on one resource."""
    changed: Template = json.loads(json.dumps(template))
    document = changed["Resources"][policy]["Properties"]["PolicyDocument"]
    said = document["Statement"][number]
    actions, resources = listed(said["Action"]), listed(said["Resource"])
    rest = [each for each in resources if json.dumps(each) != resource]
    parts = [{**said, "Action": [each for each in actions if each != action]}, {**said, "Resource": rest}]
    document["Statement"][number : number + 1] = [each for each in parts if each["Action"] and each["Resource"]]
    return changed


def told(stage: Stage, arn: str) -> set[str]:
    channels = {story.SLACK} if any(arn in f"{post.blocks}" for post in stage.inbox.posts) else set()
    return channels | ({story.MAIL} if any(arn in mail.body for mail in stage.inbox.mails) else set())


def unmet(stage: Stage) -> str:
    """The first of the things that the notifier has to do which it does not do, or ''."""
    wanted = _ask(stage)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        left = [says for says, is_met in wanted.items() if not is_met(stage)]
        if REFUSED in left or not left:
            return REFUSED if left else ""
        time.sleep(0.1)
    return left[0]


def _ask(stage: Stage) -> dict[str, Ask]:
    failed = Script(steps=usual("task", "FAILED"), failure_reason="x")
    stage.inbox.fault(Fault("rate_limited", retry_after=1, calls=1))
    by_event = stage.submit(_act("by-event", failed))
    job = stage.submit(_act("of-a-job", Script(steps=((0.3, "RUNNING"), (1.5, "COMPLETED"))), kind="job", children=1))
    missed = stage.submit(_act("missed", Script(events="lost", steps=usual("task", "FAILED"), failure_reason="x")))
    for queue in ("events", f"deliver-{story.SLACK}", f"deliver-{story.MAIL}"):
        sqs = stage.cloud.client("sqs")
        sqs.send_message(
            QueueUrl=sqs.get_queue_url(QueueName=f"{NAME}-{queue}")["QueueUrl"], MessageBody=f"not {queue}"
        )
    time.sleep(2)
    swept = _swept(stage)
    everyone = {story.SLACK, story.MAIL}
    return {
        "a sweep ends in order": lambda _: swept,
        "an event's news reaches every channel": lambda it: told(it, by_event) == everyone,
        "a hybrid job's news reaches every channel": lambda it: told(it, job) == everyone,
        "the sweep's news reaches every channel": lambda it: told(it, missed) == everyone,
        "the status board shows what has ended and what is undelivered": _board_is_drawn,
        "what nobody understands is kept": lambda it: _kept(it) >= 3,  # noqa: PLR2004 - one of each queue
        REFUSED: lambda it: "AccessDenied" not in it.cloud.logs(),
    }


def _swept(stage: Stage) -> bool:
    try:
        stage.sweep()
    except RuntimeError:
        return False
    return True


def _board_is_drawn(stage: Stage) -> bool:
    try:
        board = stage.board()
    except RuntimeError:
        return False
    return "by-event" in board and "undelivered" in board


def _kept(stage: Stage) -> int:
    sqs = stage.cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{NAME}-undelivered")["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(asked["Attributes"]["ApproximateNumberOfMessages"])


def _act(called: str, script: Script, **changes: Any) -> story.Act:  # noqa: ANN401 - members of an act
    return story.Act(name=called, device=story.FORTE, script=script, **changes)


def fails(assembly: Path, template: Template) -> str:
    """What fails with this template in place of the assembly's own."""
    scripts: dict[str, Script] = {}
    (assembly / f"{NAME}.template.json").write_text(json.dumps(template))
    with Stage(lambda request: scripts.get(request.name, story.CHILD)).up() as stage:
        submit = stage.submit

        def remember(act: story.Act, job: str = "") -> str:
            scripts[act.name] = act.script
            return submit(act, job)

        stage.submit = remember  # type: ignore[method-assign]  # the scripts are those of the acts
        stage.deploy(assembly)
        if not _swept(stage):
            return "a sweep ends in order"
        return unmet(stage)


def main() -> int:
    assembly = ROOT / "build" / "permissions"
    shutil.rmtree(assembly, ignore_errors=True)
    shutil.copytree(synthesise(), assembly)
    template = json.loads((assembly / f"{NAME}.template.json").read_text())
    if broken := fails(assembly, template):
        print(f"with every permission: {broken} is not met")  # noqa: T201 - a command's answer
        return 1
    rows = []
    for policy, number, action, resource in lost_grants(template):
        role = name(policy).removesuffix("RoleDefaultPolicy")
        reason = next((says for those, says in ELSEWHERE.items() if fnmatchcase(f"{role} {action}", those)), "")
        shown = reason or fails(assembly, without(template, policy, number, action, resource))
        rows.append((role, action, plain(json.loads(resource)), shown or "**nothing fails**", not shown))
        print(*rows[-1][:4], sep="  ", flush=True)  # noqa: T201 - progress
    TABLE.write_text(_page(rows), encoding="utf-8")
    unneeded = sum(row[4] for row in rows)
    print(f"permissions={len(rows)} unneeded={unneeded}", flush=True)  # noqa: T201 - the line for scripts
    return int(unneeded > 0)


def _page(rows: list[tuple[str, str, str, str, bool]]) -> str:
    lines = [
        "# Permissions",
        "",
        "Every grant of every function, and what fails on the local cloud once it alone is taken away. Written by",
        "`make check-permissions`; the statements themselves are in [`security/statements/`](../security/statements/).",
        "",
        "| function | action | resource | without it |",
        "|---|---|---|---|",
        *(f"| {role} | `{action}` | `{resource}` | {shown} |" for role, action, resource, shown, _ in rows),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
