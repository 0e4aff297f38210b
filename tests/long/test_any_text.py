"""Every message stays valid, short, inert and faithful, whatever text Braket's data holds."""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Person, Policy
from braket_notifier.domain.resource import Children, JobEvent, Snapshot, parse_arn
from braket_notifier.domain.results import Failures, TaskResults
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.digest import render_digest
from braket_notifier.rendering.executables import render_executables
from braket_notifier.rendering.formats.email import COLUMNS, body, subject
from braket_notifier.rendering.formats.slack import blocks, escape
from braket_notifier.rendering.formats.topic_json import to_json
from braket_notifier.rendering.message import Beside, Link, Message, Section
from braket_notifier.rendering.transition import render
from braket_notifier.routing.owners import Owner
from braket_notifier.text.wording import clean, cut
from local.inbox import slack_checks
from local.inbox.slack_blocks import to_html
from local.inbox.slack_mrkdwn import visible

TASK = "arn:aws:braket:eu-north-1:012345678901:quantum-task/834b21ed-77a7-4b36-a90c-c776afc9a71e"
JOB = "arn:aws:braket:eu-north-1:012345678901:job/70b21eda-77a7-4b36-a90c-c776afc9a71e"
URL = "https://example.org/page"
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
#: Blocks and elements of a card; only context blocks have mrkdwn, and no text of others.
KINDS = {
    *("header", "context", "rich_text", "rich_text_section", "rich_text_quote", "rich_text_preformatted"),
    *("plain_text", "mrkdwn", "text", "link", "user", "table"),
}
POLICY = Policy(
    regions=("eu-north-1",),
    time_zone="Europe/Berlin",
    channels={"team-slack": "slack"},
    routes=(),
    mentions={"team-slack": "all"},
    read_results=True,
    people=(Person("Anna", "U01ABCDEF", ("tag:Name=*",)),),
)
#: Texts that Slack, a mail program, a terminal or a reader may take for more than text.
SNARES = [
    "<!channel>",
    "<!here|here>",
    "<@U01ABCDEF>",
    "<#C01ABCDEF>",
    "<https://example.org|Console>",
    "<mailto:a@example.org>",
    "https://example.org/",
    "@everyone",
    "&lt;!channel&gt;",
    "&amp;",
    "```",
    "`",
    "*",
    "_",
    "~",
    "> ",
    "\n",
    "\r\nBcc: a@example.org",
    "\u2028",
    "\x00",
    "\x1b[31m",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ufeff",
    "e\u0301\u0301",
    "👩\u200d🔬",
    "🇨🇭",
    "\u0e01\u0e33",
    "שגיאה",
    "\U0010ffff",
    ":tada:",
    "$(rm -rf /)",
    "' ; \"",
]
TEXTS = st.lists(st.one_of(st.sampled_from(SNARES), st.text(max_size=40)), max_size=30).map("".join)


def messages(text: str) -> Iterator[Message]:
    """Render a failed task, a job and digests, with the text in every member that people or Braket write freely.

    A message is rendered only when it is consumed.
    """
    reservation = f"arn:aws:braket:eu-north-1:012345678901:reservation/{text}"
    task = Snapshot(
        arn=parse_arn(TASK),
        status="FAILED",
        created_at=AT,
        ended_at=AT,
        device=f"arn:aws:braket:eu-north-1::device/qpu/{text}/{text}",
        shots=10**12,
        successful_shots=1,
        failure_reason=text,
        bucket=text,
        directory=text,
        tags={"Name": text, "batch": text},
        programs=10**12,
        executables=10**12,
        reservation=reservation,
    )
    job = Snapshot(
        arn=parse_arn(JOB),
        status="COMPLETED",
        created_at=AT,
        ended_at=AT,
        device=text,
        failure_reason=text,
        directory=text,
        bucket="results",
        job_name=text,
        instance_type=text,
        events=(JobEvent(text, AT, text), JobEvent("RUNNING", None, text)) * 10,
        children=Children(10**9, 10**8, 10**8, 10**8, 10**8, 10**9, 10**9),
        tags={"owner": text, "say": text},
    )
    singles = [
        _transition(each) for each in (task, job, replace(task, status="CANCELLED"), replace(job, status="PAUSED"))
    ]
    beside = Beside(
        10**6,
        Children(9, 8, 0, 0, 1),
        results=TaskResults((Failures(text, 10**6, retryable=True),) * 20, "results.json"),
        threaded=True,
    )
    many = tuple(
        _transition(replace(task, arn=parse_arn(f"{TASK}{number}"), failure_reason=f"{number}{text}"))
        for number in range(16)
    )
    digests = [
        Digest(text, (*singles, *many), open=0, closing=True, batch=text),
        Digest(text, many, occasion="away"),
        Digest(text, (*singles, *many), finished=((singles[0], *many),) * 5),
        Digest(text, tuple(_transition(replace(each.snapshot, status="CANCELLED")) for each in many)),
    ]
    failures = Failures("DEVICE", 10**6, retryable=True, reasons=((text, ("[0][0]",) * 20),) * 20)
    yield from (render(each, POLICY, "team-slack", beside) for each in singles)
    yield from (render_digest(each, POLICY, "team-slack") for each in digests)
    yield render_executables(singles[0], TaskResults((failures,) * 20, "metadata.json"))


