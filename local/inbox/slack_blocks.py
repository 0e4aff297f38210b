"""Slack's Block Kit as HTML, one function per kind of block."""

import html
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from local.inbox.slack_mrkdwn import EMOJI, NOBODY, anchor, plain_to_html
from local.inbox.slack_mrkdwn import to_html as mrkdwn_to_html

Block = Mapping[str, Any]
People = Mapping[str, str]


def to_html(blocks: Iterable[Block], people: People = NOBODY) -> str:
    return "".join(KINDS.get(block["type"], _other)(block, people) for block in blocks)


def _header(block: Block, people: People) -> str:
    return f"<h3>{_text(block['text'], people)}</h3>"


def _section(block: Block, people: People) -> str:
    text = f"<div>{_text(block['text'], people)}</div>" if block.get("text") else ""
    fields = "".join(f"<div>{_text(field, people)}</div>" for field in block.get("fields") or ())
    fields = f'<div class="fields">{fields}</div>' if fields else ""
    accessory = block.get("accessory")
    beside = f'<div class="accessory">{_element(accessory, people)}</div>' if accessory else ""
    return f'<div class="section"><div class="words">{text}{fields}</div>{beside}</div>'


def _context(block: Block, people: People) -> str:
    elements = " ".join(f"<span>{_element(element, people)}</span>" for element in block["elements"])
    return f'<div class="context">{elements}</div>'


def _actions(block: Block, people: People) -> str:
    return f'<div class="actions">{" ".join(_element(element, people) for element in block["elements"])}</div>'


def _divider(_block: Block, _people: People) -> str:
    return "<hr>"


def _table(block: Block, people: People) -> str:
    """A table whose first row has the titles; it scrolls in a narrow window, as on a phone."""
    aligned = [str(each.get("align") or "left") for each in block.get("column_settings") or ()]
    rows = []
    for place, row in enumerate(block["rows"]):
        tag = "td" if place else 'th scope="col"'
        sides = zip(row, (*aligned, *["left"] * len(row)), strict=False)
        cells = (f'<{tag} class="{side}">{_cell(cell, people)}</{tag[:2]}>' for cell, side in sides)
        rows.append(f"<tr>{' '.join(cells)}</tr>")
    return f'<div class="table" tabindex="0"><table>{"".join(rows)}</table></div>'


def _cell(cell: Block, people: People) -> str:
    if cell["type"] == "raw_text":
        return html.escape(cell["text"])
    parts = cell["elements"]
    if any(part["type"] == "rich_text_list" for part in parts):
        return "".join(_rich(part, people) for part in parts)
    return "".join(_rich_element(element, people) for part in parts for element in part["elements"])


def _rich_text(block: Block, people: People) -> str:
    parts = "".join(_rich(part, people) for part in block["elements"])
    return f'<div class="section"><div class="words">{parts}</div></div>'


def _rich(part: Block, people: People) -> str:
    """A paragraph, quotation, preformatted text or list."""
    if part["type"] == "rich_text_list":
        tag = "ol" if part["style"] == "ordered" else "ul"
        return f"<{tag}>{''.join(f'<li>{_rich(item, people)}</li>' for item in part['elements'])}</{tag}>"
    tag = {"rich_text_quote": "blockquote", "rich_text_preformatted": "pre"}.get(part["type"], "div")
    return f"<{tag}>{''.join(_rich_element(element, people) for element in part['elements'])}</{tag}>"


def _rich_element(element: Block, people: People) -> str:
    """Everything but emoji, links and mentions is text, in which Slack looks for no marks."""
    match element["type"]:
        case "link":
            shown = anchor(element["url"], element.get("text", ""))
        case "user":
            shown = f'<span class="mention">@{html.escape(people.get(element["user_id"]) or element["user_id"])}</span>'
        case "channel":
            shown = f'<span class="mention">#{html.escape(element["channel_id"])}</span>'
        case "emoji":
            shown = html.escape(EMOJI.get(element["name"], f":{element['name']}:"))
        case _:
            shown = html.escape(str(element.get("text", ""))).replace("\n", "<br>")
    for name, tag in STYLES.items():
        shown = f"<{tag}>{shown}</{tag}>" if (element.get("style") or {}).get(name) else shown
    return shown


STYLES = {"code": "code", "bold": "b", "italic": "i", "strike": "s"}


def _other(block: Block, _people: People) -> str:
    """A kind that the page does not render: its name and its texts, so that no text is lost."""
    words = " ".join(_words(block))
    return f'<div class="other"><span>{html.escape(block["type"])}</span> {html.escape(words)}</div>'


KINDS: dict[str, Callable[[Block, People], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
    "rich_text": _rich_text,
    "table": _table,
}


def _text(text: Block, people: People) -> str:
    if text["type"] == "plain_text":
        return plain_to_html(text["text"], emoji=text.get("emoji") is not False)
    return mrkdwn_to_html(text["text"], people, verbatim=bool(text.get("verbatim")))


def _element(element: Block, people: People) -> str:
    if element["type"] in ("plain_text", "mrkdwn"):
        return _text(element, people)
    if element["type"] == "button":
        label = element["text"]["text"]
        style = {"primary": "button primary", "danger": "button danger"}.get(element.get("style", ""), "button")
        if element.get("url"):
            return anchor(element["url"], label, style)
        return f'<span class="{style}">{plain_to_html(label)}</span>'
    return f'<span class="drawn">{html.escape(element.get("alt_text") or element["type"])}</span>'


def _words(part: object) -> list[str]:
    """Every text of a block, in order; only `text` and `alt_text` are shown to people."""
    if isinstance(part, Mapping):
        said = [value for key, value in part.items() if key in ("text", "alt_text") and isinstance(value, str)]
        return said + [word for value in part.values() for word in _words(value)]
    if isinstance(part, list | tuple):
        return [word for value in part for word in _words(value)]
    return []
