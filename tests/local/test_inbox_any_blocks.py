"""All blocks of a client are either refused or can be shown."""

import copy
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from local.inbox.slack_blocks import to_html
from local.inbox.slack_checks import RefusedError, check_message

MRKDWN = {"type": "mrkdwn", "text": "x"}
PLAIN = {"type": "plain_text", "text": "x", "emoji": True}
BUTTON = {"type": "button", "text": PLAIN, "action_id": "a", "url": "https://example.org", "style": "primary"}
IMAGE = {"type": "image", "image_url": "https://example.org", "alt_text": "x"}
WORDS = {"type": "text", "text": "x", "style": {"bold": True}}
LINK = {"type": "link", "url": "https://example.org", "text": "x"}
SECTION = {"type": "rich_text_section", "elements": [WORDS, LINK, {"type": "user", "user_id": "U01"}]}
QUOTE = {"type": "rich_text_quote", "elements": [WORDS, {"type": "emoji", "name": "tada"}]}
CELL = {"type": "rich_text", "elements": [SECTION]}
GOOD: list[dict[str, Any]] = [
    {"type": "table", "rows": [[CELL, {"type": "raw_text", "text": "x"}]], "column_settings": [{"align": "right"}]},
    {"type": "header", "text": PLAIN, "block_id": "b"},
    {"type": "section", "text": MRKDWN, "fields": [MRKDWN, PLAIN], "accessory": BUTTON},
    {"type": "context", "elements": [MRKDWN, IMAGE]},
    {"type": "actions", "elements": [BUTTON]},
    {"type": "image", "image_url": "https://example.org", "alt_text": "x", "title": PLAIN},
    {"type": "divider"},
    {
        "type": "rich_text",
        "elements": [SECTION, QUOTE, {"type": "rich_text_list", "style": "bullet", "elements": [SECTION]}],
    },
]
ODD: list[Any] = [
    None,
    True,
    0,
    "",
    "x",
    [],
    ["x"],
    [[]],
    {},
    {"type": "x"},
    {"type": []},
    MRKDWN,
    PLAIN,
    BUTTON,
    IMAGE,
]


@st.composite
def nearly_good(draw: st.DrawFn) -> list[Any]:
    """Good blocks in which one value, however deep, was replaced."""
    part: Any = copy.deepcopy(GOOD)
    blocks: list[Any] = part
    while True:
        place = draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
        if not isinstance(part[place], dict | list) or not part[place] or draw(st.booleans()):
            part[place] = draw(st.sampled_from(ODD))
            return blocks
        part = part[place]


@given(nearly_good())
@example(GOOD)
def test_blocks_are_refused_or_shown(blocks: list[Any]) -> None:
    try:
        check_message("x", blocks, None)
    except RefusedError:
        return

    assert isinstance(to_html(blocks), str)


def test_the_good_blocks_are_good() -> None:
    check_message("x", GOOD, None)
