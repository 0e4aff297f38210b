"""The row of published settings, which has revisions and is replaced as a whole."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from braket_notifier.adapters.dynamodb.published import MOST, DynamoPublished, OutrunError
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.domain.policy import Reservation
from braket_notifier.routing.published import Origin, Published

EVENING = datetime(2026, 11, 20, 18, tzinfo=UTC)


@pytest.fixture
def store(table: Callable[[str], Table]) -> DynamoPublished:
    return DynamoPublished(table("snapshots"))


def test_a_missing_row_is_no_published_settings(store: DynamoPublished) -> None:
    assert store.read() == Published()


def test_each_change_is_the_next_revision(store: DynamoPublished) -> None:
    first = store.replace(Published(base="digest", document="{}"))
    second = store.replace(replace(first, muted_until={"mail": EVENING}))

    assert first == Published(1, "digest", "{}")
    assert second == store.read() == Published(2, "digest", "{}", {"mail": EVENING})


def test_reservations_come_back(store: DynamoPublished) -> None:
    booked = Reservation(EVENING, EVENING + timedelta(hours=1), "arn"), Reservation(EVENING, EVENING, device="device")

    assert store.replace(Published(reserved=booked)).reserved == store.read().reserved == booked


def test_the_origin_comes_back(store: DynamoPublished) -> None:
    by = Origin("anna", EVENING, "1a2b3c4d5e6f")

    assert store.replace(Published(document="{}", origin=by)).origin == by


def test_an_ended_document_keeps_the_rest_of_the_row(store: DynamoPublished) -> None:
    there = store.replace(Published(base="digest@1", document="{}", muted_until={"mail": EVENING}))

    assert store.end(there)
    assert store.read() == replace(there, base="")


def test_a_document_that_was_pushed_meanwhile_is_not_ended(store: DynamoPublished) -> None:
    seen = store.replace(Published(base="digest@1", document="{}"))
    there = store.replace(replace(seen, base="digest@2"))

    assert not store.end(seen)
    assert store.read() == there


@pytest.mark.parametrize("seen", [0, 1])
def test_a_change_of_an_outdated_revision_is_refused(store: DynamoPublished, seen: int) -> None:
    """Of two operators at once, the second has to read the row again."""
    there = store.replace(store.replace(Published(base="digest", document="{}")))

    with pytest.raises(OutrunError, match="revision 2"):
        store.replace(Published(seen, "other", "[]"))
    assert store.read() == there


def test_a_large_document_comes_back_whole(store: DynamoPublished) -> None:
    assert store.replace(Published(document="é" * (MOST // 2))).document == "é" * (MOST // 2)
