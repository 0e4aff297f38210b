"""A message as a post of Discord within its limits; pure.

Discord reads its own Markdown in a post and in the texts of an embed, and shows a character after a backslash as it is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from braket_notifier.rendering.formats.email import body
from braket_notifier.rendering.formats.handler import SEVERITIES
from braket_notifier.rendering.formats.table import Rows, aligned
from braket_notifier.rendering.message import Link, Message, Words
from braket_notifier.text.wording import cut

#: Characters of a post, of an embed's title and of its description, and of all embeds; Discord accepts 2,000, 256,
#: 4,096 and 6,000.
CONTENT, TITLE, DESCRIPTION, TOTAL = 1900, 250, 3900, 5500
#: Characters of the parts of a description, which together fit it.
FACTS, QUOTE, NOTES, TABLE, CLOSING, CODE, LINKS = 700, 700, 350, 500, 300, 250, 1000
#: Colours by severity, as 0xRRGGBB.
_COLOURS: Mapping[str, int] = {"failure": 0xD92D20, "warning": 0xF79009, "success": 0x12B76A, "info": 0x667085}
#: Marks, mentions, emojis, timestamps, links and invitations anywhere; a heading or a list where a line begins.
_SPECIAL = re.compile(
    r"[\\`*_~|<>@\[\]]|:(?=[^\s\d])|(?<=discord)\.|(?<=discordapp)\.|^[#+-]|^(?P<number>\d{1,9})\.",
    re.MULTILINE | re.IGNORECASE,
)
_BREAK = "\N{ZERO WIDTH SPACE}"
#: Members of a post by which no name, tag or reason notifies anybody, and no link in a text is unfolded.
_QUIET: Mapping[str, object] = {"allowed_mentions": {"parse": []}}
_NO_UNFOLDING = 4

Payload = dict[str, object]


def post(message: Message, *, may_repeat: bool) -> Payload:
    """Return the push line, and the rest as embeds: facts, reason, code and links, then the lists."""
    title = _fitting(message.headline, TITLE)
    footer = " · ".join(message.small_print(may_repeat=may_repeat))  # in which Discord reads no Markdown
    description = "\n".join(filter(None, _parts(message)))
    left = min(DESCRIPTION, TOTAL - sum(map(_size, (title, description, footer))))
    colour = _COLOURS[SEVERITIES.get(message.mark, "info")]
    rest = "\n".join(_whole(_listed(message), left))
    first: Payload = {"title": title, "description": description, "color": colour}
    further = [{"description": rest, "color": colour}] if rest else []
    embeds = [first, *further]
    embeds[-1] |= {"footer": {"text": footer}} if footer else {}
    return {"content": literal(message.push_line(may_repeat=may_repeat)), "embeds": embeds, **_QUIET}


def plain_post(message: Message, *, may_repeat: bool, flags: int = 0) -> Payload:
    """Return the message as text, for a Discord that refuses its embeds; `flags` are those of a post beside it."""
    push = message.push_line(may_repeat=may_repeat)
    text = _fitting(f"{push}\n\n{body(message, may_repeat=False)}".rstrip(), CONTENT)
    return {"content": text, "embeds": [], "flags": flags | _NO_UNFOLDING, **_QUIET}


def literal(text: str) -> str:
    """Return the text so that Discord shows each of its characters and finds no mark, mention, emoji or link in it."""
    return _SPECIAL.sub(lambda found: f"{found['number']}\\." if found["number"] else f"\\{found[0]}", text)


def _parts(message: Message) -> Iterator[str]:
    yield _fitting(message.owned_lines, FACTS)
    yield _table(message.table)
    yield "Braket says:\n" + _quoted(_fitting(message.reason, QUOTE)) if message.reason else ""
    yield _fitting("\n".join(message.notes), NOTES)
    yield " ".join(filter(None, (_fitting(message.closing, CLOSING), _code(message.command))))
    yield " · ".join(_whole((_link(Link(label, url)) for label, url in message.links), LINKS))
    yield " ".join(filter(None, (_code(message.code), literal(message.code_note))))


def _listed(message: Message) -> Iterator[str]:
    for section in message.sections:
        yield f"**{literal(section.title)}**"
        for left, right in section.rows:
            yield "- " + " — ".join(filter(None, (_words(left), _words(right))))


def _whole(pieces: Iterable[str], most: int) -> Iterator[str]:
    """Yield the pieces as long as they fit, because half a link leads nowhere; a mark stands for those that do not."""
    left = most - len("\n…")
    for each in pieces:
        left -= _size(each) + len(" · ")
        if left < 0:
            yield "…"
            return
        yield each


def _words(words: Words) -> str:
    return "".join(literal(each) if isinstance(each, str) else _link(each) for each in words)


def _link(link: Link) -> str:
    """Return a masked link whose address cannot end early, and whose page Discord does not unfold."""
    return f"[{literal(link.text)}](<{link.url.replace('>', '%3E')}>)"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _table(rows: Rows) -> str:
    text = "\n".join(_whole(aligned(rows), TABLE)).replace("`", f"`{_BREAK}")
    return f"```\n{text}\n```" if text else ""


def _code(text: str) -> str:
    return f"`` {cut(text, CODE).replace('`', f'`{_BREAK}')} ``" if text else ""


def _fitting(text: str, most: int) -> str:
    """Cut before escaping; otherwise a cut behind a backslash leaves it visible."""
    escaped = literal(text)
    return escaped if _size(escaped) <= most else _fitting(cut(text, len(text) * most // _size(escaped)), most)


def _size(text: str) -> int:
    """Count as JavaScript does, which is the most that Discord may count."""
    return len(text.encode("utf-16-le")) // 2
