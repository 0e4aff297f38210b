"""Check that commit subjects read `<package>: <what changes>` and have at most 65 characters."""  # noqa: INP001 - a script, not a package

import re
import subprocess
import sys
from pathlib import Path

LONGEST = 65  # characters, so that one line of `git log` shows the whole subject
FORM = re.compile(r"[a-z][a-z0-9_./-]*: \S.*[^.\s]")
WRITTEN_BY_GIT = ("Merge ", "fixup! ", "squash! ")


def fault(subject: str) -> str:
    if not FORM.fullmatch(subject):
        return "is not `<package>: <what changes>`"
    return f"has {len(subject)} characters, more than {LONGEST}" if len(subject) > LONGEST else ""


def since(base: str) -> list[str]:
    """Return the subjects of all commits since base, except merges and those of bots."""
    command = ["git", "log", "--no-merges", "--format=%an%x09%s", f"{base}..HEAD"]
    log = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - git from PATH
    commits = (line.partition("\t") for line in log.splitlines())
    return [subject for author, _, subject in commits if not author.endswith("[bot]")]


def of_message(path: Path) -> list[str]:
    lines = (line for line in path.read_text().splitlines() if line.strip() and not line.startswith("#"))
    return [line for line in [*lines][:1] if not line.startswith(WRITTEN_BY_GIT)]


if __name__ == "__main__":
    option, place = sys.argv[1:]  # --since COMMIT, or --message FILE
    subjects = since(place) if option == "--since" else of_message(Path(place))
    faults = [f"{subject!r} {fault(subject)}" for subject in subjects if fault(subject)]
    sys.exit("\n".join(faults) or 0)
