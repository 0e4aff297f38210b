"""Pictures of the status board for the documentation, by Chromium: `python -m local.gallery.board_pictures`."""

import sys
from pathlib import Path

from braket_notifier.status_board.widget import View
from local.gallery import screenshot
from local.gallery.samples.boards import BOARDS
from local.inbox.inbox import Inbox

DOCS = Path("docs")
WIDTH, HEIGHT = 1280, 830
SAMPLE = "busy"


def main() -> int:
    """Take a light and a dark picture of the same sample data."""
    with Inbox() as inbox:
        inbox.board = lambda theme: BOARDS[SAMPLE](View(theme, WIDTH))
        for theme in ("light", "dark"):
            page, out = f"{inbox.url}/board?theme={theme}", DOCS / f"board-{theme}.png"
            if failed := screenshot.take(page, out, WIDTH, HEIGHT):
                return failed
    return 0


if __name__ == "__main__":
    sys.exit(main())
