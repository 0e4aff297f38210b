"""`make breaks`: break the code on purpose, one promise at a time. The named tests must notice every break."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
LIBRARY = "braket_notifier"
#: The parts of the project that the tests need; fetched and built files are linked.
PARTS = (
    "braket_notifier",
    "lambdas",
    "infra",
    "local",
    "tests",
    "app.py",
    "cdk.json",
    "notifier.toml",
    "pyproject.toml",
)


@dataclass(frozen=True, slots=True)
class Break:
    """A way to break a promise: a file, its code, the broken code, and the tests that must then fail."""

    promise: str
    file: str
    code: str
    broken: str
    tests: tuple[str, ...]

    def applied(self) -> str:
        """The broken file. Raises ValueError if the code to break is missing."""
        code = (ROOT / self.file).read_text()
        if code.count(self.code) != 1:
            raise ValueError(f"{self.promise}: {self.file} does not hold exactly once: {self.code!r}")
        return code.replace(self.code, self.broken)


LEDGER = "tests/adapters/test_ledger.py::"
SNAPSHOTS = "tests/adapters/test_snapshots.py::"
PIPELINE = "tests/unit/tracking/test_record.py::"
FUNCTIONS = "tests/lambdas/test_functions.py::"
INTERLEAVINGS = (
    "tests/prove/interleavings/test_interleavings.py::"
    "test_every_order_of_calls_with_any_one_fault_loses_nothing_and_repeats_only_unavoidably"
)
CHANNEL_FAULTS = (
    "tests/prove/channel_faults/test_channel_faults.py::"
    "test_every_fault_of_a_channel_is_classified_and_its_notification_accepted_once"
)
BREAKS = (
    Break(
        "the rank condition",
        f"{LIBRARY}/adapters/dynamodb/snapshots.py",
        "OR (#rank < :rank AND",
        "OR (#rank <> :rank AND",
        (f"{SNAPSHOTS}test_the_table_moves_a_row_exactly_when_the_core_allows_it",),
    ),
    Break(
        "the lease",
        f"{LIBRARY}/adapters/dynamodb/deliveries.py",
        "AND #lease_until <= :now AND",
        "AND #lease_until <> :now AND",
        (f"{LEDGER}test_a_claim_excludes_other_owners",),
    ),
    Break(
        "the mark after the send",
        f"{LIBRARY}/sending/claims.py",
        "    try:\n        answer = _send(",
        "    for notification, _ in claimed:\n"
        "        sender.ledger.delivered(notification, now=sender.clock())\n"
        "    try:\n        answer = _send(",
        (f"{PIPELINE}test_a_failure_waits_and_only_a_lost_acknowledgement_may_repeat", INTERLEAVINGS),
    ),
    Break(
        "a second between two posts",
        f"{LIBRARY}/sending/channel_lease.py",
        "self.clock() + (interval or self.interval)",
        "self.clock()",
        ("tests/unit/sending/test_channel_lease.py::test_the_interval_counts_from_the_answer_of_a_long_send",),
    ),
    Break(
        "no repeat of a post to Slack",
        f"{LIBRARY}/adapters/https.py",
        "        raise UnacknowledgedError(type(error).__name__) from None",
        "        return call(url, headers, body, deadline)",
        (CHANNEL_FAULTS,),
    ),
    Break(
        "no retry in SNS' client",
        f"{LIBRARY}/adapters/aws/clients.py",
        '\nONCE = REPEATED.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}',
        '\nONCE = REPEATED.merge(Config(retries={"mode": "standard", "total_max_attempts": 3}',
        ("tests/adapters/test_aws.py::test_an_email_is_published_once_for_every_answer_of_sns",),
    ),
    Break(
        "the relay of what was not dispatched",
        f"{LIBRARY}/sweep.py",
        "if (row.undispatched or unmarked) and",
        "if row.rank < 0 and",
        (
            f"{PIPELINE}test_a_transition_recorded_before_a_crash_is_enqueued_later",
            f"{FUNCTIONS}test_a_sweep_enqueues_recorded_transitions_that_are_not_dispatched",
            INTERLEAVINGS,
        ),
    ),
    Break(
        "the expiry of ended rows only",
        f"{LIBRARY}/adapters/dynamodb/snapshots.py",
        "        if row.snapshot.terminal:\n            ended",
        "        if row.snapshot:\n            ended",
        (f"{SNAPSHOTS}test_only_dispatched_ends_expire",),
    ),
    Break(
        "an unknown state of the ledger is no end",
        f"{LIBRARY}/adapters/dynamodb/deliveries.py",
        "    if state not in CLAIMABLE_STATES | FINISHED_STATES:\n",
        "    if not state:\n",
        (
            "tests/lambdas/test_mixed_versions.py::test_a_ledger_row_of_a_newer_version_defers_its_notification_alone",
            f"{LEDGER}test_a_row_that_only_a_newer_version_can_read_is_neither_finished_nor_claimed",
        ),
    ),
    Break(
        "an error in deliver that brings the record again",
        f"{LIBRARY}/sending/sqs_batch.py",
        "        log_failure(record, error)\n        return False\n",
        "        log_failure(record, error)\n        return True\n",
        (f"{FUNCTIONS}test_an_unexpected_error_brings_the_record_again",),
    ),
)


@contextmanager
def broken(each: Break) -> Iterator[Path]:
    """A copy of the project with this one break."""
    with TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in PARTS:
            source = ROOT / part
            (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / part)
        (copy / each.file).write_text(each.applied())
        yield copy


def unmoved(each: Break) -> list[str]:
    """The named tests that do not fail in the broken copy."""
    with broken(each) as copy:
        command = [sys.executable, "-m", "pytest", "-q", "-rf", "--no-header", "-p", "no:cacheprovider", *each.tests]
        done = subprocess.run(  # noqa: S603 - our own words
            command, cwd=copy, env=os.environ, capture_output=True, text=True, check=False
        )
    failed = {re.split(r"[ \[]", line)[1] for line in done.stdout.splitlines() if line.startswith("FAILED ")}
    return [test for test in each.tests if test not in failed]


def main() -> int:
    console, table = Console(), Table("what is broken", "tests that must fail", "do not")
    unnoticed = 0
    for each in BREAKS:
        with console.status(f"{each.promise} …"):
            left = unmoved(each)
        unnoticed += bool(left)
        table.add_row(each.promise, "\n".join(test.partition("::")[2] for test in each.tests), "\n".join(left) or "-")
    console.print(table)
    print(f"breaks={len(BREAKS)} unnoticed={unnoticed}")  # noqa: T201 - for scripts
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
