"""Pictures of the preview page for the documentation, by Chromium: `python -m local.gallery.preview_pictures`."""

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from local.gallery import preview, screenshot

DOCS = Path("docs")


class Picture(NamedTuple):
    """A file in docs/: its samples, width, height and theme."""

    name: str
    samples: tuple[str, ...]
    width: int
    height: int
    dark: bool = False


PICTURES = (
    Picture("preview-light.png", ("six",), 1860, 3430),
    Picture("preview-dark.png", ("six",), 1860, 3430, dark=True),
    Picture("preview-phone.png", ("task-rejected", "job-completed", "digest-batch"), 430, 4130),
    Picture("preview-digests.png", ("digest-away", "digest-going-on", "digest-too-much", "job-failing"), 1860, 2600),
    Picture(
        "preview-people.png",
        ("direct-named", "channel-token-revoked", "direct-refused", "tag-unknown-word"),
        1860,
        1660,
    ),
    Picture(
        "preview-lines.png", ("digest-announced", "digest-failing", "digest-finished", "job-completed-line"), 1860, 2160
    ),
    Picture("preview-spending.png", ("task-results", "limit-full", "budget-most", "monthly"), 1860, 3330),
    Picture("preview-reminders.png", ("near-limit", "offline", "back", "stuck", "reservation-ending"), 1860, 2200),
)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="preview-") as folder:
        for picture in PICTURES:
            page = Path(folder) / "page.html"
            preview.main([str(page), "--only", *picture.samples])
            out, size = DOCS / picture.name, (picture.width, picture.height)
            if failed := screenshot.take(page.as_uri(), out, *size, dark=picture.dark):
                return failed
    return 0


if __name__ == "__main__":
    sys.exit(main())
