"""Pictures of commands in several states: `python -m local.gallery.command_pictures` on the local cloud."""

import json
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from local.gallery.terminal import AHEAD_S, picture, run
from local.inbox.inbox import Fault
from local.story import chapters
from local.story.assembly import SETTINGS, synthesise
from local.story.stage import Stage

#: Changes of the settings file: one that a push makes, and one that takes a deployment.
PUSHED = ("digest_after = 4 ", "digest_after = 6 ")
DEPLOYED = ("quantum-group@example.org", "anna@example.org")
#: Columns of a phone's terminal and of a usual one.
NARROW = (60, 80)
#: Seconds in which most of the submitted tasks end.
ENDED_S = 30
#: What Slack answers to every call, by the state of the picture.
FAULTS = {
    "slack-down": Fault("status", status=503, calls=None),
    "token-revoked": Fault("error", error="token_revoked", calls=None),
}


def main() -> int:
    with Stage().up() as stage, TemporaryDirectory() as folder:
        made = run(stage, "settings", "origin").strip()
        os.environ["CDK_CONTEXT_JSON"] = json.dumps({"deployment": made})  # as `braket-notifier deploy` passes it
        stage.deploy(synthesise())
        stage.sweep()
        run(stage, "test")
        run(stage, "mute", "mail", "12h")
        picture("doctor", ["doctor"], run(stage, "doctor"))
        for state, fault in FAULTS.items():
            stage.inbox.clear_faults()
            stage.inbox.fault(fault)
            run(stage, "test", "team-slack", "--timeout", "20")  # a channel that is down is probed within this time
            picture(f"doctor-{state}", ["doctor"], run(stage, "doctor"))
        stage.inbox.clear_faults()
        lists(stage)
        costs(stage)
        settings(stage, Path(folder) / "notifier.toml")
    return 0


def lists(stage: Stage) -> None:
    for act in (*chapters.TASKS, *chapters.JOBS):
        stage.submit(act)
    time.sleep(AHEAD_S)
    stage.sweep()
    for width in NARROW:
        picture(f"list-{width}", ["list"], run(stage, "list", width=width), width)


def costs(stage: Stage) -> None:
    """Of what `lists` submitted, once most of it has ended."""
    time.sleep(ENDED_S)
    stage.sweep()
    picture("costs", ["costs"], run(stage, "costs"))


def settings(stage: Stage, changed: Path) -> None:
    text = SETTINGS.read_text(encoding="utf-8").replace(*PUSHED)
    changed.write_text(text, encoding="utf-8")
    where = ("--settings", str(changed))
    picture("settings-push", ["settings", "push"], run(stage, "settings", "push", *where, answer="y"))
    changed.write_text(text.replace(*DEPLOYED), encoding="utf-8")
    picture("settings-show", ["settings", "show"], run(stage, "settings", "show", *where))
    picture("preflight", ["preflight"], run(stage, "preflight", *where, answer="n"))


if __name__ == "__main__":
    sys.exit(main())
