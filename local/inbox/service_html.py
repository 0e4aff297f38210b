"""What a service beside Slack shows of a message, as HTML; all text of a message is escaped here."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from local.inbox.slack_mrkdwn import anchor, rendered
from local.inbox.view import mail_to_html

#: Discord's Markdown as far as the notifier writes it: escapes, masked links, code, bold.
_DISCORD = re.compile(
    r"\\(?P<literal>[^0-9A-Za-z\s])|\[(?P<name>(?:\\.|[^\]\\])*)\]\(<(?P<url>[^>]*)>\)"
    r"|```\n(?P<block>.*?)\n```|`` (?P<code>.*?) ``|\*\*(?P<bold>(?:\\.|[^*\\])*)\*\*",
    re.DOTALL,
)

#: Colours of a container's styles.
_STYLES = {"attention": "#d92d20", "warning": "#f79009", "good": "#12b76a", "emphasis": "#667085"}


def of_webhook(document: Mapping[str, Any]) -> str:
    """The text of a webhook's JSON, as its receiver may show it."""
    data = document["data"]
    return f'<div class="letter"><div class="body">{mail_to_html(data.get("text", data["push"]))}</div></div>'


def of_discord(payload: Mapping[str, Any]) -> str:
    """The post and its embeds; a mark of Markdown that is not escaped shows as one."""
    return "".join((f"<div>{_discord(payload['content'])}</div>", *_embeds(payload.get("embeds", ()))))


def of_card(card: Mapping[str, Any]) -> str:
    """An Adaptive Card as far as the notifier uses its elements."""
    return "".join(map(_element, card["body"]))


def title_of(card: Mapping[str, Any]) -> str:
    """The text of a card's header."""
    first = card["body"][0]
    return "".join(each["text"] for each in first.get("items", [first])[0]["inlines"])


def _element(element: Mapping[str, Any]) -> str:
    match element["type"]:
        case "RichTextBlock":
            return f"<div>{''.join(map(_run, element['inlines']))}</div>"
        case "ActionSet":
            return f"<div>{' · '.join(anchor(each['url'], each['title']) for each in element['actions'])}</div>"
    edge = f"border-left: 4px solid {_STYLES[element['style']]}; padding-left: 12px; margin: 4px 0"
    return f'<div style="{edge}">{"".join(map(_element, element["items"]))}</div>'


def _run(run: Mapping[str, Any]) -> str:
    if "selectAction" in run:
        return anchor(run["selectAction"]["url"], run["text"])
    mark = "b" if "weight" in run else "code" if "fontType" in run else "small" if "size" in run else "span"
    return f"<{mark}>{html.escape(run['text'])}</{mark}>"


def without_escapes(text: str) -> str:
    """A text of Discord that has no other marks."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text)


def _embeds(embeds: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    for each in embeds:
        title = f"<b>{_discord(each['title'])}</b>" if "title" in each else ""
        footer = f"<small>{html.escape(each['footer']['text'])}</small>" if "footer" in each else ""
        edge = f"border-left: 4px solid #{each['color']:06x}; padding-left: 12px; margin: 6px 0"
        yield f'<div style="{edge}">{title}<div>{_discord(each["description"])}</div>{footer}</div>'


def _discord(text: str) -> str:
    return rendered(text, _DISCORD, _marked, _plain)


def _marked(found: re.Match[str]) -> str:
    if found["url"]:
        return anchor(found["url"], without_escapes(found["name"]))
    if found["block"]:
        return f"<pre>{html.escape(found['block'])}</pre>"
    if found["code"]:
        return f"<code>{html.escape(found['code'])}</code>"
    return f"<b>{html.escape(without_escapes(found['bold']))}</b>" if found["bold"] else html.escape(found["literal"])


def _plain(text: str) -> str:
    """Lines; those of a quote have a bar, as `>` at their begin says."""
    lines = (re.sub("^&gt; ", "▏ ", each) for each in html.escape(text).split("\n"))
    return "<br>".join(lines)
