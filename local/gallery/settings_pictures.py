"""Pictures of the settings in force and of a mute: `python -m local.gallery.settings_pictures` on the local cloud."""

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from local.gallery.terminal import picture, run
from local.story.stage import SETTINGS, Stage, synthesise

#: Changes of the settings file: one that a push makes, and one that takes a deployment.
PUSHED = ("digest_after = 4 ", "digest_after = 6 ")
DEPLOYED = ("quantum-group@example.org", "anna@example.org")


def main() -> int:
    with Stage().up() as stage, TemporaryDirectory() as folder:
        made = run(stage, "settings", "origin").strip()
        os.environ["CDK_CONTEXT_JSON"] = json.dumps({"deployment": made})  # as `make deploy` passes it
        stage.deploy(synthesise())
        stage.sweep()
        changed = Path(folder) / "notifier.toml"
        text = SETTINGS.read_text(encoding="utf-8").replace(*PUSHED)
        changed.write_text(text, encoding="utf-8")
        where = ("--settings", str(changed))
        run(stage, "test")
        run(stage, "mute", "mail", "12h")
        picture("doctor", ["doctor"], run(stage, "doctor"))
        picture("settings-push", ["settings", "push"], run(stage, "settings", "push", *where, answer="y"))
        changed.write_text(text.replace(*DEPLOYED), encoding="utf-8")
        picture("settings-show", ["settings", "show"], run(stage, "settings", "show", *where))
        picture("preflight", ["preflight"], run(stage, "preflight", *where, answer="n"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
