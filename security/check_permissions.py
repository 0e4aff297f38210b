"""`make check-permissions`: remove every permission of every function once; something must then fail.

One local cloud with every kind of channel; its roles lose one permission after the other, and each time the same
scenario runs. Judges the permissions that security/verdicts.tsv lacks, with AGAIN=1 all, and writes them into it and
into docs/permissions.md.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from braket_notifier.settings.notifier_toml import read_settings
from infra.asset import ROOT
from local.story.assembly import synthesise
from local.story.stage import Stage
from security import expectations, scenario
from security.permission_trials import PermissionTrials
from security.permissions import PAGE, VERDICTS, Permission, Words, permissions, read, written
from security.permissions_page import page

FOLDER = ROOT / "build" / "permissions"
NOTHING, PENDING = "**nothing fails**", "**not yet judged**"


def judged(trials: PermissionTrials, each: Permission) -> str:
    return each.shown_elsewhere or trials.without(each) or NOTHING


def granted_by(assembly: Path) -> list[Permission]:
    """The permissions of this check's settings, and those that a key of one's own adds."""
    keyed, custom = scenario.settings(FOLDER / "keyed", own_key=True)
    with_key = permissions(synthesise(keyed, FOLDER / "keyed" / "cdk.out", custom))
    return [*permissions(assembly), *(each for each in with_key if each.action.startswith("kms:"))]


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    settings, custom = scenario.settings(FOLDER)
    assembly = synthesise(settings, FOLDER / "cdk.out", custom)
    granted = granted_by(assembly)
    known = {} if os.environ.get("AGAIN") == "1" else judged_before()
    with Stage(scenario.choose, read_settings(settings)).up() as stage:
        expectations.deploy(stage, assembly)
        trials = PermissionTrials(stage, assembly)
        trials.with_everything()  # the first attempt meets cold functions
        if broken := trials.with_everything() and trials.with_everything():
            print(f"with every permission: {'; '.join(broken)}")  # noqa: T201 - a command's answer
            return 1
        for each in granted:
            if each.words not in known:
                known[each.words] = judged(trials, each)
                print(*each.words, known[each.words], sep="  ", flush=True)  # noqa: T201 - progress
                write(granted, known)
    write(granted, known)
    unneeded = [each for each in granted if known[each.words] == NOTHING]
    print(f"permissions={len(granted)} unneeded={len(unneeded)}", flush=True)  # noqa: T201 - the line for scripts
    return int(bool(unneeded))


def judged_before() -> dict[Words, str]:
    text = VERDICTS.read_text(encoding="utf-8") if VERDICTS.exists() else ""
    return {words: says for words, says in read(text).items() if says not in {PENDING, NOTHING}}


def write(granted: list[Permission], known: Mapping[Words, str]) -> None:
    verdicts = {each.words: each.shown_elsewhere or known.get(each.words, PENDING) for each in granted}
    VERDICTS.write_text(written(verdicts), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), verdicts), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
