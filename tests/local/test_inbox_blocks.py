"""The messages that Slack's limits and its Block Kit allow."""

from typing import Any

import pytest

from local.inbox.slack_blocks import to_html
from local.inbox.slack_checks import RefusedError, check_message
from local.inbox.slack_mrkdwn import visible

Block = dict[str, Any]


def text(words: str, kind: str = "mrkdwn") -> Block:
    return {"type": kind, "text": words}


def section(words: str = "x", **more: Any) -> Block:
    return {"type": "section", "text": text(words), **more}


def header(words: str) -> Block:
    return {"type": "header", "text": text(words, "plain_text")}


def context(*words: str) -> Block:
    return {"type": "context", "elements": [text(word) for word in words]}


def fields(*words: str) -> Block:
    return {"type": "section", "fields": [text(word) for word in words]}


def actions(*buttons: Block) -> Block:
    return {"type": "actions", "elements": list(buttons)}


def rich(*parts: Block) -> Block:
    return {"type": "rich_text", "elements": list(parts)}


def rich_section(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def rich_text(words: str, **more: Any) -> Block:
    return {"type": "text", "text": words, **more}


def raw(words: str) -> Block:
    return {"type": "raw_text", "text": words}


def table(*rows: list[Block], settings: list[Any] | None = None) -> Block:
    return {"type": "table", "rows": list(rows), **({} if settings is None else {"column_settings": settings})}


def button(words: str = "Console", **more: str) -> Block:
    return {"type": "button", "text": text(words, "plain_text"), **more}


@pytest.mark.parametrize(
    "blocks",
    [
        [section("x" * 3000)],
        [header("x" * 150)],
        [fields(*["x" * 1000] * 10)],
        [fields("x" * 2000)],
        [context(*["x"] * 10)],
        [actions(*[button("x" * 75, url="https://example.org", action_id=str(n)) for n in range(25)])],
        [{"type": "divider"}] * 50,
        [section("x" * 3000)] * 4 + [section("x" * 1200)],
        [section(accessory=button(value="x" * 2000))],
        [rich(rich_section(rich_text("x", style={"bold": True}), {"type": "user", "user_id": "U01"}))],
        [rich({"type": "rich_text_quote", "elements": [rich_text("x")]})],
        [rich({"type": "rich_text_preformatted", "elements": [rich_text("x  y")]})],
        [rich({"type": "rich_text_list", "style": "bullet", "elements": [rich_section(rich_text("x"))]})],
        [rich(rich_section({"type": "link", "url": "https://example.org", "text": "x"}))],
        [table(*[[raw("x")] * 20] * 100, settings=[{"align": "right", "is_wrapped": True}] * 20)],
        [table([raw("x" * 10_000)])],
        [table([rich(rich_section(rich_text("x", style={"bold": True})))], settings=[{}])],
    ],
)
def test_blocks_just_within_slacks_limits_are_accepted(blocks: list[Block]) -> None:
    check_message("x", blocks, None)


@pytest.mark.parametrize(
    "blocks",
    [
        [section("x" * 3001)],
        [section("")],
        [section("x", text=text("x", "html"))],  # no such kind of text
        [{"type": "section"}],  # neither text nor fields
        [header("x" * 151)],
        [header("")],
        [{"type": "header", "text": text("*x*")}],  # a header takes plain text only
        [fields(*["x"] * 11)],
        [fields("x" * 2001)],
        [context(*["x"] * 11)],
        [context()],
        [actions(*[button(action_id=str(n)) for n in range(26)])],
        [actions(button("x" * 76))],
        [actions()],
        [actions({"type": "lever"})],  # no such element
        [{"type": "context"}],
        [actions(button(value="x" * 2001))],
        [actions(button(url="https://example.org/" + "x" * 3000))],
        [actions(button(url="javascript:alert(1)"))],
        [actions(button(action_id="same"), button(action_id="same"))],
        [{"type": "divider"}] * 51,
        [section(block_id="x" * 256)],
        [section(block_id="same"), section(block_id="same")],
        [section(block_id=["x"])],
        [{"type": "context", "elements": [{"type": "image", "image_url": "https://example.org", "alt_text": ["x"]}]}],
        [section(colour="red")],  # no such property
        [rich()],
        [rich(rich_section(rich_text("")))],
        [rich(rich_section({**rich_text("x"), "verbatim": True}))],
        [rich(rich_section(rich_text("x", style={"blink": True})))],
        [rich(rich_section({"type": "user"}))],
        [rich(rich_section({"type": "link", "url": "javascript:alert(1)", "text": "x"}))],
        [rich(rich_section(text("x")))],  # mrkdwn belongs to sections
        [rich({"type": "rich_text_list", "style": "bullet", "elements": [rich_text("x")]})],
        [rich({"type": "rich_text_list", "elements": [rich_section(rich_text("x"))]})],
        [rich(text("x"))],
        [{"type": "rich_text", "text": "x"}],
        [section("x", text={**text("x"), "emoji": True})],  # only plain text has emoji to switch
        [{"type": "marquee", "text": text("x")}],  # no such block
        [table()],
        [table([])],
        [table(*[[raw("x")]] * 101)],
        [table([raw("x")] * 21)],
        [table([raw("")])],
        [table([raw("x" * 10_001)])],
        [table([text("x")])],  # mrkdwn belongs to sections
        [table([rich()])],
        [table([raw("x")], settings=[None])],  # Slack: must provide an object
        [table([raw("x")], settings=[{"align": "justify"}])],
        [table([raw("x")]), table([raw("x")])],  # one in a message
        [{"text": text("x")}],  # no type
        ["x"],
        [{"type": "section", "text": "x"}],
        [{"type": "context", "elements": ["x"]}],
    ],
)
def test_blocks_that_break_slacks_rules_are_refused(blocks: list[Any]) -> None:
    with pytest.raises(RefusedError) as refused:
        check_message("x", blocks, None)

    assert refused.value.error == "invalid_blocks"
    assert refused.value.why


def test_too_many_characters_together_are_refused() -> None:
    with pytest.raises(RefusedError, match="msg_blocks_too_long"):
        check_message("x", [section("x" * 3000)] * 4 + [section("x" * 1201)], None)


def test_every_kind_of_block_shows_its_text() -> None:
    blocks = [
        header("ghz-12"),
        section("*2,000* shots", accessory=button("Open", url="https://example.org")),
        fields("device", "Garnet"),
        context("id", "834b"),
        actions(button("Logs")),
        {"type": "markdown", "text": "as it is <b>"},
        table([rich(rich_section(rich_text("device"))), raw("ended")], [raw("<i>SV1</i>"), raw("40")]),
        rich(
            rich_section(
                rich_text("by "), {"type": "user", "user_id": "U01"}, rich_text(" *so*", style={"code": True})
            ),
            {"type": "rich_text_quote", "elements": [rich_text("_a_ :tada: &lt;")]},
            {"type": "rich_text_list", "style": "bullet", "elements": [rich_section(rich_text("ghz-13"))]},
        ),
    ]

    assert " ".join(visible(to_html(blocks)).split()) == (
        "ghz-12 2,000 shots Open device Garnet id 834b Logs markdown as it is <b> device ended <i>SV1</i> 40 "
        "by @U01 *so* _a_ :tada: &lt; ghz-13"
    )


def test_a_button_with_a_hostile_url_is_no_link() -> None:
    shown = to_html([actions(button(url="javascript:alert(1)"))])

    assert "href" not in shown
    assert "javascript" not in shown


def test_hostile_text_stays_text_in_every_block() -> None:
    hostile = '<img src=x onerror="alert(1)">&lt;script&gt;'
    image = {"type": "image", "image_url": "https://example.org", "alt_text": hostile}
    blocks = [header(hostile), section(hostile, accessory=button(hostile)), fields(hostile), context(hostile), image]
    elements = {"type": "context", "elements": [image]}

    words = [
        {**rich_text(hostile), "type": kind, "url": hostile, "user_id": hostile} for kind in ("text", "link", "user")
    ]
    blocks += [rich(rich_section(*words), {"type": "rich_text_preformatted", "elements": words})]

    shown = to_html([*blocks, actions(button(hostile, url="https://example.org/\"onclick='x'")), elements])

    assert "<img" not in shown
    assert "<script" not in shown
    assert "onclick='" not in shown
    assert "&lt;img" in shown
