"""Golden files of the messages of services beside Slack and e-mail, and the literal texts of other people in them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft6Validator

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.rendering.formats.adaptive_card import envelope, plain_envelope
from braket_notifier.rendering.formats.discord import literal, plain_post, post
from braket_notifier.rendering.formats.webhook_json import to_json
from braket_notifier.rendering.message import Link, Section, Words
from local.gallery.samples import SAMPLES, SIX, Sample
from local.inbox.service_html import of_card, of_discord, without_escapes
from local.inbox.slack_mrkdwn import visible

#: A channel without cards gets what an e-mail says.
MAIL = "mail"

GOLDEN = Path(__file__).parents[1] / "golden" / "services"
NAMES = [sample.name for sample in SAMPLES]
#: The most frequent messages, and those with the longest, most foreign and most dangerous texts.
CHOSEN = (
    *(*SIX, "task-may-repeat", "digest-mixed", "digest-away", "job-failing", "channel-token-revoked", "weekly"),
    *("text-hostile", "text-of-the-world", "text-without-end"),
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("sample", [each for each in SAMPLES if each.name in CHOSEN], ids=lambda each: each.name)
def test_a_message_equals_its_golden_file(sample: Sample, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN / f"{sample.name}.txt", "\n".join(_shown(sample)) + "\n")


def test_there_is_a_golden_file_for_each_chosen_sample_and_no_other() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == sorted(CHOSEN)


def content_of(sample: Sample) -> Notification | Digest:
    return sample.content if isinstance(sample.content, Digest) else Notification(sample.content, MAIL)


def webhook(sample: Sample, *, brief: bool = False) -> Any:
    message = sample.message(MAIL)
    return json.loads(to_json(message, content_of(sample), at=NOON, may_repeat=sample.may_repeat, brief=brief))


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_webhook_gets_every_line_of_the_message_and_in_short_its_push_line(sample: Sample) -> None:
    whole, brief = webhook(sample)["data"], webhook(sample, brief=True)["data"]

    assert sample.message(MAIL).headline in {whole["title"], brief["title"]}
    assert whole.keys() - brief.keys() == {"text", "markdown", "resources"}
    assert len(json.dumps(brief)) < 3000


def embeds(sample: Sample) -> list[Any]:
    shown: Any = post(sample.message(MAIL), may_repeat=sample.may_repeat)["embeds"]
    return list(shown)


#: Microsoft's own schema, which a package brings along.
PACKAGE = find_spec("adaptive_cards")
assert PACKAGE
assert PACKAGE.origin
SCHEMA = json.loads((Path(PACKAGE.origin).parent / "schemas" / "schema-1.4.json").read_text(encoding="utf-8"))


def card_of(sample: Sample, *, plain: bool = False) -> Any:
    form = plain_envelope if plain else envelope
    shown: Any = form(sample.message(MAIL), may_repeat=sample.may_repeat)
    return shown["attachments"][0]["content"]


def elements(part: Any) -> Iterator[dict[str, Any]]:
    """Every object of a card."""
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from elements(each)
    if isinstance(part, dict):
        yield part


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_card_of_teams_is_valid_by_microsoft_s_schema(sample: Sample, *, plain: bool) -> None:
    found = [each.message for each in Draft6Validator(SCHEMA).iter_errors(card_of(sample, plain=plain))]

    assert found == []


def test_the_schema_finds_an_element_of_a_later_version() -> None:
    card = card_of(SAMPLES[0])
    card["body"].append({"type": "Table", "columns": [], "rows": []})

    assert [*Draft6Validator(SCHEMA).iter_errors(card)]


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_card_of_teams_is_small_and_has_no_text_in_which_markdown_counts(sample: Sample) -> None:
    card = card_of(sample)

    assert len(json.dumps(envelope(sample.message(MAIL), may_repeat=sample.may_repeat))) <= 18 * 1024
    assert {each["type"] for each in elements(card) if "text" in each} == {"TextRun"}
    assert all("\n" not in each["text"] for each in elements(card) if "text" in each)
    assert all(len(each["actions"]) <= 6 for each in elements(card) if "actions" in each)


@pytest.mark.parametrize("text", ["x", "é", "漢", "👩\N{ZERO WIDTH JOINER}🚀", '"\\'])
def test_a_card_of_endless_texts_is_cut_until_it_fits(text: str) -> None:
    message = next(each for each in SAMPLES if each.name == "digest-batch").message(MAIL)
    endless = text * 20_000
    row: tuple[Words, Words] = (("a", Link(endless[:200], "https://example.org")), (endless[:500],))
    whole = replace(message, headline=endless, lines=(endless,), reason=endless, notes=(endless,), closing=endless)
    whole = replace(whole, sections=(Section("all", (row,) * 99),), code=endless)
    whole = replace(whole, links=(("Console", "https://x" * 100),) * 9)

    assert len(json.dumps(envelope(whole, may_repeat=True))) <= 18 * 1024
    shown: Any = post(whole, may_repeat=True)["embeds"]
    assert max(utf16(each["description"]) for each in shown) <= 4096
    assert sum(utf16(each[part]) for each in shown for part in ("title", "description") if part in each) <= 5900


def test_a_card_shows_the_words_of_other_people_as_they_are() -> None:
    sample = next(each for each in SAMPLES if each.name == "text-hostile")
    message = sample.message(MAIL)

    texts = [each["text"] for each in elements(card_of(sample)) if "text" in each]

    assert message.headline in texts
    assert message.reason in texts
    assert not [each for each in elements(card_of(sample)) if "selectAction" in each]


def utf16(text: str) -> int:
    """Count as JavaScript does, which is more than Python counts."""
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_post_of_discord_keeps_every_limit(sample: Sample) -> None:
    message = sample.message(MAIL)
    plain: Any = plain_post(message, may_repeat=True)
    parts = [str(each.get(name, "")) for each in embeds(sample) for name in ("title", "description")]
    footers = [each["footer"]["text"] for each in embeds(sample) if "footer" in each]

    assert utf16(plain["content"]) <= 2000
    assert utf16(str(post(message, may_repeat=True)["content"])) <= 2000
    assert max(map(utf16, parts)) <= 4096
    assert utf16(parts[0]) <= 256
    assert sum(map(utf16, [*parts, *footers])) <= 6000
    assert len(embeds(sample)) <= 10


@pytest.mark.parametrize("name", ["text-hostile", "text-of-the-world", "task-rejected"])
def test_discord_shows_the_words_of_other_people_as_they_are(name: str) -> None:
    """A page with Discord's marks shows each character, and no mark, mention or link beside the notifier's own."""
    sample = next(each for each in SAMPLES if each.name == name)
    message = sample.message(MAIL)

    shown = of_discord(post(message, may_repeat=False))

    text = visible(shown)
    assert message.reason[:150] in text.replace("▏ ", "")
    assert message.headline[:100] in text
    assert shown.count("<a ") == len(message.links)
    assert "<pre>" not in shown


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("*bold* _it_ ~no~ `code` ||spoiler||", r"\*bold\* \_it\_ \~no\~ \`code\` \|\|spoiler\|\|"),
        ("@everyone <@123> <#5> <t:1>", r"\@everyone \<\@123\> \<#5\> \<t:1\>"),
        ("https://example.org [a](b)", r"https\://example.org \[a\](b)"),
        ("discord.gg/x :tada: 12:53", r"discord\.gg/x \:tada: 12:53"),
        ("# title\n- item\n1. one\n12. two\n> quote", "\\# title\n\\- item\n1\\. one\n12\\. two\n\\> quote"),
        ("Discord.GG/x discordapp.com/invite/x", r"Discord\.GG/x discordapp\.com/invite/x"),
        ("123. many", r"123\. many"),
        (r"a\*b", r"a\\\*b"),
    ],
)
def test_each_mark_of_discord_is_escaped(text: str, escaped: str) -> None:
    assert literal(text) == escaped
    assert without_escapes(escaped) == text


def _shown(sample: Sample) -> Iterator[str]:
    """Show Discord's post, the card of Teams as a text, and the webhook's members but its texts."""
    document = webhook(sample)
    for name in ("text", "markdown"):
        del document["data"][name]
    document["data"]["resources"] = [f"{each['arn'][-12:]} {each['status']}" for each in document["data"]["resources"]]
    shown = post(sample.message(MAIL), may_repeat=sample.may_repeat)
    yield f"{sample.about}\n\n--- Discord\n{shown['content']}"
    for each in embeds(sample):
        yield from (f"[{part}] {each[part]}" for part in ("title", "description", "color") if part in each)
        yield f"[footer] {each['footer']['text']}" if "footer" in each else ""
    yield f"\n--- Teams\n{visible(of_card(card_of(sample)))}\n"
    yield f"--- webhook\n{json.dumps(document, indent=1, ensure_ascii=False)}"
