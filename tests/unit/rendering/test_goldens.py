"""Golden files of every kind of message in every channel; `pytest --rewrite-golden` writes them anew."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from braket_notifier.domain.announcement import is_announcement
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.formats.email import body, subject
from braket_notifier.rendering.formats.slack import blocks, escape
from braket_notifier.rendering.formats.topic_json import to_json
from local.gallery.samples import SAMPLES, Sample
from local.gallery.samples.sample import CHANNEL

GOLDEN = Path(__file__).parents[2] / "golden"
NAMES = [sample.name for sample in SAMPLES]


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_message_equals_its_golden_file(sample: Sample, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN / f"{sample.name}.txt", "\n".join(_shown(sample)))


def test_there_is_a_golden_file_for_every_sample_and_no_other() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == sorted(NAMES)
    assert len(NAMES) >= 6 + 25


def _shown(sample: Sample) -> Iterator[str]:
    """Show push line, Slack's blocks, the e-mail, and the JSON for machines, which a transition alone has."""
    message = sample.message(CHANNEL)
    yield f"{sample.about}\n\n--- push\n{escape(message.push)}\n\n--- Slack"
    for block in blocks(message, may_repeat=sample.may_repeat):
        yield from _block(block)
    mail = sample.message("mail")
    yield f"\n--- e-mail\nSubject: {subject(mail)}\n\n{body(mail, may_repeat=sample.may_repeat)}"
    people_only = bool(sample.to or sample.passed_from)
    if isinstance(sample.content, Transition) and not (people_only or is_announcement(sample.content.status)):
        of_transition = Notification(sample.content, "topic")
        document = json.loads(to_json(of_transition, lambda: sample.policy, may_repeat=sample.may_repeat))
        yield f"--- JSON\n{json.dumps(document, indent=1, ensure_ascii=False)}\n"


def _block(block: dict[str, Any]) -> Iterator[str]:
    if block["type"] == "rich_text":
        yield from (f"[{part['type']}]\n{''.join(map(_rich, part['elements']))}" for part in block["elements"])
        return
    if block["type"] == "table":
        yield "[table]"
        yield from (" | ".join(_cell(cell) for cell in row) for row in block["rows"])
        return
    texts = [block["text"]] if "text" in block else block["elements"]
    for text in texts:
        yield f"[{block['type']}, {text['type']}]\n{text['text']}"


def _cell(cell: dict[str, Any]) -> str:
    return "".join(_rich(element) for part in cell["elements"] for element in part["elements"])


def _rich(element: dict[str, Any]) -> str:
    if element["type"] == "user":
        return f"<@{element['user_id']}>"
    if element["type"] == "link":
        return f"[{element['text']}]({element['url'].rpartition('/')[2][:8]})"
    mark = {"bold": "**", "code": "`"}.get(next(iter(element.get("style", {})), ""), "")
    return f"{mark}{element['text']}{mark}"
