"""Golden files of the messages of services beside Slack and e-mail, and the literal texts of other people in them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.rendering.formats.webhook_json import to_json
from local.gallery.samples import SAMPLES, SIX, Sample

#: A channel without cards gets what an e-mail says.
MAIL = "mail"

GOLDEN = Path(__file__).parents[2] / "golden" / "services"
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
    assert whole.keys() - brief.keys() == {"text", "resources"}
    assert len(json.dumps(brief)) < 3000


def _shown(sample: Sample) -> Iterator[str]:
    """Show the webhook's members but the text, which is the body of an e-mail."""
    document = webhook(sample)
    del document["data"]["text"]
    document["data"]["resources"] = [f"{each['arn'][-12:]} {each['status']}" for each in document["data"]["resources"]]
    yield f"{sample.about}\n\n--- webhook\n{json.dumps(document, indent=1, ensure_ascii=False)}"
