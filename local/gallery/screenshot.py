"""Take a picture of a local page with headless Chromium."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PATIENCE = 60  # seconds for Chromium to start, render and end
TAKEN_WITHIN_MS = 3000
#: Headless and without background network.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    f"--timeout={TAKEN_WITHIN_MS}",  # no wait for a quiet network, because the live stream never ends
)


def take(url: str, out: Path, width: int, height: int, *, dark: bool = False) -> int:
    """Return the exit code; `dark`: as a reader with a dark desktop sees the page."""
    chromium = find_chromium()
    if chromium is None:
        print("Chromium is missing: install it (Debian: apt-get install chromium) or set CHROMIUM.", file=sys.stderr)
        return 2
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="screenshot-") as profile:
        shape = [f"--window-size={width},{height}", *(["--blink-settings=preferredColorScheme=0"] if dark else [])]
        command = [chromium, *FLAGS, f"--user-data-dir={profile}", f"--screenshot={out.resolve()}", *shape, url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603 (our own arguments, no shell)
    if done.returncode or not out.exists():
        print(f"Chromium took no picture of {url}:\n{done.stderr}", file=sys.stderr)
        return 1
    return 0


def find_chromium() -> str | None:
    """CHROMIUM if it is set, otherwise the first one on the PATH."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else shutil.which("chromium") or shutil.which("chromium-browser")
