"""The notifier's own record, for notifications that their messages do not name."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from braket_notifier.adapters.dynamodb.delivery_keys import delivery_key, entry_key, group_key
from braket_notifier.domain.resource import parse_arn
from local.story.ledger import Held, ledger_of, waiting_lines
from local.story.tally import Acceptance, id_of

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TASK = parse_arn("arn:aws:braket:us-east-1:000000000000:quantum-task/834b21ed")


def delivery(status: str, state: str) -> dict[str, Any]:
    return {**delivery_key("mail", TASK, status), "state": state, "at": NOON.isoformat()}


def entry(its_id: str, state: str = "waiting") -> dict[str, Any]:
    return {**entry_key("mail", "batch#ghz", f"00000001#{its_id}"), "entry_state": state}


def group(due: datetime | None) -> dict[str, Any]:
    words = {"pending": {"due": due.isoformat()} if due else None}
    return {**group_key("mail", "batch#ghz"), "words": json.dumps(words)}


def test_a_delivered_row_is_an_acceptance_and_any_finished_row_is_over() -> None:
    found = ledger_of(
        [delivery("QUEUED", "SUPERSEDED"), delivery("COMPLETED", "DELIVERED"), delivery("RUNNING", "CLAIMED")]
    )

    ids = [id_of(("mail", TASK.text, status)) for status in ("QUEUED", "COMPLETED")]
    assert found.over == frozenset(ids)
    assert found.delivered == {"mail": [Acceptance(ids[1], NOON)]}


def test_a_notification_waits_until_its_group_is_due_unless_it_was_shown() -> None:
    later = NOON + timedelta(minutes=15)
    sent = id_of(("mail", TASK.text, "COMPLETED"))

    found = ledger_of([entry("a"), entry("b", "shown"), entry(sent), group(later), delivery("COMPLETED", "DELIVERED")])

    assert found.waiting == {"a": Held("mail", later)}
    assert list(waiting_lines(found, UTC)) == [
        "mail holds 1 notification back, as its settings say, the first until 12:15"
    ]
    assert ledger_of([entry("a"), group(None)]).waiting == {}
