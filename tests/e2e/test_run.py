"""`make run`, as a newcomer types it."""

import re
import subprocess
import sys


def test_the_story_is_told_whole_and_only_once() -> None:
    done = subprocess.run([sys.executable, "-m", "local.run"], capture_output=True, text=True, timeout=240, check=False)

    last = done.stdout.splitlines()[-1]
    figures = dict(re.findall(r"(\w+)=(-?\d+)", last))
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(figures) == ["transitions", "delivered", "lost", "repeated", "by_sweep", "p50_ms", "p99_ms"]
    assert (figures["lost"], figures["repeated"], figures["by_sweep"]) == ("0", "0", "1")
    assert figures["delivered"] == "65"
    assert "http://127.0.0.1:" in done.stdout
    assert done.stderr == ""
