"""Every kind of message on one page, as each service shows it: `python -m local.gallery.preview`."""

import argparse
import html
import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from braket_notifier.domain.destination import in_words
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.rendering.formats.adaptive_card import envelope
from braket_notifier.rendering.formats.discord import post
from braket_notifier.rendering.formats.email import body, subject
from braket_notifier.rendering.formats.slack import blocks, escape
from braket_notifier.rendering.formats.webhook_json import to_json
from local.gallery.samples import SAMPLES, SIX, Sample
from local.gallery.samples.sample import CHANNEL, POLICY
from local.inbox import service_html, slack_blocks, slack_mrkdwn
from local.inbox.view import mail_to_html

OUT = Path("build/preview.html")
INBOX = Path(__file__).parents[1] / "inbox" / "page.html"
PEOPLE = {person.slack: person.name for person in POLICY.people if person.slack}
#: The inbox page's style, and the layout of this page.
STYLE = """
html, body { height: auto; }
body { display: block; padding: 28px; }
h1 { margin: 0 0 4px; font-size: 22px; }
.about { margin: 0 0 24px; color: var(--soft); }
.sample { display: grid; grid-template-columns: 375px minmax(420px, 660px) minmax(420px, 700px); gap: 18px;
          align-items: start; margin: 0 0 34px; }
.sample > h2 { grid-column: 1 / -1; margin: 0; font-size: 15px; }
.sample > h2 small { font-weight: 400; color: var(--faint); }
.pane { min-height: 0; }
.said { padding: 10px 18px 12px; }
.pane .note { display: block; margin: 14px 14px 4px; max-width: none; }
.phone .said { padding: 4px 14px 12px; font-size: 15px; }
.phone .said .fields { grid-template-columns: minmax(0, 1fr); }
.letter { padding: 16px 18px 20px; }
.letter h2 { font-size: 16px; }
@media (max-width: 1340px) {
  .sample { grid-template-columns: minmax(0, 1fr); }
  .pane.wide { display: none; }
  body { padding: 14px; }
}
"""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, nargs="?", default=OUT)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="samples by name, or `six` for the six that matter")
    wanted = parser.parse_args(argv)
    names = SIX if wanted.only == ["six"] else wanted.only
    chosen = [each for each in SAMPLES if not names or each.name in names]
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    wanted.out.write_text(page(chosen), encoding="utf-8")
    print(f"{len(chosen)} messages in {wanted.out}")
    return 0


def page(samples: Iterable[Sample]) -> str:
    """An HTML page without external resources, light or dark by the reader's desktop."""
    sections = "".join(map(_sample, samples))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Messages</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><style>{look()}{STYLE}</style></head><body>'
        '<h1>Messages</h1><p class="about">What a phone shows, the card in Slack, the e-mail, and further services. '
        f"Sample data throughout.</p>{sections}</body></html>\n"
    )


def look() -> str:
    found = re.search(r"<style>(.*?)</style>", INBOX.read_text(encoding="utf-8"), re.DOTALL)
    if found is None:
        raise ValueError(f"{INBOX} has no style")
    return found[1]


def _sample(sample: Sample) -> str:
    where = in_words(sample.to) or f"#{CHANNEL}"
    message, mail = sample.message(CHANNEL), sample.message("mail")
    card = slack_blocks.to_html(blocks(message, may_repeat=sample.may_repeat), PEOPLE)
    push = slack_mrkdwn.plain_to_html(escape(message.push), emoji=False)
    letter = mail_to_html(body(mail, may_repeat=sample.may_repeat))
    return (
        f'<section class="sample" id="{sample.name}"><h2>{html.escape(sample.about)} <small>{sample.name}</small></h2>'
        f'<div class="pane phone"><div class="note"><b>Slack · {where}</b>{push}</div>'
        f'<div class="said">{card}</div></div><div class="pane wide"><div class="said">{card}</div></div>'
        f'<div class="pane"><div class="letter"><h2>{html.escape(subject(mail))}</h2>'
        f'<div class="body">{letter}</div></div></div>{_services(sample)}</section>'
    )


def _services(sample: Sample) -> str:
    """The message of each further service, which has no cards and shows what an e-mail says."""
    message, at = sample.message("mail"), datetime.fromtimestamp(0, UTC)
    content = sample.content if isinstance(sample.content, Digest) else Notification(sample.content, "mail")
    webhook = json.loads(to_json(message, content, at=at, may_repeat=sample.may_repeat))
    discord = service_html.of_discord(post(message, may_repeat=sample.may_repeat))
    card: Any = envelope(message, may_repeat=sample.may_repeat)
    teams = service_html.of_card(card["attachments"][0]["content"])
    shown = {"Teams": teams, "Discord": discord, "Webhook": service_html.of_webhook(webhook)}
    panes = (
        f'<div class="pane wide"><div class="note"><b>{name}</b>{html.escape(message.push)}</div>'
        f'<div class="said">{each}</div></div>'
        for name, each in shown.items()
    )
    return "".join(panes)


if __name__ == "__main__":
    sys.exit(main())