def _transition(snapshot: Snapshot) -> Transition:
    return Transition(snapshot, snapshot.status, "QUEUED", AT, None, 1, "event")


@given(TEXTS)
@example("")
@example("&" * 3000)
@example("<>" * 1500)
@example("🇨🇭" * 1500)
@example("e\u0301" * 1500)
@example("a\u0301" + "\u0301" * 3000)
@example("word " * 600)
@example("<!channel>" * 3 + "> <!channel>")  # a batch's name, in a command
@example("&lt;!channel&gt;" * 10)  # Slack decodes entities in a header, so each one is sent in more characters
@settings(max_examples=25)
def test_any_text_leaves_every_message_valid_and_inert(text: str) -> None:
    for message in messages(text):
        _check_slack(message)
        _check_email(message)


def test_a_megabyte_of_text_leaves_every_message_valid() -> None:
    """A tenth of it suffices for other kinds of message, because that exceeds their limits and renders faster."""
    much = "🟠&<@U01ABCDEF> " * 65_000
    _check_slack(next(messages(much)))
    for message in messages(much[:100_000]):
        _check_slack(message)


@given(TEXTS)
@example("run() got *args and **kwargs; see `config` and _seed_ ~old~, :tada: &lt;b&gt; <@U01> <!channel>")
@example("&amp;lt;")
@settings(max_examples=50)
def test_a_failure_reason_loses_nothing_but_length(text: str) -> None:
    message = next(messages(text))
    lines = visible(to_html(blocks(message, may_repeat=False))).splitlines()
    reason = lines[lines.index("Braket says:") + 1] if clean(text) else ""

    assert clean(text) == reason or clean(text).startswith(reason.removesuffix("…"))
    assert len(reason) == len(clean(text)) or reason.endswith("…")


@given(TEXTS)
@example("run() got *args and **kwargs; see `config` and _seed_ ~old~, :tada: &lt;b&gt; <@U01> <!channel>")
@example("> quoted")
@settings(max_examples=100)
def test_the_page_of_a_card_shows_every_given_text_as_it_is(text: str) -> None:
    """Slack makes no mark, emoji, mention or link of it, and it loses no character."""
    given = cut(clean(text), 80)
    message = Message(
        mark="❌",
        push=f"❌ {given}",
        headline=f"❌ {given}",
        lines=(f"{given} (QPU)", f"2nd {given}"),
        owner=Owner(f"N {given}"),
        reason=f"R {given}",
        notes=(f"Hint: {given}",),
        table=(("device", "ended"), (f"D {given}", "1")),
        sections=(Section(f"T {given}", (((Link(f"L {given}", URL),), (f"r {given}",)),)),),
        closing=f"C {given}",
        command=f"list --batch {given}",
    )
    shown = blocks(message, may_repeat=False)

    page = visible(to_html(shown, {"U01": "Anna"}))

    slack_checks.check_message(escape(message.push), shown, None)
    assert [line.split() for line in page.split("\n")] == [
        line.split()
        for line in (
            f"❌ {given}",
            f"{given} (QPU) · N {given}",
            f"2nd {given}",
            "Braket says:",
            f"R {given}",
            f"Hint: {given}",
            "device ended",
            f"D {given} 1",
            f"T {given}",
            f"• L {given} — r {given}",
            f"C {given} list --batch {given}",
        )
    ]


