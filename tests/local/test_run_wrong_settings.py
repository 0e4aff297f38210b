"""`make run` with settings that cannot be deployed prints their mistakes, and starts nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOOD = 'home = "us-east-1"\nregions = ["us-east-1"]\ntime_zone = "UTC"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "there is no such file"),
        ("home =", "is not TOML"),
        (f'{GOOD}[channels.lab]\ntype = "slak"\n', '"slak" is not a type of channel'),
        # a handler without its file
        (
            f'{GOOD}[channels.lab]\ntype = "handler"\n[[routes]]\nto = ["lab"]\n',
            "there is no file lambdas/custom/lab.py",
        ),
    ],
)
def test_settings_that_cannot_be_deployed_end_a_run_with_their_mistake(
    text: str | None, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "notifier.toml"
    if text is not None:
        path.write_text(text)

    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "local.run", "--settings", path], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (2, "")
    assert words in done.stdout
