"""Slack's mrkdwn as HTML: everything except Slack's own marks is escaped."""

import html
import re
from collections.abc import Callable, Mapping
from itertools import groupby

FENCE = re.compile(r"\n?```\n?(.+?)\n?```\n?", re.DOTALL)
MARKS = (
    r"`(?P<code>[^`]+)`"
    r"|<(?P<control>[^<>]+)>"
    r"|(?<![\w:]):(?P<emoji>[a-z0-9_+-]+):"
    r"|(?<![\w*])\*(?P<b>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<i>[^\s_](?:[^_]*[^\s_]|.*?[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<s>[^\s~](?:[^~]*[^\s~])?)~(?![\w~])"
)
URL = r"(?P<url>https?://[^\s<>|`]*[^\s<>|`.,;:!?)\]'\"*_~])"
INLINE = re.compile(f"{MARKS}|{URL}")
#: Marks of a text object with `verbatim`, which links only explicit links.
VERBATIM = re.compile(MARKS)
LINKS = ("http://", "https://", "mailto:")
EMOJI = {
    "white_check_mark": "✅",
    "large_orange_circle": "🟠",
    "x": "❌",
    "black_square_for_stop": "⏹️",
    "arrow_forward": "▶️",
    "warning": "⚠️",
    "bell": "🔔",
    "hourglass_flowing_sand": "⏳",
    "tada": "🎉",
    "rotating_light": "🚨",
}
NOBODY: Mapping[str, str] = {}


def to_html(text: str, people: Mapping[str, str] = NOBODY, *, verbatim: bool = False) -> str:
    """A mrkdwn text as Slack shows it; `people` gives the names behind user IDs."""
    pieces, marks = FENCE.split(text), VERBATIM if verbatim else INLINE
    return "".join(
        f"<pre>{_code(piece)}</pre>" if place % 2 else _lines(piece, people, marks)
        for place, piece in enumerate(pieces)
    )


def plain_to_html(text: str, *, emoji: bool = True) -> str:
    """A plain_text object, in which only emoji names are marks, unless `emoji` is false."""
    escaped = html.escape(unescape(text)).replace("\n", "<br>")
    return re.sub(r":([a-z0-9_+-]+):", _emoji, escaped) if emoji else escaped


def anchor(url: str, label: str = "", css: str = "") -> str:
    """A link, or its text alone if a browser may not follow the URL from here."""
    if not url.lower().startswith(LINKS):
        return html.escape(label or url)
    css = f' class="{css}"' if css else ""
    return (
        f'<a{css} href="{html.escape(url)}" target="_blank" rel="noopener noreferrer">{html.escape(label or url)}</a>'
    )


def rendered(
    text: str, marks: re.Pattern[str], mark: Callable[[re.Match[str]], str], rest: Callable[[str], str] = html.escape
) -> str:
    """The text with each of its marks as `mark` shows it, and what stands between them as `rest` does."""
    shown, end = [], 0
    for found in marks.finditer(text):
        shown += [rest(text[end : found.start()]), mark(found)]
        end = found.end()
    return "".join(shown) + rest(text[end:])


def visible(markup: str) -> str:
    """The text of HTML made here, line by line as on the page."""
    lines = re.sub(r"<br>|<hr>|</?(?:div|h3|pre|blockquote|li|tr)\b[^>]*>", "\n", markup)
    words = html.unescape(re.sub(r"<[^>]+>", "", lines))
    return "\n".join(line for line in words.split("\n") if line.strip())


def unescape(text: str) -> str:
    """Slack knows three entities and no others."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _lines(text: str, people: Mapping[str, str], marks: re.Pattern[str]) -> str:
    """Neighbouring quoted lines are one quotation; Slack also takes an escaped > at a line's start for its mark."""
    shown = []
    for quoted, group in groupby(text.split("\n"), key=lambda line: line.startswith((">", "&gt;"))):
        if quoted:
            said = "<br>".join(_inline(re.sub(r"^(>|&gt;) ?", "", line), people, marks) for line in group)
            shown.append(f"<blockquote>{said}</blockquote>")
        else:
            shown.append("<br>".join(_inline(line, people, marks) for line in group))
    return "".join(shown)


def _inline(text: str, people: Mapping[str, str], marks: re.Pattern[str]) -> str:
    return rendered(text, marks, lambda found: _mark(found, people, marks), lambda rest: html.escape(unescape(rest)))


def _mark(match: re.Match[str], people: Mapping[str, str], marks: re.Pattern[str]) -> str:
    kind, inner = str(match.lastgroup), match[str(match.lastgroup)]
    if kind == "code":
        return f"<code>{_code(inner)}</code>"
    if kind == "control":
        return _control(inner, people)
    if kind == "url":
        return anchor(unescape(inner))
    if kind == "emoji":
        return EMOJI.get(inner, html.escape(match[0]))
    return f"<{kind}>{_inline(inner, people, marks)}</{kind}>"


def _control(body: str, people: Mapping[str, str]) -> str:
    """The content between < and >: a link, a mention, or plain text."""
    target, _, label = body.partition("|")
    name = unescape(label)
    if target.startswith("@"):
        return _mention("@" + (people.get(target[1:]) or name or target[1:]))
    if target.startswith("#"):
        return _mention("#" + (name or target[1:]))
    if target.startswith("!date^"):
        return html.escape(name)
    if target.startswith("!"):
        return _mention(name or "@" + target[1:])
    if target.lower().startswith(LINKS):
        return anchor(unescape(target), name)
    return html.escape(f"<{unescape(body)}>")


def _mention(name: str) -> str:
    return f'<span class="mention">{html.escape(name)}</span>'


def _code(text: str) -> str:
    """Inside code, only links are marks, and they show their text."""
    words = re.sub(r"<(?:https?://|mailto:)[^<>|]*\|([^<>]+)>|<((?:https?://|mailto:)[^<>|]*)>", r"\1\2", text)
    return html.escape(unescape(words))


def _emoji(match: re.Match[str]) -> str:
    return EMOJI.get(match[1], match[0])
