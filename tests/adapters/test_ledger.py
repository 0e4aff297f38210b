"""The contract of the port `Ledger`, which the memory and the DynamoDB adapter both keep."""

from collections.abc import Callable
from datetime import datetime, timedelta

import boto3
import pytest

from notifier.adapters.dynamodb.deliveries import DynamoLedger
from notifier.adapters.dynamodb.table import Table
from notifier.model import Notification
from notifier.ports import LEASE, Claim, Ledger
from notifier.wire import decode

ANotification = Callable[..., Notification]


def test_the_first_claim_is_granted(ledger: Ledger, a_notification: ANotification, noon: datetime) -> None:
    assert ledger.claim(a_notification(), owner="one", now=noon) == Claim(granted=True, attempts=1)


def test_a_claim_keeps_others_away(ledger: Ledger, a_notification: ANotification, noon: datetime) -> None:
    ledger.claim(a_notification(), owner="one", now=noon)

    second = ledger.claim(a_notification(), owner="two", now=noon + LEASE / 2)

    assert (second.granted, second.finished) == (False, False)
    assert LEASE.seconds / 2 <= second.wait_s <= LEASE.seconds / 2 + 1


def test_after_the_lease_another_may_claim_and_may_repeat(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    ledger.claim(a_notification(), owner="one", now=noon)

    assert ledger.claim(a_notification(), owner="two", now=noon + LEASE) == Claim(
        granted=True, attempts=2, may_repeat=True
    )


def test_a_released_claim_is_free_at_once_and_in_no_doubt(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    ledger.claim(a_notification(), owner="one", now=noon)
    ledger.release(a_notification(), owner="one", may_repeat=False)

    assert ledger.claim(a_notification(), owner="two", now=noon) == Claim(granted=True, attempts=2, may_repeat=False)


def test_doubt_survives_a_release(ledger: Ledger, a_notification: ANotification, noon: datetime) -> None:
    ledger.claim(a_notification(), owner="one", now=noon)
    ledger.claim(a_notification(), owner="two", now=noon + LEASE)
    ledger.release(a_notification(), owner="two", may_repeat=True)

    assert ledger.claim(a_notification(), owner="three", now=noon + LEASE).may_repeat


def test_a_claim_whose_answer_was_lost_is_still_its_own(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    """Botocore repeats a write after a lost answer, and the repeat meets its own first success."""
    ledger.claim(a_notification(), owner="one", now=noon)

    assert ledger.claim(a_notification(), owner="one", now=noon) == Claim(granted=True, attempts=1)


@pytest.mark.parametrize("end", ["delivered", "undelivered"])
def test_what_is_finished_stays_finished(
    ledger: Ledger, a_notification: ANotification, noon: datetime, end: str
) -> None:
    ledger.claim(a_notification(), owner="one", now=noon)
    if end == "delivered":
        ledger.delivered(a_notification(), now=noon)
    else:
        ledger.undelivered(a_notification(), owner="one", reason="channel_not_found", now=noon)

    again = ledger.claim(a_notification(), owner="two", now=noon + timedelta(days=30))

    assert (again.granted, again.finished) == (False, True)


def test_whose_lease_has_passed_to_another_says_nothing(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    ledger.claim(a_notification(), owner="slow", now=noon)
    ledger.claim(a_notification(), owner="two", now=noon + LEASE)

    ledger.release(a_notification(), owner="slow", may_repeat=False)
    ledger.undelivered(a_notification(), owner="slow", reason="late", now=noon + LEASE)

    assert not ledger.claim(a_notification(), owner="three", now=noon + LEASE).granted


def test_a_late_acknowledgement_counts_whoever_holds_the_claim(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    ledger.claim(a_notification(), owner="slow", now=noon)
    ledger.claim(a_notification(), owner="two", now=noon + LEASE)

    ledger.delivered(a_notification(), now=noon + LEASE)

    assert ledger.claim(a_notification(), owner="three", now=noon + 3 * LEASE).finished


@pytest.mark.parametrize(
    "other",
    [{"status": "FAILED"}, {"number": 2}, {"channel": "mail"}],
)
def test_each_resource_status_and_channel_has_a_row_of_its_own(
    ledger: Ledger, a_notification: ANotification, noon: datetime, other: dict[str, object]
) -> None:
    ledger.claim(a_notification(), owner="one", now=noon)

    assert ledger.claim(a_notification(**other), owner="one", now=noon).granted


def test_the_row_is_the_durable_copy_of_the_notification(
    table: Callable[[str], Table], a_notification: ANotification, noon: datetime
) -> None:
    DynamoLedger(table("deliveries")).claim(a_notification(), owner="one", now=noon)

    item = boto3.client("dynamodb").scan(TableName="deliveries")["Items"][0]

    assert decode(item["notification"]["S"]) == a_notification()
    assert item["channel"]["S"] == "team-slack#COMPLETED"
    assert item["expires"]["N"] == str(int((noon + timedelta(days=120)).timestamp()))
