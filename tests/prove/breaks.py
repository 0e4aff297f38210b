"""`make breaks`: break the code on purpose, one promise at a time. The named tests must notice every break."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from tests.prove.broken_code import BREAKS, ROOT, Break

#: The parts of the project that the tests need; fetched and built files are linked.
PARTS = (
    "braket_notifier",
    "lambdas",
    "infra",
    "local",
    "security",
    "tests",
    "app.py",
    "cdk.json",
    "notifier.toml",
    "pyproject.toml",
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
