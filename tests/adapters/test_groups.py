"""The contracts of the ports `Groups` and `Cards`, for the memory and the DynamoDB adapters, also over SQLite."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from json import dumps

import pytest

from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.delivery_keys import PARTITION, destination_of, entries_of, entry_key, group_key
from braket_notifier.adapters.dynamodb.groups import DynamoCards, DynamoGroups
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.memory.groups import MemoryCards, MemoryGroups
from braket_notifier.domain.notification import Notification
from braket_notifier.grouping.group import Group, OpenCard, Pending
from braket_notifier.grouping.ports import Card, Cards, Entry, Groups
from braket_notifier.sending.fallback import for_team
from tests.conftest import STORES

ANotification = Callable[..., Notification]
KEY = "batch ghz-scan"


@pytest.fixture(params=STORES)
def groups(request: pytest.FixtureRequest) -> Groups:
    if request.param == "memory":
        return MemoryGroups()
    return DynamoGroups(request.getfixturevalue(f"{request.param}_table")("deliveries"))


@pytest.fixture(params=STORES)
def cards(request: pytest.FixtureRequest) -> Cards:
    return (
        MemoryCards()
        if request.param == "memory"
        else DynamoCards(request.getfixturevalue(f"{request.param}_table")("deliveries"))
    )


@pytest.fixture
def group(noon: datetime) -> Group:
    """Build a group with every field set."""
    at = [noon + timedelta(seconds=seconds) for seconds in range(6)]
    card = OpenCard("C1/1.5", at[4], failed=True, owing=("a", "b"), announced_at=at[5], warned=True)
    pending = Pending(at[3], retrying=True)
    return Group(
        3, (at[0], at[1]), at[2], at[5], over=True, awaits_sweep=True, pending=pending, card=card, earlier=True
    )


@pytest.mark.parametrize("bare_first", [True, False])
def test_name_and_status_that_a_person_s_address_passed_on_replace_no_whole_entry(
    groups: Groups, a_notification: ANotification, noon: datetime, bare_first: bool
) -> None:
    whole = a_notification("FAILED")
    bare = replace(for_team(whole, "ghz-12"), passed_from="dm#ben")

    for each in (bare, whole) if bare_first else (whole, bare, bare):
        groups.add(KEY, 1, Entry(each, shown=False), now=noon)
    groups.add(KEY, 1, Entry(bare, shown=True), now=noon)

    assert groups.entries("team-slack", KEY, 1) == [Entry(whole, shown=True)]


def test_a_group_without_a_row_is_new(groups: Groups) -> None:
    assert groups.get("team-slack", KEY) == Group()


def test_a_group_is_read_as_it_was_saved_and_counts_its_versions(groups: Groups, group: Group, noon: datetime) -> None:
    assert groups.save("team-slack", KEY, group, now=noon, visit_at=None)

    assert groups.get("team-slack", KEY) == replace(group, version=1)
    assert groups.get("mail", KEY) == Group()
    assert groups.save("team-slack", KEY, replace(group, version=1, card=None), now=noon, visit_at=None)
    assert groups.get("team-slack", KEY) == replace(group, version=2, card=None)


def test_a_row_that_lacks_a_member_has_its_default(table: Callable[[str], Table], group: Group, noon: datetime) -> None:
    rows = table("deliveries")
    words = {"episode": 3, "pending": {"due": noon.isoformat()}, "card": {"opened_at": noon.isoformat()}}
    DynamoGroups(rows).save("team-slack", KEY, group, now=noon, visit_at=None)
    rows.update(group_key("team-slack", KEY), {"words": ":words"}, {":words": dumps(words)})

    found = DynamoGroups(rows).get("team-slack", KEY)

    assert found == Group(3, pending=Pending(noon), card=OpenCard("", noon), version=1, earlier=True)


@pytest.mark.parametrize("version", [0, 2])
def test_a_group_saved_by_another_sender_meanwhile_is_not_overwritten(
    groups: Groups, group: Group, noon: datetime, version: int
) -> None:
    groups.save("team-slack", KEY, group, now=noon, visit_at=None)

    assert not groups.save("team-slack", KEY, Group(version=version), now=noon, visit_at=None)
    assert groups.get("team-slack", KEY) == replace(group, version=1)


def test_an_entry_added_again_is_stored_once_and_stays_shown(
    groups: Groups, a_notification: ANotification, noon: datetime
) -> None:
    one, two = a_notification(number=1), a_notification(number=2)
    for entry in (Entry(one, shown=False), Entry(two, shown=False), Entry(one, shown=True), Entry(one, shown=False)):
        groups.add(KEY, 0, entry, now=noon)

    found = groups.entries("team-slack", KEY, 0)

    assert {each.notification.id: each.shown for each in found} == {one.id: True, two.id: False}
    assert all(each.notification in (one, two) for each in found)


@pytest.mark.parametrize("routed", [True, False])
def test_an_entry_keeps_whether_the_settings_sent_it_when_it_began_to_wait(
    groups: Groups, a_notification: ANotification, noon: datetime, *, routed: bool
) -> None:
    for again in (routed, not routed):
        groups.add(KEY, 0, Entry(a_notification(), shown=False, routed=again), now=noon)

    assert [each.routed for each in groups.entries("team-slack", KEY, 0)] == [routed]


def test_an_episode_has_no_entries_of_another(groups: Groups, a_notification: ANotification, noon: datetime) -> None:
    groups.add(KEY, 1, Entry(a_notification(), shown=False), now=noon)

    assert groups.entries("team-slack", KEY, 11) == []
    assert groups.entries("mail", KEY, 1) == []
    assert groups.entries("team-slack", "batch other", 1) == []


def test_a_dropped_notification_is_no_entry_until_it_is_added_again(
    groups: Groups, a_notification: ANotification, noon: datetime
) -> None:
    groups.add(KEY, 0, Entry(a_notification(), shown=False), now=noon)
    groups.drop(KEY, 0, a_notification())
    before = groups.entries("team-slack", KEY, 0)

    groups.add(KEY, 0, Entry(a_notification(), shown=False), now=noon)

    assert before == []
    assert groups.entries("team-slack", KEY, 0) == [Entry(a_notification(), shown=False)]


def test_a_card_is_found_by_channel_and_resource(cards: Cards, a_notification: ANotification, noon: datetime) -> None:
    arn = a_notification().transition.arn
    cards.save("team-slack", arn, Card("C1/1.5", 2.0), now=noon)
    cards.save("team-slack", arn, Card("C1/1.5", 4.5), now=noon)

    assert cards.get("team-slack", arn) == Card("C1/1.5", 4.5)
    assert cards.get("mail", arn) is None
    assert cards.get("team-slack", a_notification(number=2).transition.arn) is None


def test_a_card_s_row_supersedes_no_notification(
    table: Callable[[str], Table], a_notification: ANotification, noon: datetime
) -> None:
    rows = table("deliveries")
    DynamoCards(rows).save("team-slack", a_notification().transition.arn, Card("C1/1.5", 4.0), now=noon)

    assert DynamoLedger(rows).claim(a_notification("RUNNING"), owner="one", now=noon).granted


def test_a_row_written_by_a_newer_version_is_skipped(
    table: Callable[[str], Table], a_notification: ANotification, noon: datetime
) -> None:
    """The row remains for a newer version, and the notification's own record is still in the queue."""
    rows = table("deliveries")
    groups = DynamoGroups(rows)
    for number in (1, 2):
        groups.add(KEY, 0, Entry(a_notification(number=number), shown=False), now=noon)
    later = entry_key("team-slack", KEY, f"{0:08d}#{a_notification(number=1).id}")
    rows.update(later, {"notification": ":later"}, {":later": '{"version": 2}'})

    assert [each.notification for each in groups.entries("team-slack", KEY, 0)] == [a_notification(number=2)]


