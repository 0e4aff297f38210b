import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".github" / "check_subjects.py"
#: Nothing of the developer's own configuration, and no directory that a git hook has set.
ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}

GOOD = "rendering: omit the shot count of exact simulations"
LONGEST = "grouping: " + "x" * 55
BAD = [
    "Say no 0 of 0 shots of what is computed exactly",
    "Rendering: omit the shot count",
    "rendering: omit the shot count.",
    "rendering:omit the shot count",
    "rendering: ",
    LONGEST + "x",
]


def git(folder: Path, *words: str, author: str = "Anna") -> None:
    who = {f"GIT_{role}_{part}": author for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    subprocess.run(["git", *words], cwd=folder, env=ENVIRONMENT | who, check=True, capture_output=True)  # noqa: S603, S607 - git from PATH


def commit(folder: Path, subject: str, author: str = "Anna") -> None:
    git(folder, "commit", "--allow-empty", "--message", subject, author=author)


def check(folder: Path, option: str, place: str) -> tuple[int, str]:
    command = [sys.executable, str(SCRIPT), option, place]
    ended = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)  # noqa: S603 - the script under test
    return ended.returncode, ended.stderr


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A repository whose base has a subject that was never checked."""
    git(tmp_path, "init", "--initial-branch", "main")
    commit(tmp_path, "Anything before the base")
    git(tmp_path, "tag", "base")
    return tmp_path


def test_good_subjects_since_the_base_pass(history: Path) -> None:
    commit(history, GOOD)
    commit(history, LONGEST)

    assert check(history, "--since", "base") == (0, "")


def test_each_bad_subject_since_the_base_is_named(history: Path) -> None:
    for subject in BAD:
        commit(history, subject)

    code, said = check(history, "--since", "base")

    assert code == 1
    assert all(repr(subject.strip()) in said for subject in BAD)
    assert len(said.splitlines()) == len(BAD)


def test_subjects_of_bots_and_of_merges_pass(history: Path) -> None:
    git(history, "switch", "--create", "side")
    commit(history, "Bump the python group", author="dependabot[bot]")
    git(history, "switch", "main")
    commit(history, GOOD)
    git(history, "merge", "--no-ff", "--message", "Merge branch side", "side")

    assert check(history, "--since", "base") == (0, "")


@pytest.mark.parametrize("subject", [GOOD, "Merge branch side", "fixup! " + GOOD])
def test_a_message_with_a_good_subject_passes(tmp_path: Path, subject: str) -> None:
    (tmp_path / "message").write_text(f"# <package>: <what changes>\n\n{subject}\n\nWhy: Any text at all.\n")

    assert check(tmp_path, "--message", "message") == (0, "")


@pytest.mark.parametrize("subject", BAD)
def test_a_message_with_a_bad_subject_fails(tmp_path: Path, subject: str) -> None:
    (tmp_path / "message").write_text(f"{subject}\n\n{GOOD}\n")

    assert check(tmp_path, "--message", "message")[0] == 1
