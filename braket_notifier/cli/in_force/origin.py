"""The caller and the clone that publish or deploy settings, and whether a clone has somebody else's commit."""

import json
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from braket_notifier.cli.installation import Installation
from braket_notifier.cli.show import date_and_time
from braket_notifier.routing.published import Origin
from braket_notifier.text.json_fields import iso, moment, text

#: Mark of a commit whose files were changed without another commit.
CHANGED = "+"
_COMMIT = re.compile(r"([0-9a-f]{7,40})\+?")
_PATIENCE_S = 10


def origin(place: Installation) -> Origin:
    return Origin(place.caller, datetime.now(UTC).replace(microsecond=0), _commit(place.folder))


def origin_json(found: Origin) -> str:
    return json.dumps({"by": found.by, "at": iso(found.at), "commit": found.commit})


def read_origin(document: Mapping[str, object]) -> Origin:
    return Origin(text(document.get("by")), moment(document.get("at")), text(document.get("commit")))


def words(found: Origin, zone: str) -> str:
    """The origin in words, for example `by anna on 2026-11-20 18:00 UTC from commit 1a2b3c4d5e6f`."""
    commit = found.commit.removesuffix(CHANGED)
    parts = [f"by {found.by}" if found.by else "", f"on {date_and_time(found.at, zone)}" if found.at else ""]
    parts += [f"from commit {commit}" if commit else "", "with uncommitted changes" * found.commit.endswith(CHANGED)]
    return " ".join(filter(None, parts)) or "without a record by whom (not by `braket-notifier deploy`)"


def lacks(folder: Path, commit: str) -> bool:
    """Whether the folder is a clone whose current commit does not contain this one."""
    known = _COMMIT.fullmatch(commit)
    if not known or _git(folder, "rev-parse", "HEAD") is None:
        return False
    return _git(folder, "merge-base", "--is-ancestor", known[1], "HEAD") is None


def _commit(folder: Path) -> str:
    head = _git(folder, "rev-parse", "--short=12", "HEAD") or ""
    return head + CHANGED * bool(head and _git(folder, "status", "--porcelain", "--untracked-files=no"))


def _git(folder: Path, *words: str) -> str | None:
    """The output of git, None if it fails or is not installed."""
    command = ["git", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE_S, check=True)  # noqa: S603 - fixed words and a commit's digits
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace").strip()