def test_the_groups_of_a_channel_that_are_to_be_visited_are_listed(
    groups: Groups, group: Group, noon: datetime
) -> None:
    groups.save("team-slack", KEY, group, now=noon, visit_at=noon)
    groups.save("team-slack", "batch # é", group, now=noon, visit_at=noon + timedelta(days=7))
    groups.save("team-slack", "batch idle", group, now=noon, visit_at=None)
    groups.save("team", KEY, group, now=noon, visit_at=noon)

    assert sorted(groups.to_visit("team-slack")) == ["batch # é", KEY]


def test_a_group_that_needs_no_visit_any_more_is_not_listed(groups: Groups, group: Group, noon: datetime) -> None:
    groups.save("team-slack", KEY, group, now=noon, visit_at=noon)
    groups.save("team-slack", KEY, replace(group, version=1), now=noon, visit_at=None)

    assert groups.to_visit("team-slack") == []


def test_a_pending_hold_is_read_as_it_was_saved(groups: Groups, noon: datetime) -> None:
    held = Group(pending=Pending(noon, held=True))
    groups.save("team-slack", KEY, held, now=noon, visit_at=noon)

    assert groups.get("team-slack", KEY) == replace(held, version=1)


def test_a_group_with_what_waits_and_what_was_shown_is_kept_for_months(
    table: Callable[[str], Table], a_notification: ANotification, noon: datetime
) -> None:
    """Seen: a chain of mutes held a card's last message for 16 days, so that it named three quarters of the card."""
    rows, notification = table("deliveries"), a_notification()
    groups = DynamoGroups(rows)

    def days_kept() -> set[float]:
        found = rows.beside(entries_of("team-slack", KEY))
        return {(float(str(row["expires"])) - noon.timestamp()) / 86400 for row in found}

    groups.save("team-slack", KEY, Group(), now=noon, visit_at=None)
    groups.add(KEY, 0, Entry(notification, shown=False), now=noon)
    while_it_waits = days_kept()
    groups.add(KEY, 0, Entry(notification, shown=True), now=noon)

    assert (while_it_waits, days_kept()) == ({120}, {120})


def test_a_person_s_groups_are_visited_apart_from_those_of_the_channel_and_of_other_people(
    groups: Groups, group: Group, noon: datetime
) -> None:
    for channel in ("dm", "dm#Anna", "dm#Anna B.", "dm#Ben", "d"):
        groups.save(channel, f"{KEY} of {channel}", replace(group, version=0), now=noon, visit_at=noon)

    for channel in ("dm", "dm#Anna", "dm#Anna B.", "dm#Ben", "d"):
        assert list(groups.to_visit(channel)) == [f"{KEY} of {channel}"]


@pytest.mark.parametrize(
    ("partition", "destination"),
    [
        ("mail#arn:aws:braket:eu-north-1:012345678901:quantum-task/1", "mail"),
        ("dm#Anna B.#arn:aws:braket:eu-north-1:012345678901:quantum-task/1", "dm#Anna B."),
        ("mail#group#batch a#b", "mail"),
        ("dm#Anna#group#batch a#group#b", "dm#Anna"),
        ("mail#lease", "mail"),
    ],
)
def test_a_row_s_destination_is_read_from_its_partition(partition: str, destination: str) -> None:
    assert destination_of({PARTITION: partition}) == destination
