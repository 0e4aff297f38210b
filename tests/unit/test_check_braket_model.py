"""The committed list of Braket's service model, and the script that finds what a newer model has."""

import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from braket_notifier.domain.resource import RANKS

SCRIPT = Path(__file__).parents[2] / ".github" / "check_braket_model.py"
SPEC = spec_from_file_location("check_braket_model", SCRIPT)
assert SPEC
assert SPEC.loader
check = module_from_spec(SPEC)
SPEC.loader.exec_module(check)

KNOWN = "read   GetJob.status\nread   GetJob.status = RUNNING\nunread GetJob.roleArn\n"
LINES = {"GetJob.status", "GetJob.status = RUNNING", "GetJob.roleArn"}


def test_the_list_is_the_pinned_model_and_marks_what_the_library_reads(golden: Callable[[Path, str], None]) -> None:
    golden(check.LIST, check.listing())


@pytest.mark.parametrize("operation", ["GetQuantumTask", "GetJob", "SearchQuantumTasks", "SearchJobs"])
def test_every_status_of_the_model_has_a_rank(operation: str) -> None:
    found = (re.fullmatch(rf"{operation}(\.\w+)?\.status = (\w+)", line) for line in check.answers())
    statuses = {each[2] for each in found if each}

    assert len(statuses) >= 6
    assert statuses <= RANKS.keys()


@pytest.mark.parametrize(
    ("newest", "found"),
    [
        (LINES, []),
        # A status that no message knows, and a member.
        (LINES | {"GetJob.status = PAUSED"}, ["new: GetJob.status = PAUSED"]),
        (LINES | {"GetJob.reason"}, ["new: GetJob.reason"]),
        # Only what the library reads is missed.
        (LINES - {"GetJob.status"}, ["gone: GetJob.status, which the library reads"]),
        (LINES - {"GetJob.roleArn"}, []),
    ],
)
def test_each_difference_is_one_line(newest: set[str], found: list[str]) -> None:
    assert list(check.differences(KNOWN, newest)) == found


def test_the_script_ends_with_zero_for_the_listed_model(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, str(SCRIPT)], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
