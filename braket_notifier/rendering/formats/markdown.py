"""A message as CommonMark, in which every text that somebody else wrote is literal; pure."""

import re
from collections.abc import Iterable, Iterator

from braket_notifier.rendering.message import Link, Message, Section, Words

#: A mark, a tag, an entity, an emoji's name, an address or a URL anywhere; a heading or a list where a text begins.
_SPECIAL = re.compile(
    r"^(?P<number>\d{1,9})(?P<dot>[.)])|^[#+=-]|[\\`*_\[\]<>&|~]"
    r"|:(?=[^\s\d])|(?<!\d):(?=\d)|(?<=\S)@(?=\S)|(?<=www)\.",
    re.IGNORECASE,
)
#: Some readers of Markdown show a backslash before these, and none shows an entity.
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"} | {each: f"&#{ord(each)};" for each in "|~:@="}
_TICKS = re.compile("`+")


def markdown(message: Message, *, may_repeat: bool) -> str:
    """Return headline, facts, lists, reason, code and links as paragraphs of CommonMark without HTML."""
    small = message.small_print(may_repeat=may_repeat)
    owner = [literal(message.owner.name)] if message.owner else []
    paragraphs = (
        " · ".join((f"**{literal(message.headline)}**", *owner)),
        _lines(message.lines),
        _listed(map(literal, _counts(message.table))),
        *(f"{literal(each.title)}\n\n{_listed(_rows(each))}" for each in message.sections),
        f"Braket says:\n\n> {literal(message.reason)}" if message.reason else "",
        _lines(message.notes),
        " ".join(filter(None, (literal(message.closing), _code(message.command)))),
        " ".join(filter(None, (_code(message.code), literal(message.code_note)))),
        " · ".join((*(_link(Link(label, url)) for label, url in message.links), *map(literal, small))),
    )
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def literal(text: str) -> str:
    """Return the text so that CommonMark shows each of its characters and finds no mark, link, tag or emoji in it."""
    return _SPECIAL.sub(lambda found: (found["number"] or "") + _escaped(found["dot"] or found[0]), text)


def _escaped(character: str) -> str:
    return _ENTITIES.get(character, f"\\{character}")


def _lines(texts: Iterable[str]) -> str:
    """Join lines by a break that stays, which two spaces at a line's end are to every reader of Markdown."""
    return "  \n".join(map(literal, texts))


def _listed(items: Iterable[str]) -> str:
    return "\n".join(f"- {each}" for each in items)


def _counts(table: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Yield a line like "SV1: 40 ended, 40 ok" for each row, because CommonMark has no tables."""
    titles, *rows = table or ((),)
    for name, *figures in rows:
        counts = (f"{count} {title}" for count, title in zip(figures, titles[1:], strict=True) if count != "-")
        yield f"{name}: {', '.join(counts)}"


def _rows(section: Section) -> Iterator[str]:
    for left, right in section.rows:
        yield " — ".join(filter(None, (_words(left), _words(right))))


def _words(words: Words) -> str:
    return "".join(literal(each) if isinstance(each, str) else _link(each) for each in words)


def _link(link: Link) -> str:
    return f"[{literal(link.text)}]({link.url.replace('(', '%28').replace(')', '%29')})"


def _code(text: str) -> str:
    """Return a code span, whose fence is longer than any in the text."""
    if not text:
        return ""
    fence = "`" * (max(map(len, _TICKS.findall(text)), default=0) + 1)
    return f"{fence}{text}{fence}" if len(fence) == 1 else f"{fence} {text} {fence}"
