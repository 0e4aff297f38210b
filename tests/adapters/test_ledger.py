"""The contract of the port `Ledger`, for the memory and the DynamoDB adapter, also over SQLite."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import boto3
import pytest

from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.delivery_keys import delivery_key
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import MalformedNotificationError, NewerVersionError
from braket_notifier.sending.ports import LEASE, Claim, Finished, Ledger, Progress
from braket_notifier.sending.wire import decode
from tests.conftest import STORES

ANotification = Callable[..., Notification]


def test_the_first_claim_is_granted(ledger: Ledger, a_notification: ANotification, noon: datetime) -> None:
    assert ledger.claim(a_notification(), owner="one", now=noon) == Claim(granted=True, attempts=1, first_claim=noon)


def test_a_claim_excludes_other_owners(ledger: Ledger, a_notification: ANotification, noon: datetime) -> None:
    ledger.claim(a_notification(), owner="one", now=noon)

    second = ledger.claim(a_notification(), owner="two", now=noon + LEASE / 2)

    assert (second.granted, second.finished) == (False, False)
    assert LEASE.seconds / 2 <= second.wait_s <= LEASE.seconds / 2 + 1


def test_after_the_lease_another_may_claim_and_may_repeat(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    ledger.claim(a_notification(), owner="one", now=noon)

    assert ledger.claim(a_notification(), owner="two", now=noon + LEASE) == Claim(
        granted=True, attempts=2, doubts=1, may_repeat=True, first_claim=noon
    )


def test_a_released_claim_is_free_at_once_and_without_doubt(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    ledger.claim(a_notification(), owner="one", now=noon)
    ledger.release(a_notification(), owner="one")

    again = ledger.claim(a_notification(), owner="two", now=noon)

    assert again == Claim(granted=True, attempts=2, first_claim=noon)


def test_a_claim_that_was_never_made_can_be_released(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    """Nobody knows whether a claim whose call failed was made."""
    ledger.release(a_notification(), owner="one")

    assert ledger.claim(a_notification(), owner="two", now=noon) == Claim(granted=True, attempts=1, first_claim=noon)


def test_doubt_survives_a_release(ledger: Ledger, a_notification: ANotification, noon: datetime) -> None:
    ledger.claim(a_notification(), owner="one", now=noon)
    ledger.claim(a_notification(), owner="two", now=noon + LEASE)
    ledger.release(a_notification(), owner="two")

    assert ledger.claim(a_notification(), owner="three", now=noon + LEASE).may_repeat


def test_a_claim_whose_answer_was_lost_is_still_its_own(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    """Botocore repeats a write after a lost answer, and the repeat meets the row of the first write."""
    ledger.claim(a_notification(), owner="one", now=noon)

    assert ledger.claim(a_notification(), owner="one", now=noon) == Claim(granted=True, attempts=1, first_claim=noon)


def test_a_repeated_release_takes_back_one_doubt_only(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    """A release counted twice would hide a later doubt, and the repeated message would not mention it."""
    ledger.claim(a_notification(), owner="one", now=noon)
    ledger.release(a_notification(), owner="one")
    ledger.release(a_notification(), owner="one")
    ledger.claim(a_notification(), owner="two", now=noon)

    assert ledger.claim(a_notification(), owner="three", now=noon + LEASE).may_repeat


@pytest.mark.parametrize("end", ["delivered", "undelivered"])
def test_a_finished_notification_stays_finished(
    ledger: Ledger, a_notification: ANotification, noon: datetime, end: str
) -> None:
    ledger.claim(a_notification(), owner="one", now=noon)
    if end == "delivered":
        ledger.delivered(a_notification(), now=noon)
    else:
        ledger.undelivered(a_notification(), owner="one", reason="channel_not_found", now=noon)

    again = ledger.claim(a_notification(), owner="two", now=noon + timedelta(days=30))

    ended = ledger.progress(a_notification()).end
    assert (again.granted, again.finished) == (False, True)
    assert ended
    assert (ended.state, ended.reason) == (end.upper(), "channel_not_found" if end == "undelivered" else "")


def test_an_owner_whose_lease_has_passed_changes_nothing(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    ledger.claim(a_notification(), owner="slow", now=noon)
    ledger.claim(a_notification(), owner="two", now=noon + LEASE)

    ledger.release(a_notification(), owner="slow")
    ledger.undelivered(a_notification(), owner="slow", reason="late", now=noon + LEASE)

    assert not ledger.claim(a_notification(), owner="three", now=noon + LEASE).granted


def test_a_late_acknowledgement_counts_for_every_holder_of_the_claim(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    ledger.claim(a_notification(), owner="slow", now=noon)
    ledger.claim(a_notification(), owner="two", now=noon + LEASE)

    ledger.delivered(a_notification(), now=noon + LEASE)

    assert ledger.claim(a_notification(), owner="three", now=noon + 3 * LEASE).finished


@pytest.mark.parametrize(
    ("earlier", "later", "granted"),
    [
        ("RUNNING", "COMPLETED", False),  # an older status never follows a newer one
        ("COMPLETED", "RUNNING", True),
        ("FAILED", "COMPLETED", True),  # equal ranks: neither is later
    ],
)
@pytest.mark.parametrize("end", ["claimed", "delivered"])
def test_a_notification_is_superseded_by_a_later_status(
    ledger: Ledger, a_notification: ANotification, noon: datetime, earlier: str, later: str, granted: bool, end: str
) -> None:
    ledger.claim(a_notification(later), owner="one", now=noon)
    if end == "delivered":
        ledger.delivered(a_notification(later), now=noon)

    claim = ledger.claim(a_notification(earlier), owner="two", now=noon)

    assert (claim.granted, claim.finished) == (granted, not granted)
    assert ledger.claim(a_notification(earlier, channel="mail"), owner="three", now=noon).granted
    assert ledger.claim(a_notification(earlier, number=2), owner="four", now=noon).granted


def test_a_refused_notification_supersedes_nothing(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    ledger.claim(a_notification("COMPLETED"), owner="one", now=noon)
    ledger.undelivered(a_notification("COMPLETED"), owner="one", reason="channel_not_found", now=noon)

    assert ledger.claim(a_notification("RUNNING"), owner="two", now=noon).granted


@pytest.mark.parametrize("reopened", [False, True])
def test_a_notification_given_up_in_doubt_supersedes_earlier_ones(
    ledger: Ledger, a_notification: ANotification, noon: datetime, *, reopened: bool
) -> None:
    for attempt in range(2):
        ledger.claim(a_notification("COMPLETED"), owner=f"{attempt}", now=noon + attempt * LEASE)
    ledger.undelivered(a_notification("COMPLETED"), owner="1", reason="72 hours", now=noon + LEASE)
    if reopened:
        ledger.reopen(a_notification("COMPLETED"), now=noon + LEASE)

    assert ledger.claim(a_notification("RUNNING"), owner="two", now=noon + 2 * LEASE).finished


def test_a_correction_supersedes_the_corrected_status(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    right = a_notification("COMPLETED")
    right = replace(right, transition=replace(right.transition, correction=True))
    ledger.claim(right, owner="one", now=noon)

    assert ledger.claim(a_notification("FAILED"), owner="two", now=noon).finished


def test_only_an_undelivered_notification_is_reopened_with_a_new_horizon(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    for number in (1, 2):
        ledger.claim(a_notification(number=number), owner="one", now=noon)
    ledger.undelivered(a_notification(number=1), owner="one", reason="token_revoked", now=noon)
    ledger.delivered(a_notification(number=2), now=noon)
    later = noon + timedelta(days=100)

    found = list(ledger.all_undelivered())
    reopened = [ledger.reopen(a_notification(number=number), now=later) for number in (1, 2, 3)]

    assert found == [a_notification(number=1)]
    assert reopened == [True, False, False]
    assert ledger.claim(a_notification(number=1), owner="two", now=later) == Claim(
        granted=True, attempts=1, first_claim=later
    )


def test_a_superseded_notification_is_reopened_on_request_alone(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    for number in (1, 2):
        ledger.claim(a_notification(number=number), owner="one", now=noon)
    ledger.superseded(a_notification(number=1), owner="one", reason="left out", now=noon)
    ledger.delivered(a_notification(number=2), now=noon)

    refused = ledger.reopen(a_notification(number=1), now=noon)
    reopened = [ledger.reopen(a_notification(number=number), now=noon, superseded=True) for number in (1, 2, 3)]

    assert refused is False
    assert reopened == [True, False, False]
    assert ledger.claim(a_notification(number=1), owner="two", now=noon).granted


def test_an_unsure_release_marks_every_repeat_without_a_doubt(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    """A channel may show a message that it refused for its rate, so the repeat says that it may be one."""
    for owner in ("one", "two"):
        ledger.claim(a_notification(), owner=owner, now=noon)
        ledger.release(a_notification(), owner=owner, unsure=owner == "one")

    claim = ledger.claim(a_notification(), owner="three", now=noon)

    assert (claim.may_repeat, claim.doubts, claim.attempts) == (True, 0, 3)


def test_a_notification_given_up_unsure_is_marked_after_a_redrive(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    ledger.claim(a_notification(), owner="one", now=noon)
    ledger.undelivered(a_notification(), owner="one", reason="no acknowledgement", now=noon, unsure=True)
    ledger.reopen(a_notification(), now=noon)

    assert ledger.claim(a_notification(), owner="two", now=noon).may_repeat


def test_a_reopened_notification_can_be_reopened_until_it_is_claimed(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    """A redrive may crash between the ledger and the queue, and only another redrive would find the row."""
    ledger.claim(a_notification(), owner="one", now=noon)
    ledger.undelivered(a_notification(), owner="one", reason="token_revoked", now=noon)
    ledger.reopen(a_notification(), now=noon)

    assert list(ledger.all_undelivered()) == [a_notification()]
    assert ledger.reopen(a_notification(), now=noon)
    assert ledger.claim(a_notification(), owner="two", now=noon).granted
    assert list(ledger.all_undelivered()) == []
    assert not ledger.reopen(a_notification(), now=noon)


def test_a_doubt_survives_a_redrive_but_is_not_counted_again(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    for attempt in range(3):
        ledger.claim(a_notification(), owner=f"{attempt}", now=noon + attempt * LEASE)
    ledger.undelivered(a_notification(), owner="2", reason="3 attempts", now=noon + 3 * LEASE)

    ledger.reopen(a_notification(), now=noon + 4 * LEASE)

    claim = ledger.claim(a_notification(), owner="again", now=noon + 4 * LEASE)
    assert (claim.doubts, claim.may_repeat) == (0, True)


@pytest.mark.parametrize(
    "other",
    [{"status": "FAILED"}, {"number": 2}, {"channel": "mail"}],
)
def test_each_resource_status_and_channel_has_a_row_of_its_own(
    ledger: Ledger, a_notification: ANotification, noon: datetime, other: dict[str, object]
) -> None:
    ledger.claim(a_notification(), owner="one", now=noon)

    assert ledger.claim(a_notification(**other), owner="one", now=noon).granted


def test_a_notification_that_was_passed_on_can_be_claimed_as_before(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    """Nobody claimed it before, and its horizon begins with the first claim."""
    before = ledger.progress(a_notification())
    ledger.passed_on(a_notification(), to="mail", now=noon)
    ledger.passed_on(a_notification(), to="mail", now=noon + LEASE)  # a repeat after a crash

    assert (before, ledger.progress(a_notification())) == (Progress(), Progress(passed_on=True, passed_to="mail"))
    assert ledger.claim(a_notification(), owner="one", now=noon + LEASE) == Claim(
        granted=True, attempts=1, first_claim=noon + LEASE, passed_on=True
    )
    ledger.delivered(a_notification(), now=noon + LEASE)
    assert ledger.progress(a_notification()) == Progress(Finished("DELIVERED"), passed_on=True, passed_to="mail")
    assert list(ledger.all_undelivered()) == []


def test_the_destination_that_got_a_notification_last_is_kept(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    for to in ("mine#ben", "team-slack"):
        ledger.passed_on(a_notification(), to=to, now=noon)

    assert ledger.progress(a_notification()) == Progress(passed_on=True, passed_to="team-slack")


def test_the_mark_that_a_notification_was_passed_on_changes_nothing_of_its_claims(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    ledger.claim(a_notification(), owner="one", now=noon)
    ledger.passed_on(a_notification(), to="mail", now=noon)

    assert not ledger.claim(a_notification(), owner="two", now=noon + LEASE / 2).granted
    assert ledger.claim(a_notification(), owner="two", now=noon + LEASE) == Claim(
        granted=True, attempts=2, doubts=1, may_repeat=True, first_claim=noon, passed_on=True
    )


def test_a_later_status_that_was_passed_on_alone_supersedes_nothing(
    ledger: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    """Its own channel has not shown it."""
    ledger.passed_on(a_notification("COMPLETED"), to="mail", now=noon)

    assert ledger.claim(a_notification("RUNNING"), owner="one", now=noon).granted


def test_the_row_is_the_durable_copy_of_the_notification(
    dynamodb_table: Callable[[str], Table], a_notification: ANotification, noon: datetime
) -> None:
    DynamoLedger(dynamodb_table("deliveries")).claim(a_notification(), owner="one", now=noon)

    item = boto3.client("dynamodb").scan(TableName="deliveries")["Items"][0]

    assert decode(item["notification"]["S"]) == a_notification()
    assert (item["partition"]["S"], item["sort"]["S"]) == (f"team-slack#{a_notification().transition.arn}", "COMPLETED")
    assert item["expires"]["N"] == str(int((noon + timedelta(days=120)).timestamp()))


@pytest.fixture(params=STORES)
def machines(request: pytest.FixtureRequest) -> Ledger:
    """Build the ledger of a handler, whose sends take minutes."""
    if request.param == "memory":
        return MemoryLedger(lease=10 * LEASE, in_order=False)
    return DynamoLedger(request.getfixturevalue(f"{request.param}_table")("deliveries"), 10 * LEASE, in_order=False)


def test_a_program_gets_every_status_however_late(
    machines: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    machines.claim(a_notification("COMPLETED"), owner="one", now=noon)
    machines.delivered(a_notification("COMPLETED"), now=noon)

    assert machines.claim(a_notification("RUNNING"), owner="two", now=noon).granted


def test_a_claim_is_kept_for_as_long_as_its_channel_needs(
    machines: Ledger, a_notification: ANotification, noon: datetime
) -> None:
    machines.claim(a_notification(), owner="one", now=noon)

    assert not machines.claim(a_notification(), owner="two", now=noon + 9 * LEASE).granted
    assert machines.claim(a_notification(), owner="two", now=noon + 10 * LEASE).granted


@pytest.fixture
def rows(table: Callable[[str], Table]) -> Table:
    return table("deliveries")


@pytest.fixture
def change(rows: Table) -> Callable[..., None]:
    """Change attributes of a notification's row, as a newer version may have done before a rollback."""

    def change(notification: Notification, /, **attributes: object) -> None:
        transition = notification.transition
        key = delivery_key(notification.channel, transition.arn, transition.status)
        sets = {name: f":{name}" for name in attributes}
        rows.update(key, sets, {f":{name}": value for name, value in attributes.items()})

    return change


