"""Slack's checks of a message, with Slack's own error strings."""

import copy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block, BlockElement

MAX_BLOCKS = 50
MAX_CHARACTERS = 13_200  # not documented by Slack, but observed
#: A table's rows, its columns and the characters of its cells, by Slack's documentation.
MAX_ROWS, MAX_CELLS, MAX_TABLE = 100, 20, 10_000
LINKS = ("https://", "http://", "mailto:", "slack://")
TEXTS = ("plain_text", "mrkdwn")
BROKEN = (SlackObjectFormationError, TypeError, ValueError, AttributeError, KeyError)


class RefusedError(Exception):
    """Slack refuses the call: one of its error strings, and the reason."""

    def __init__(self, error: str, why: str = "") -> None:
        super().__init__(f"{error}: {why}" if why else error)
        self.error = error
        self.why = why


def check_message(text: str, blocks: Sequence[Any], metadata: object) -> None:
    """Raise RefusedError unless Slack would accept the message."""
    if not text and not blocks:
        raise RefusedError("no_text")
    check_blocks(blocks)
    if metadata is not None and not _is_metadata(metadata):
        raise RefusedError("invalid_metadata_format")


def check_blocks(blocks: Sequence[Any]) -> None:
    for place, block in enumerate(blocks):
        for problem in _problems(block):
            raise RefusedError("invalid_blocks", f"{problem} [json-pointer:/blocks/{place}]")
    if len(blocks) > MAX_BLOCKS:
        raise RefusedError("invalid_blocks", f"no more than {MAX_BLOCKS} items allowed [json-pointer:/blocks]")
    if sum(block["type"] == "table" for block in blocks) > 1:
        raise RefusedError("invalid_blocks", "only_one_table_allowed [json-pointer:/blocks]")
    ids = Counter(block["block_id"] for block in blocks if block.get("block_id"))
    if repeated := [block_id for block_id, times in ids.items() if times > 1]:
        raise RefusedError("invalid_blocks", f"block_id {repeated[0]!r} already exists [json-pointer:/blocks]")
    if characters(blocks) > MAX_CHARACTERS:
        raise RefusedError("msg_blocks_too_long")


def characters(part: object) -> int:
    """The number of characters of text in the blocks."""
    if isinstance(part, Mapping):
        return sum(len(v) if k == "text" and isinstance(v, str) else characters(v) for k, v in part.items())
    if isinstance(part, list | tuple):
        return sum(characters(value) for value in part)
    return 0


def _problems(block: object) -> Iterator[str]:
    """First the checks of slack_sdk's own models, then the checks that only Slack makes."""
    if not isinstance(block, dict):
        yield "must be an object"
        return
    try:
        parsed = Block.parse(copy.deepcopy(block))
        if parsed is None:
            yield f"unsupported type: {block.get('type')}"
            return
        parsed.to_dict()
    except BROKEN as error:
        yield str(error)
        return
    if not isinstance(block.get("block_id", ""), str):
        yield "block_id must be a string"
    yield from (f"invalid additional property: {key}" for key in block.keys() - parsed.attributes)
    if rules := RULES.get(block["type"]):
        yield from rules(block)


def _section(block: Mapping[str, Any]) -> Iterator[str]:
    if "text" in block:
        yield from _text(block["text"], 3000)
    if block.get("fields"):
        yield from (problem for field in block["fields"] for problem in _text(field, 2000))
    if "accessory" in block:
        yield from _element(block["accessory"])


def _header(block: Mapping[str, Any]) -> Iterator[str]:
    yield from _text(block.get("text"), 150, ("plain_text",))


def _context(block: Mapping[str, Any]) -> Iterator[str]:
    yield from _some(block["elements"])
    for element in block["elements"]:
        yield from _element(element) if _kind(element) == "image" else _text(element, 3000)


def _actions(block: Mapping[str, Any]) -> Iterator[str]:
    yield from _some(block["elements"])
    for element in block["elements"]:
        yield from _element(element)
    ids = [element.get("action_id") for element in block["elements"]]
    if any(ids.count(action_id) > 1 for action_id in ids if action_id):
        yield "action_id already exists"


def _element(element: object) -> Iterator[str]:
    if not isinstance(element, dict) or BlockElement.parse(copy.deepcopy(element)) is None:
        yield f"unsupported type: {_kind(element)}"
    elif element["type"] == "button":
        yield from _text(element.get("text"), 75, ("plain_text",))
        if "url" in element and not str(element["url"]).startswith(LINKS):
            yield "invalid url"
    elif not isinstance(element.get("alt_text", ""), str):
        yield "alt_text must be a string"


