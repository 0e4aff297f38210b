"""Markdown shows every character of other people's words, and finds no mark, link, tag or emoji in them."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from braket_notifier.rendering.formats.markdown import literal, markdown
from braket_notifier.rendering.message import Link
from braket_notifier.text.wording import clean
from tests.long.test_any_text import SNARES, messages

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
#: Texts that Markdown takes for more than text, each where a text begins or inside of it.
MARKS = [
    *("# heading", "- item", "+ item", "* item", "1. item", "1) item", "===", "---", "***", "___", "> quote", "~~~"),
    *("**bold**", "_it_", "~~gone~~", "`code`", "``` fence", "[text](http://example.org)", "![x](y)", "[ref]: /url"),
    *("<b>", "<!-- x -->", "<http://example.org>", "&amp;", "&#42;", "a | b", "|-|-|", "\\", "\\*", "a\\"),
    *("https://example.org", "www.example.org", "WWW.example.org", "a@example.org", ":tada:", ":100:", ":+1:"),
]
TEXTS = st.lists(st.one_of(st.sampled_from([*MARKS, *SNARES, " "]), st.text(max_size=20)), max_size=10)
WORDS = TEXTS.map(lambda parts: clean("".join(parts)))


def leaves(tokens: list[Token]) -> Iterator[Token]:
    for each in tokens:
        yield from leaves(each.children) if each.children else [each]


def text_of(source: str) -> str:
    return "".join(each.content for each in leaves(READER.parse(source)))


@pytest.mark.parametrize("text", MARKS)
def test_each_mark_means_something_without_its_escape(text: str) -> None:
    """Otherwise the examples would show nothing; a reader may know addresses, URLs and names of emoji as well."""
    assert literal(text) != text


@given(WORDS)
@settings(max_examples=300)
def test_a_literal_text_is_shown_as_it_is(text: str) -> None:
    for begin in ("", "- ", "> ", "**x** "):
        tokens = READER.parse(f"{begin}{literal(text)}")
        inline = [each.type for each in tokens if each.type not in WRAPPERS]

        assert set(inline) <= {"inline"}
        shown = text_of(f"{begin}{literal(text)}")
        assert (shown.removeprefix("x").lstrip(" ") if "x" in begin else shown) == text
        marks = {each.type for each in leaves(tokens) if each.type not in WRAPPERS}
        assert marks - {"strong_open", "strong_close"} <= {"text", "text_special", "inline"}


#: Tokens of the paragraphs, lists and quotes in which this test puts a text.
WRAPPERS = {
    f"{name}_{side}" for name in ("paragraph", "bullet_list", "list_item", "blockquote") for side in ("open", "close")
}


@given(TEXTS.map("".join))
@example("`")
@example("``` x ```")
@settings(max_examples=25)
def test_any_text_leaves_a_message_with_its_own_marks_and_links_alone(text: str) -> None:
    for message in messages(text):
        tokens = list(leaves(READER.parse(markdown(message, may_repeat=True))))
        links = [each.attrs["href"] for each in tokens if each.type == "link_open"]
        rows = [words for section in message.sections for row in section.rows for words in row]
        own = [url for _, url in message.links] + [w.url for words in rows for w in words if isinstance(w, Link)]

        assert sum(each.type == "strong_open" for each in tokens) == 1
        assert {each.type for each in tokens} & {
            "html_block",
            "html_inline",
            "image",
            "heading_open",
            "em_open",
        } == set()
        assert len(links) == len(own)
        codes = [each.content for each in tokens if each.type in {"code_inline", "code_block", "fence"}]
        assert [re.sub(r"\s", "", each) for each in codes] == [
            re.sub(r"\s", "", each) for each in (message.command, message.code) if each
        ]
        shown = "".join(each.content for each in tokens)
        for part in (message.headline, *message.lines, message.reason, *message.notes):
            assert part in shown
