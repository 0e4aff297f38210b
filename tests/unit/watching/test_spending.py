"""Notices of spending limits and budgets: to whom, once, and again after another amount or in another period."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from braket_notifier.costs.period import period_of
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Ignored, Period, Person, Policy, Quiet, Route
from braket_notifier.domain.spending import BUDGET, LIMIT, Allowance
from braket_notifier.rendering.compose import message_of
from braket_notifier.rendering.message import PUSH
from braket_notifier.watching.spending import Reached, after, destinations, key_of, notices

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FORTE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"
ARN = "arn:aws:braket:us-east-1:012345678901:spending-limit/b6951b86-8222-45b1-9908-2df6c3ac717d"
OF_FORTE = Allowance(ARN, Decimal(500), Decimal(400), NOON - DAY, NOON + 10 * DAY, device=FORTE, region="us-east-1")
#: A status of a version that knows another threshold.
AS_90 = f"SPENDING_LIMIT 90 of 500 since {(NOON - DAY).isoformat()}"
POLICY = Policy(
    regions=("eu-north-1", "us-east-1"),
    time_zone="UTC",
    channels={"mail": "email", "dm": "slack", "team-slack": "slack", "lab-slack": "slack", "archive": "topic"},
    routes=(Route(("team-slack", "archive", "mail")),),
    people=(Person("Anna", "U01ABCDEF"), Person("Ben")),
    to_owner=("dm",),
)


@dataclass
class Memory:
    """The sweeps of one region, which remember what they sent."""

    policy: Policy = POLICY
    sent: Mapping[str, str] = field(default_factory=dict)

    def sweep(self, *reached: Reached, now: datetime = NOON) -> list[Notification]:
        due = [each for each in notices(reached, self.sent, self.policy, now) if not each.is_held]
        self.sent = after(self.sent, due, [each.allowance for each in reached], self.policy)
        return [each.notification for each in due]

    def words(self, *reached: Reached, now: datetime = NOON) -> list[str]:
        return [each.transition.status.split(" since ")[0] for each in self.sweep(*reached, now=now)]


def at(threshold: str, **more: Any) -> Reached:
    return Reached(replace(OF_FORTE, **more), threshold)


def test_each_threshold_is_announced_once() -> None:
    it = Memory()

    found = [it.words(at(each)) for each in ("50", "50", "80", "50", "80", "full", "80", "full")]

    assert [each for words in found for each in words] == [
        "SPENDING_LIMIT 50 of 500",
        "SPENDING_LIMIT 80 of 500",
        "SPENDING_LIMIT full of 500",
    ]


def test_of_thresholds_passed_at_once_the_highest_is_announced_and_no_lower_one_follows() -> None:
    it = Memory()

    assert it.words(at("80")) == ["SPENDING_LIMIT 80 of 500"]
    assert it.words(at("50")) == []


@pytest.mark.parametrize(
    "other",
    [
        {"amount": Decimal(600)},  # raised
        {"amount": Decimal(450)},  # lowered
        {"since": NOON - DAY / 2},  # a new period
        {"id": f"{ARN[:-1]}0"},  # deleted and created again
    ],
)
def test_another_amount_or_period_is_announced_anew_and_once(other: dict[str, Any]) -> None:
    it = Memory()
    before = it.sweep(at("80"))

    again = it.sweep(at("80", **other))

    assert len({each.id for each in (*before, *again)}) == 2
    assert it.sweep(at("80", **other)) == []


def of_budget(period: Period, now: datetime, time_zone: str) -> Reached:
    since, until = period_of(now, period, time_zone)
    return replace(at("80", since=since, until=until), word=BUDGET)


@pytest.mark.parametrize("period", ["day", "week", "month"])
@pytest.mark.parametrize(("before", "later"), [("America/Los_Angeles", "Pacific/Auckland"), ("Asia/Tokyo", "UTC")])
def test_a_date_or_week_or_month_is_announced_once_whatever_its_time_zone(
    period: Period, before: str, later: str
) -> None:
    it = Memory()
    here, there = (datetime(2026, 11, 20, 12, tzinfo=ZoneInfo(each)) for each in (before, later))

    assert it.words(of_budget(period, here, before)) != []
    assert it.words(of_budget(period, there, later)) == []
    assert bool(it.words(of_budget(period, there + DAY, later))) == (period == "day")
    assert it.words(of_budget(period, there + 31 * DAY, later)) != []


@pytest.mark.parametrize("period", ["week", "month"])
def test_a_week_or_month_is_announced_once_across_the_date_line(period: Period) -> None:
    it = Memory()

    assert it.words(of_budget(period, NOON, "Pacific/Kiritimati")) != []
    assert it.words(of_budget(period, NOON, "Etc/GMT+12")) == []


@pytest.mark.parametrize("zone", ["America/Adak", "America/Los_Angeles", "Pacific/Chatham", "Pacific/Kiritimati"])
def test_each_day_of_a_year_is_announced_while_clocks_change(zone: str) -> None:
    it = Memory()
    noons = [datetime(2026, 1, 1, 12, tzinfo=ZoneInfo(zone)) + number * DAY for number in range(365)]

    assert all(it.words(of_budget("day", each, zone)) for each in noons)


@pytest.mark.parametrize("hours", [1, -13])
def test_another_time_zone_is_no_other_period_of_a_budget(hours: int) -> None:
    """`settings push` may change `time_zone`, and with it when the month or day of a budget begins."""
    it = Memory()
    month = replace(at("80"), word=BUDGET)
    moved = replace(at("80", since=NOON - DAY - timedelta(hours=hours)), word=BUDGET)

    assert it.words(month) == ["BUDGET 80 of 500"]
    assert it.words(moved) == []
    assert it.words(replace(moved, threshold="full")) == ["BUDGET full of 500"]
    assert it.words(replace(month, allowance=replace(month.allowance, since=NOON + DAY))) == ["BUDGET 80 of 500"]
    assert it.words(replace(month, allowance=replace(month.allowance, since=NOON + DAY, amount=Decimal(600)))) != []


def test_the_same_amount_in_another_form_and_a_later_end_are_no_news() -> None:
    it = Memory()
    it.sweep(at("80"))

    assert it.sweep(at("80", amount=Decimal("500.00"), until=NOON + 99 * DAY)) == []


def test_an_amount_that_returns_has_the_id_of_its_first_notice() -> None:
    """The ledger drops it, so a limit that is raised and lowered again is announced once."""
    it = Memory()
    [first] = it.sweep(at("80"))
    it.sweep(at("80", amount=Decimal(600)))

    [again] = it.sweep(at("80"))

    assert again.id == first.id


def test_a_limit_that_was_deleted_is_forgotten() -> None:
    it = Memory()
    it.sweep(at("80"))
    it.sweep()

    assert it.sent == {}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        # by default the first shared channel of Slack, and no e-mail list
        ({}, ["team-slack"]),
        ({"costs_to": ("mail",)}, ["mail"]),
        ({"costs_to": ("lab-slack", "mail")}, ["lab-slack", "mail"]),
        # a channel that the settings do not have any more
        ({"costs_to": ("gone",)}, ["team-slack"]),
        # what a route names besides: programs and e-mail lists too
        ({"routes": (Route(("archive", "mail"), status=("SPENDING_LIMIT",)),)}, ["team-slack", "mail", "archive"]),
        ({"routes": (Route(("archive",), status=("BUDGET",)),)}, ["team-slack"]),
        ({"routes": (Route(("archive",), status=("SPENDING_LIMIT",), device=("*/iqm/*",)),)}, ["team-slack"]),
        # another chat counts as Slack does, programs do not
        ({"channels": {"archive": "topic", "own": "digest-handler", "lab": "discord"}, "to_owner": ()}, ["lab"]),
        # without a chat nobody, because an e-mail list gets what a route names alone
        ({"channels": {"mail": "email"}, "to_owner": (), "routes": ()}, []),
    ],
)
def test_a_limit_goes_to_the_channels_of_costs_or_the_first_chat(policy: dict[str, Any], expected: list[str]) -> None:
    assert [each.channel for each in Memory(replace(POLICY, **policy)).sweep(at("80"))] == expected


@pytest.mark.parametrize(
    ("person", "costs_to", "expected"),
    [
        ("Anna", (), ("dm#Anna",)),
        ("Anna", ("mail",), ("dm#Anna", "mail")),
        ("Ben", (), ()),  # no address of Ben's is known
        ("Ben", ("mail",), ("mail",)),
        ("Zoe", (), ()),  # nobody of that name
    ],
)
def test_a_persons_budget_goes_to_that_person_and_to_the_channels_of_costs_only(
    person: str, costs_to: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    routes = (Route(("team-slack", "archive"), status=("BUDGET",)),)
    policy = replace(POLICY, costs_to=costs_to, routes=routes)
    of_person = Reached(replace(OF_FORTE, id="person", name=person, device=""), "80", BUDGET, person)

    assert tuple(each.channel for each in Memory(policy).sweep(of_person)) == expected


def test_what_quiet_hours_keep_back_is_announced_at_their_end_with_its_last_threshold() -> None:
    quiet = {"team-slack": Quiet(time(11), time(14))}
    it = Memory(replace(POLICY, quiet=quiet))

    assert it.words(at("50")) == it.words(at("80")) == []
    assert it.words(at("80"), now=NOON + timedelta(hours=3)) == ["SPENDING_LIMIT 80 of 500"]


def test_an_ignored_device_adds_no_routed_channel() -> None:
    routes = (Route(("archive",), status=("SPENDING_LIMIT",)),)
    policy = replace(POLICY, routes=routes, ignored=(Ignored(device=("*/ionq/*",)),))
    [notice] = notices([at("80")], {}, policy, NOON)

    assert notice.notification.channel == "team-slack"


@pytest.mark.parametrize("before", ["SPENDING_LIMIT", "SPENDING_LIMIT half", "SPENDING_LIMIT 50", AS_90, "\n", "50 50"])
def test_a_remembered_status_that_is_damaged_or_of_another_version_is_lower_than_any(before: str) -> None:
    it = Memory(sent={key_of(OF_FORTE, "dm"): before, key_of(OF_FORTE, "team-slack"): before})

    assert [each.channel for each in it.sweep(at("50"))] == ["team-slack"]
    assert it.sweep(at("50")) == []


def test_a_notice_about_a_period_that_is_over_is_news_for_three_days() -> None:
    [late] = Memory().sweep(at("full", since=NOON - DAY, until=NOON - timedelta(minutes=3)))

    assert late.transition.snapshot.ended_at == NOON + 3 * DAY


def test_a_log_line_about_a_notice_has_no_amount() -> None:
    [found] = Memory().sweep(at("80"))

    assert found.about["status"] == "SPENDING_LIMIT 80"
    assert "500" not in str(found.about)


def test_a_notice_is_old_after_three_days_or_at_the_end_of_its_period() -> None:
    [long], [short] = (Memory().sweep(at("80", until=until)) for until in (None, NOON + DAY))

    assert long.transition.snapshot.ended_at == NOON + 3 * DAY
    assert short.transition.snapshot.ended_at == NOON + DAY


@pytest.mark.parametrize("word", [LIMIT, BUDGET])
@pytest.mark.parametrize("threshold", ["50", "80", "full"])
def test_the_push_line_has_the_share_and_no_amount(word: str, threshold: str) -> None:
    [found] = Memory().sweep(Reached(replace(OF_FORTE, name="ghz-scan", queued=Decimal(60)), threshold, word))

    message = message_of(found, POLICY, found.channel)

    assert "92 %" in message.push
    assert "$" not in message.push
    assert "$400 spent + $60 queued of " in message.headline
    assert len(message.push) <= PUSH


def test_the_push_line_names_a_person_to_that_person_only() -> None:
    of_person = Reached(replace(OF_FORTE, id="person", name="Anna", device=""), "80", BUDGET, "Anna")
    own, others = Memory(replace(POLICY, costs_to=("mail",))).sweep(of_person)

    assert message_of(own, POLICY, own.channel).push == "💰 Anna: 80 % of your budget is spent"
    assert message_of(others, POLICY, others.channel).push == "💰 80 % of a person's budget is spent"
    assert message_of(others, POLICY, others.channel).headline.startswith("💰 Anna: $400 spent of the $500 budget")


def test_words_of_a_budget_and_hostile_figures_are_shown_literally() -> None:
    [found] = Memory().sweep(Reached(replace(OF_FORTE, name="<!channel>\u202e ghz\n" * 20), "80", BUDGET))
    shown = found.transition.snapshot
    broken = replace(shown, tags={**shown.tags, "#spent": "1e999999999", "#amount": "NaN"})

    message = message_of(replace(found, transition=replace(found.transition, snapshot=broken)), POLICY, "team-slack")

    assert message.headline.startswith("💰 <!channel> ghz <!channel> ghz")
    assert "\n" not in message.headline
    assert "$0 spent of the $0 budget" in message.headline


def test_destinations_are_named_once() -> None:
    policy = replace(POLICY, costs_to=("mail", "mail"), routes=(Route(("mail",), status=("SPENDING_LIMIT",)),))
    [found] = notices([at("80")], {}, policy, NOON)

    assert destinations(at("80"), found.notification.transition.snapshot, policy) == ("mail",)
