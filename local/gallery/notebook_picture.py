"""A picture of a notebook's cell beside the message that it leads to: `python -m local.gallery.notebook_picture`."""

import html
import sys
import tempfile
from pathlib import Path

from braket_notifier.rendering.formats.slack import blocks
from local.gallery import screenshot
from local.gallery.preview import PEOPLE, STYLE, look
from local.gallery.samples import SAMPLES
from local.inbox import slack_blocks

PICTURE = Path("docs/notebook.png")
SAMPLE = "direct-named"
CELL = """from braket_notify import notify

tags = notify("anna", on="FAILED", name="rydberg-scan-7")
aquila.run(program, shots=500, tags=tags)
"""
PANES = """
.panes { display: grid; grid-template-columns: 600px 660px; gap: 18px; align-items: start; }
pre { margin: 0; padding: 18px; }
"""


def page() -> str:
    sample = next(each for each in SAMPLES if each.name == SAMPLE)
    card = slack_blocks.to_html(blocks(sample.message(), may_repeat=False), PEOPLE)
    panes = {"Ben's notebook": f"<pre>{html.escape(CELL)}</pre>", "Slack, to Anna": f'<div class="said">{card}</div>'}
    shown = (f'<div class="pane"><div class="note"><b>{name}</b></div>{each}</div>' for name, each in panes.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<style>{look()}{STYLE}{PANES}</style></head><body><div class="panes">{"".join(shown)}</div></body></html>'
    )


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="notebook-") as folder:
        path = Path(folder) / "page.html"
        path.write_text(page(), encoding="utf-8")
        return screenshot.take(path.as_uri(), PICTURE, 1345, 330)


if __name__ == "__main__":
    sys.exit(main())