@pytest.mark.parametrize("attributes", [{"state": "PASSED_ON"}, {"format": 2}], ids=str)
def test_a_row_that_only_a_newer_version_can_read_is_neither_finished_nor_claimed(
    rows: Table,
    a_notification: ANotification,
    noon: datetime,
    change: Callable[..., None],
    attributes: dict[str, object],
) -> None:
    ledger = DynamoLedger(rows)
    ledger.claim(a_notification(), owner="one", now=noon)
    change(a_notification(), **attributes)

    with pytest.raises(NewerVersionError, match="team-slack#arn:aws:braket"):
        ledger.claim(a_notification(), owner="two", now=noon + LEASE)


def test_a_notification_beside_a_later_status_in_a_newer_version_s_state_waits_without_a_doubt(
    rows: Table, a_notification: ANotification, noon: datetime, change: Callable[..., None]
) -> None:
    """Whether the channel has shown the later status is unknown."""
    ledger, running, ended = DynamoLedger(rows), a_notification("RUNNING"), a_notification("COMPLETED")
    ledger.claim(ended, owner="one", now=noon)
    change(ended, state="PASSED_ON")

    with pytest.raises(NewerVersionError):
        ledger.claim(running, owner="two", now=noon)
    change(ended, state="UNDELIVERED")

    assert not ledger.claim(running, owner="three", now=noon).may_repeat


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        ({"notification": "{}"}, MalformedNotificationError),
        ({"notification": '{"version": 2}'}, NewerVersionError),
        ({"format": 2}, NewerVersionError),
    ],
    ids=str,
)
def test_an_unreadable_undelivered_row_is_skipped_and_reported(
    rows: Table,
    a_notification: ANotification,
    noon: datetime,
    change: Callable[..., None],
    *,
    attributes: dict[str, object],
    error: type[Exception],
) -> None:
    skipped: list[Exception] = []
    ledger = DynamoLedger(rows, on_skipped=skipped.append)
    for number in (1, 2):
        ledger.claim(a_notification(number=number), owner="one", now=noon)
        ledger.undelivered(a_notification(number=number), owner="one", reason="token_revoked", now=noon)
    change(a_notification(number=1), **attributes)

    assert list(ledger.all_undelivered()) == [a_notification(number=2)]
    assert [type(each) for each in skipped] == [error]