@given(TEXTS)
@example("foo-bar " * 30)
@example("x" * 200)
@example("12:00 " * 30)
@example("https://example.org/" + "x" * 200)
@settings(max_examples=50)
def test_an_e_mail_shows_every_given_text_as_it_is(text: str) -> None:
    """Only white space and the marks of a quotation are added."""
    message = next(messages(text))
    _, _, quoted = body(message, may_repeat=False).partition("Braket says:\n")
    lines = quoted.partition("\n\n")[0].splitlines() if message.reason else []

    shown = "".join(line.removeprefix(">").removeprefix(" ") for line in lines)
    assert "".join(shown.split()) == "".join(message.reason.split())


@given(TEXTS)
@settings(max_examples=50)
def test_the_json_for_machines_has_every_given_text_as_it_is(text: str) -> None:
    task = Snapshot(parse_arn(TASK), "FAILED", failure_reason=text, tags={"Name": text})

    document = json.loads(to_json(Notification(_transition(task), "topic"), lambda: POLICY, may_repeat=False))

    assert document["detail"].get("failureReason", "") == text
    assert document["detail"]["tags"] == {"Name": text}


def _check_slack(message: Message) -> None:
    rendered = blocks(message, may_repeat=True)
    for block in Block.parse_all(rendered):
        block.validate_json()

    slack_checks.check_message(escape(message.push), rendered, None)
    assert len(rendered) <= 50
    assert len(json.dumps(rendered, ensure_ascii=False)) <= 8000
    assert 0 < len(message.push) <= 110
    ours = {f"<{url}|{escape(label)}>" for label, url in message.links}
    marked = "".join(_texts(message, "mrkdwn"))
    assert {f"<{part.split('>')[0]}>" for part in marked.split("<")[1:]} == ours
    assert {part["user_id"] for part in _parts(rendered) if "user_id" in part} <= {"U01ABCDEF"}
    assert {part["type"] for part in _parts(rendered)} <= KINDS
    pages = [str(part["url"]) for part in _parts(rendered) if part["type"] == "link"]
    assert all(url.startswith("https://eu-north-1.console.aws.amazon.com/braket/home?") for url in pages)
    assert all(part["emoji"] is False for part in _parts(rendered) if part["type"] == "plain_text")
    assert all(url.startswith("https://eu-north-1.console.aws.amazon.com/") for _, url in message.links)
    assert all(_is_visible(character) for part in _texts(message) for character in part)


def _check_email(message: Message) -> None:
    title, text = subject(message), body(message, may_repeat=True)
    never_broken = {message.command, *message.code.splitlines()}
    long = [line for line in text.splitlines() if len(line) > COLUMNS and "://" not in line]

    assert re.fullmatch(r"[ -~]{1,99}", title)
    assert len(text.encode()) < 256 * 1024
    assert [line for line in long if line not in never_broken] == []
    assert all(_is_visible(character) for character in title + text)


def _texts(message: Message, kind: str = "") -> list[str]:
    parts = _parts(blocks(message, may_repeat=True))
    return [str(part["text"]) for part in parts if isinstance(part.get("text"), str) and kind in ("", part["type"])]


def _parts(value: object) -> list[dict[str, Any]]:
    """Every object of the blocks, however deep."""
    if isinstance(value, dict):
        own = [value] if "type" in value else []
        return own + [part for each in value.values() for part in _parts(each)]
    return [part for each in value for part in _parts(each)] if isinstance(value, list) else []


def _is_visible(character: str) -> bool:
    """Whether a character neither reverses, hides nor controls text; joiners of emoji may stay."""
    return character in "\n\u200c\u200d" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}


@pytest.mark.parametrize("snare", SNARES)
def test_each_snare_alone_leaves_every_message_valid(snare: str) -> None:
    for message in messages(snare):
        _check_slack(message)
        _check_email(message)
