"""Take a picture of a local page with headless Chromium: `python local/gallery/screenshot.py URL OUT.png`."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

PATIENCE = 60  # seconds for Chromium to start, render and end
TAKEN_WITHIN_MS = 3000


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("out", type=Path)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--dark", action="store_true", help="as a reader with a dark desktop sees it")
    wanted = parser.parse_args(argv)
    chromium = find_chromium()
    if chromium is None:
        print("Chromium is missing: install it (Debian: apt-get install chromium) or set CHROMIUM.", file=sys.stderr)
        return 2
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="screenshot-") as profile:
        command = [chromium, *flags(wanted, profile), wanted.url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603 (our own arguments, no shell)
    if done.returncode or not wanted.out.exists():
        print(f"Chromium took no picture of {wanted.url}:\n{done.stderr}", file=sys.stderr)
        return 1
    return 0


def find_chromium() -> str | None:
    """CHROMIUM if it is set, otherwise the first one on the PATH."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else shutil.which("chromium") or shutil.which("chromium-browser")


def flags(wanted: argparse.Namespace, profile: str) -> list[str]:
    """Headless, without background network, in a temporary profile."""
    return [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        f"--user-data-dir={profile}",
        f"--window-size={wanted.width},{wanted.height}",
        f"--screenshot={wanted.out.resolve()}",
        f"--timeout={TAKEN_WITHIN_MS}",  # no wait for a quiet network, because the live stream never ends
        *(["--blink-settings=preferredColorScheme=0"] if wanted.dark else []),
    ]


if __name__ == "__main__":
    sys.exit(main())
