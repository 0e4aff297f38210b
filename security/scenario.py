"""The scenario of each trial: settings with each kind of channel, and the submitted resources."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.braket.emulator import CreateRequest, FailedExecutable, Script, usual
from local.story import chapters, story
from local.story.assembly import SETTINGS
from local.story.stage import Stage
from security.variants import changed

RESERVATION = "arn:aws:braket:us-east-1:000000000000:reservation/3f2a9c1e-5b7d-4a60-8f13"
SLACK, MAIL = "team-slack", "mail"
#: The id of the Slack channel of the local settings.
TEAM = "C0123456789"
PEOPLE = (SLACK, MAIL)
#: The channel that writes to owners, and the owner of every task.
DM, OWNER = "dm", "Anna"
CHANNELS = (*PEOPLE, "hello", "events", DM)
#: Replacements in the local settings: one home, no scheduled sweep, a digest from the fourth failure, in a minute.
CHANGES = {
    'regions   = ["us-east-1", "us-west-1", "us-west-2", "eu-west-2", "eu-north-1"]': (
        'regions   = ["us-east-1", "eu-north-1"]'
    ),
    'sweep_every = "1m"': 'sweep_every = "1h"\nwho_submitted = true',
    "digest_after = 4": "digest_after = 3",
    'to      = ["quantum-group@example.org"]': 'to      = ["quantum-group@example.org"]\ncollect = "1m"',
}
OWN_KEY = {"[defaults]": '[defaults]\nkey = "own"'}
MORE = """
[channels.hello]
type = "handler"

[channels.events]
type = "bus"
bus = "lab-events"

[channels.dm]
type = "slack"
to = "owner"

[[people]]
name = "Anna"
slack = "U01ABCDEF"
owns = ["tag:owner=anna"]

[[routes]]
to = ["dm"]
kind = "task"
status = ["FAILED", "CANCELLED"]

[alarms]
email = ["ops@example.org"]

[[routes]]
to = ["hello", "events"]
status = ["FAILED"]

[[routes]]
to = ["mail"]
kind = "task"
status = ["CANCELLED"]
"""
#: The handler defers a record once, because that needs a permission too.
HANDLER = """
from braket_notifier.handlers import TryLaterError

STUMBLED = set()

def handle(transition):
    name = transition.snapshot.tags.get("Name", "")
    if "stumble" in name and name not in STUMBLED:
        STUMBLED.add(name)
        raise TryLaterError("stumbled", after_s=1)
"""

FAILED = Script(steps=usual("task", "FAILED"), failure_reason="x")
SCRIPTS = {
    "missed": Script(events="lost", steps=((0.0, "FAILED"),), failure_reason="x"),
    "unseen": Script(events="lost", steps=((0.0, "COMPLETED"),)),
    "partly": Script(
        steps=usual("task", "FAILED"),
        failure_reason="1 of 8 executables failed",
        successful_shots=7000,
        program_count=1,
        executable_count=8,
        failed_executables=(
            FailedExecutable(program=0, inputs_index=0, reason="Qubit 17 is offline", category="DEVICE"),
        ),
    ),
    # one event, and Braket is busy at first, so that it is the fourth failure and starts a digest
    "fourth": Script(lost=frozenset({"CREATED"}), steps=((4.0, "FAILED"),), failure_reason="x"),
    "job": Script(steps=((0.3, "RUNNING"), (3.0, "COMPLETED"))),
    "left": Script(steps=((0.2, "QUEUED"), (0.8, "CANCELLED"))),
    "waits": Script(steps=(story.QUEUED,)),
}
#: Number of reads of observe before it returns the event to the queue.
BUSY_ANSWERS = 3


def settings(folder: Path, *, own_key: bool = False) -> tuple[Path, Path]:
    """The settings file and the folder of its handlers."""
    text = changed(SETTINGS, (CHANGES | OWN_KEY if own_key else CHANGES).items())
    custom = folder / "custom"
    custom.mkdir(parents=True, exist_ok=True)
    (custom / "hello.py").write_text(HANDLER)
    path = folder / "notifier.toml"
    path.write_text(text + MORE)
    return path, custom


def choose(request: CreateRequest) -> Script:
    """Names are `KIND-NUMBER`. A hybrid job's own tasks are named after it."""
    return story.CHILD if "-step-" in request.name else SCRIPTS.get(request.name.partition("-")[0], FAILED)


def submit_waiting(stage: Stage) -> None:
    """Let a task wait on a device that is then retired, and take half of the device's spending limit."""
    stage.limit(chapters.WAITING.device, chapters.LIMIT)
    stage.submit(story.Act(name="waits", device=chapters.WAITING.device, script=FAILED))
    stage.braket.set_device_status(chapters.WAITING.device, "RETIRED")


def submit_lost(stage: Stage, number: int) -> Mapping[str, str]:
    """Submit the resources whose events are lost. Returns the ARNs by kind."""
    return {"missed": stage.submit(_act("missed", number)), "unseen": stage.submit(_act("unseen", number, kind="job"))}


def submit(stage: Stage, number: int) -> Mapping[str, str]:
    """Submit the resources whose events arrive."""
    arns = {
        "partly": stage.submit(_act("partly", number, programs=1, shots=8000)),
        "left": stage.submit(_act("left", number, reservation=f"{RESERVATION}-{number:012}")),
        "job": stage.submit(_act("job", number, kind="job", children=1)),
        "stumble": stage.submit(_act("stumble", number)),
        "fourth": stage.submit(_act("fourth", number)),
    }
    stage.braket.fail("GetQuantumTask", "InternalServiceException", BUSY_ANSWERS, arn=arns["fourth"])
    return arns


def _act(what: str, number: int, **changes: Any) -> story.Act:  # noqa: ANN401 - members of an act
    """Use a batch of its own, except in a reservation, because a digest of an earlier attempt would wait for it."""
    batch = "" if "reservation" in changes else f"{what}-{number}"
    owned = {"owner": "anna"}
    return story.Act(name=f"{what}-{number}", device=story.FORTE, script=FAILED, batch=batch, tags=owned, **changes)