def _rich_text(block: Mapping[str, Any]) -> Iterator[str]:
    yield from _some(block["elements"])
    for part in block["elements"]:
        if _kind(part) == "rich_text_list":
            yield from _rich_list(part)
        elif _kind(part) in RICH_PARTS:
            yield from _rich_part(part)
        else:
            yield f"unsupported type: {_kind(part)}"


def _table(block: Mapping[str, Any]) -> Iterator[str]:
    rows, settings = block.get("rows"), block.get("column_settings", [])
    if not isinstance(rows, list) or not 0 < len(rows) <= MAX_ROWS:
        yield f"must have 1 to {MAX_ROWS} rows"
        return
    if not isinstance(settings, list) or len(settings) > MAX_CELLS:
        yield f"no more than {MAX_CELLS} column_settings allowed"
        return
    for each in settings:
        yield from () if isinstance(each, dict) else ["must provide an object"]
        if isinstance(each, dict) and each.get("align", "left") not in ("left", "center", "right"):
            yield "align must be left, center or right"
    for row in rows:
        if not isinstance(row, list) or not 0 < len(row) <= MAX_CELLS:
            yield f"must have 1 to {MAX_CELLS} cells"
            continue
        for cell in row:
            yield from _cell(cell)
    if characters(rows) > MAX_TABLE:
        yield f"must be no more than {MAX_TABLE} characters"


def _cell(cell: object) -> Iterator[str]:
    if not isinstance(cell, dict) or cell.get("type") not in ("raw_text", "rich_text"):
        yield f"unsupported type: {_kind(cell)}"
    elif cell["type"] == "raw_text":
        yield from () if isinstance(cell.get("text"), str) and cell["text"] else ["must be more than 0 characters"]
    else:
        yield from _rich_text(
            {"elements": cell["elements"]} if isinstance(cell.get("elements"), list) else {"elements": []}
        )


def _rich_list(part: Mapping[str, Any]) -> Iterator[str]:
    if part.get("style") not in ("bullet", "ordered"):
        yield "style must be bullet or ordered"
    yield from _some(part.get("elements") or [])
    for item in part.get("elements") or []:
        yield from _rich_part(item) if _kind(item) == "rich_text_section" else ["must be a rich_text_section"]


def _rich_part(part: Mapping[str, Any]) -> Iterator[str]:
    elements = part.get("elements")
    if not isinstance(elements, list):
        yield "must provide elements"
        return
    for element in elements:
        members = RICH_ELEMENTS.get(str(_kind(element)))
        if members is None:
            yield f"unsupported type: {_kind(element)}"
            continue
        yield from (f"invalid additional property: {key}" for key in element.keys() - {*members, "type", "style"})
        if not all(isinstance(element.get(key), str) and element[key] for key in members[:1]):
            yield f"{members[0]} must be more than 0 characters"
        if not isinstance(element.get("text", ""), str):
            yield "text must be a string"
        if element["type"] == "link" and not str(element.get("url")).startswith(LINKS):
            yield "invalid url"
        style = element.get("style", {})
        if not isinstance(style, dict) or not style.keys() <= RICH_STYLES or not all(style.values()):
            yield "invalid style"


RICH_PARTS = ("rich_text_section", "rich_text_quote", "rich_text_preformatted")
#: Members of each kind of element; the first one is required.
RICH_ELEMENTS = {
    "text": ("text",),
    "link": ("url", "text"),
    "user": ("user_id",),
    "emoji": ("name",),
    "channel": ("channel_id",),
}
RICH_STYLES = {"bold", "italic", "strike", "code"}
RULES: dict[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "rich_text": _rich_text,
    "table": _table,
}


def _text(text: object, longest: int, kinds: Sequence[str] = TEXTS) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in kinds or not isinstance(text.get("text"), str):
        yield f"must be a text object of type {' or '.join(kinds)}"
        return
    if not text["text"]:
        yield "must be more than 0 characters"
    if len(text["text"]) > longest:
        yield f"must be no more than {longest} characters"


def _some(elements: Sequence[Any]) -> Iterator[str]:
    if not elements:
        yield "must have 1 item or more"


def _kind(element: object) -> object:
    return element.get("type") if isinstance(element, dict) else None


def _is_metadata(metadata: object) -> bool:
    if not isinstance(metadata, Mapping):
        return False
    named = isinstance(metadata.get("event_type"), str) and isinstance(metadata.get("event_payload"), Mapping)
    return not metadata or named
