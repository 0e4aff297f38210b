"""Slack's mrkdwn as HTML."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.inbox.slack_mrkdwn import plain_to_html, to_html, visible

OURS = {"a", "b", "i", "s", "br", "code", "pre", "blockquote", "span"}


def link(url: str, label: str) -> str:
    return f'<a href="{url}" target="_blank" rel="noopener noreferrer">{label}</a>'


def mention(name: str) -> str:
    return f'<span class="mention">{name}</span>'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* _italic_ ~gone~", "<b>bold</b> <i>italic</i> <s>gone</s>"),
        ("*bold _and italic_*", "<b>bold <i>and italic</i></b>"),
        ("(*bold*), _x_.", "(<b>bold</b>), <i>x</i>."),
        ("2*3*4 and read_results_on", "2*3*4 and read_results_on"),  # no marks inside words
        ("* not bold * _ nor this _", "* not bold * _ nor this _"),  # no marks beside spaces
        ("*over\nlines*", "*over<br>lines*"),
        ("`a *b* <x>`", "<code>a *b* &lt;x&gt;</code>"),
        ("```x\n  *y*```", "<pre>x\n  *y*</pre>"),
        ("see\n```\nx\n```\nend", "see<pre>x</pre>end"),
        ("```x``` *y*", "<pre>x</pre> <b>y</b>"),
        ("> one\n> two\nthree", "<blockquote>one<br>two</blockquote>three"),
        ("&gt; escaped", "<blockquote>escaped</blockquote>"),  # Slack counts it as the mark nevertheless
        ("<https://example.org/?a=1&amp;b=2|R&amp;D>", link("https://example.org/?a=1&amp;b=2", "R&amp;D")),
        ("<https://example.org>", link("https://example.org", "https://example.org")),
        ("<mailto:a@example.org|Anna>", link("mailto:a@example.org", "Anna")),
        ("at https://example.org/a_b_c.", "at " + link("https://example.org/a_b_c", "https://example.org/a_b_c") + "."),
        ("<https://example.org/_x_|_y_>", link("https://example.org/_x_", "_y_")),
        ("*<https://example.org|x>*", "<b>" + link("https://example.org", "x") + "</b>"),
        ("<@U01>, <@U02>", mention("@Anna") + ", " + mention("@U02")),
        ("<!here> <!channel> <!subteam^S1|@lab>", " ".join(mention(n) for n in ("@here", "@channel", "@lab"))),
        ("<#C1|general>", mention("#general")),
        ("<!date^1392734382^{date}|18 February>", "18 February"),
        (":white_check_mark: :x: :nothing:", "✅ ❌ :nothing:"),
        ("09:12:48 a:x:b", "09:12:48 a:x:b"),
        ("a &lt;b&gt; &amp;amp; &quot;", "a &lt;b&gt; &amp;amp; &amp;quot;"),  # three entities, unescaped once
        ("<javascript:alert(1)|Console>", "&lt;javascript:alert(1)|Console&gt;"),
        ("<data:text/html,x|Console>", "&lt;data:text/html,x|Console&gt;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ('<https://x" onclick="y|z>', link("https://x&quot; onclick=&quot;y", "z")),
        ('<@U" onclick="y>', mention("@U&quot; onclick=&quot;y")),
        ("```<https://example.org|x> <b>```", "<pre>x &lt;b&gt;</pre>"),
    ],
)
def test_mrkdwn_reads_as_in_slack(text: str, shown: str) -> None:
    assert to_html(text, {"U01": "Anna"}) == shown


def test_plain_text_knows_emoji_and_no_other_mark() -> None:
    assert plain_to_html(":x: *a* <b>\n_c_") == "❌ *a* &lt;b&gt;<br>_c_"


def test_the_visible_text_is_the_text_that_a_person_reads() -> None:
    markup = to_html("*ghz-12* &lt;done&gt;\n> said\n<https://example.org|Console> `id`")

    assert visible(markup) == "ghz-12 <done>\nsaid\nConsole id"


PIECES = [*"<>&*_~`|\"'/:@#! \nabx;=", "&lt;", "https://", "javascript:", "```"]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_no_text_becomes_foreign_markup(text: str) -> None:
    shown = to_html(text)

    assert set(re.findall(r"</?([^\s>]*)", shown)) <= OURS
    assert all(url.startswith(("http://", "https://", "mailto:")) for url in re.findall(r'href="([^"]*)', shown))
    outside = re.sub(
        r'<(?:/?(?:b|i|s|code|pre|blockquote)|br|/a|/span|span class="mention"|a href="[^"<>]*"'
        r' target="_blank" rel="noopener noreferrer")>',
        "",
        shown,
    )
    assert "<" not in outside


def test_a_verbatim_text_links_only_what_is_marked_as_a_link() -> None:
    said = to_html("see https://example.org and <https://example.org|this>", verbatim=True)

    assert said == "see https://example.org and " + link("https://example.org", "this")
