"""While a channel is down its fallback gets its messages, once, and the channel shows them in one silent digest."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from braket_notifier.adapters.https import endpoint
from braket_notifier.adapters.slack import channels
from braket_notifier.domain.notification import Notification, Wake
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.transition import Transition
from braket_notifier.grouping.keys import AWAY
from braket_notifier.rendering.compose import message_of
from braket_notifier.sending.fallback import for_team, is_for_team
from tests.long.fallback_world import FallbackWorld, announcements, away, is_announced, shown
from tests.long.outage_world import answered
from tests.unit.grouping.channel_world import OfNewerVersion

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
End = Callable[..., Notification]
World = Callable[..., FallbackWorld]
FIFTY = 50


@pytest.fixture
def world(policy: Policy, noon: datetime, monkeypatch: pytest.MonkeyPatch) -> World:
    def build(slack: str = "bot", now: datetime = noon) -> FallbackWorld:
        built = FallbackWorld(policy, now, slack)
        monkeypatch.setattr(channels, "call", built.slack.service.slack)
        monkeypatch.setattr(endpoint, "call", built.slack.service.service)
        return built

    return build


@pytest.fixture
def end(a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition]) -> End:
    def build(number: int, at: datetime, status: str = "COMPLETED", *, silent: bool = False) -> Notification:
        tags = {"Name": f"ghz-{number}", "batch": f"b{number % 3}"}
        return Notification(a_transition(a_task(status, number, ended_at=at, tags=tags)), "team-slack", silent)

    return build


def word(error: str) -> Callable[[], Any]:
    """An answer of Slack's Web API."""
    return lambda: answered(200, f'{{"ok":false,"error":"{error}"}}')


#: Refusals that somebody must mend: the kind of Slack channel, and its answer.
MENDABLE = {
    "token_revoked": ("bot", word("token_revoked")),
    "channel_not_found": ("bot", word("channel_not_found")),
    "is_archived": ("bot", word("is_archived")),
    "no_active_hooks": ("webhook", lambda: answered(404, "no_active_hooks")),
    "a deleted webhook of Discord": ("discord", lambda: answered(404, '{"code":10015}')),
    "a deleted workflow": ("teams", lambda: answered(404, '{"error":{"code":"WorkflowNotFound"}}')),
    "a receiver that is gone": ("signed", lambda: answered(410)),
}


def mends(world: FallbackWorld) -> None:
    """Do what `secret set` and `settings wake` do."""
    world.slack.mend()
    world.slack.queue.put(Wake(world.slack.name, world.now, mended=True), world.now)


@pytest.mark.parametrize("refusal", MENDABLE)
def test_fifty_ends_of_a_channel_that_is_down_reach_its_fallback_and_one_silent_digest_afterwards(
    world: World, end: End, refusal: str
) -> None:
    kind, failure = MENDABLE[refusal]
    pair = world(kind)
    pair.slack.refuses(failure)
    began = pair.now
    for number in range(FIFTY):
        pair.slack.put(end(number, began + number * 10 * SECOND), number * 10 * SECOND)

    pair.runs(HOUR)

    assert set(shown(pair.mail).values()) == {1}
    assert len(shown(pair.mail)) == FIFTY
    assert pair.mail.service.posts <= 8  # three groups, an e-mail each in fifteen minutes
    assert len(announcements(pair.mail)) == 1
    assert announcements(pair.mail)[0] - began < MINUTE
    assert pair.slack.service.accepted == []

    mends(pair)
    pair.runs(2 * MINUTE)

    [digest] = away(pair.slack)
    assert (len(digest.news), digest.mentions) == (FIFTY, False)
    assert len(pair.slack.service.accepted) == 1
    pair.runs(12 * HOUR)
    assert len(pair.slack.service.accepted) == 1
    assert [set(shown(each).values()) for each in pair.both] == [{1}, {1}]
    assert pair.slack.undelivered + pair.mail.undelivered == []
    assert not pair.slack.queue.records
    assert not pair.mail.queue.records


def test_a_channel_that_is_down_over_midnight_is_announced_once_in_24_hours(world: World, end: End) -> None:
    """Two and a half days: at the first refusal, a day later and two days later."""
    pair = world(now=datetime(2026, 11, 20, 22, 30, tzinfo=UTC))
    pair.slack.refuses(word("token_revoked"))
    began = pair.now
    for number in range(60):
        pair.slack.put(end(number, began + number * HOUR), number * HOUR)

    pair.runs(60 * HOUR)

    times = announcements(pair.mail)
    assert [round((at - began) / HOUR) for at in times] == [0, 24, 48]
    assert min(after - before for before, after in pairwise(times)) >= 24 * HOUR - MINUTE
    assert len(shown(pair.mail)) == 60

    mends(pair)
    pair.runs(2 * MINUTE)

    assert [len(each.news) for each in away(pair.slack)] == [60]
    assert pair.slack.undelivered == []


def test_a_slack_that_answers_500_for_four_hours_loses_nothing_and_repeats_nothing_without_a_mark(
    world: World, end: End
) -> None:
    """What waits for more than three hours is passed on; later ends wait for Slack, because nobody can mend it."""
    pair = world()
    pair.slack.fails("503", pair.now, pair.now + 4 * HOUR)
    began = pair.now
    for number in range(FIFTY):
        pair.slack.put(end(number, began + number * 4 * MINUTE), number * 4 * MINUTE)

    pair.runs(3 * HOUR - MINUTE)
    assert pair.to_mail.put == []
    pair.runs(HOUR)

    passed_on = set(shown(pair.mail))
    assert 10 <= len(passed_on) < FIFTY
    assert len(announcements(pair.mail)) == 1
    pair.runs(24 * HOUR)

    assert set(shown(pair.mail).values()) == {1}
    assert set(shown(pair.slack).values()) == {1}
    assert len(shown(pair.slack)) == FIFTY
    [digest] = [each for each in away(pair.slack) if not each.mentions]
    assert passed_on <= {each.arn.text for each in digest.transitions}
    assert all(pair.slack.service.unmarked_repeats() == [] for each in pair.both)
    assert pair.slack.undelivered + pair.mail.undelivered == []


def test_an_e_mail_channel_without_a_confirmed_address_is_down_and_slack_gets_its_messages(
    world: World, end: End
) -> None:
    pair = world()
    pair.mail.confirms(confirmed=False)
    for number in range(FIFTY):
        pair.mail.put(end(number, pair.now))

    pair.runs(HOUR)

    assert pair.mail.service.calls == Counter()  # SNS would accept it and send nothing
    assert set(shown(pair.slack).values()) == {1}
    assert len(shown(pair.slack)) == FIFTY
    assert len(announcements(pair.slack)) == 1

    pair.mail.confirms(confirmed=True)
    pair.runs(20 * MINUTE)

    [digest] = away(pair.mail)
    assert (len(digest.news), digest.mentions) == (FIFTY, False)
    assert len(pair.mail.service.accepted) == 1


def test_what_the_fallback_s_own_routes_sent_is_not_sent_again(world: World, end: End) -> None:
    pair = world()
    pair.slack.refuses(word("token_revoked"))
    for number in range(3):
        failed = end(number, pair.now, "FAILED")
        pair.mail.put(failed)  # e-mail gets failures by its own routes
        pair.slack.put(failed)

    pair.runs(HOUR)

    assert set(shown(pair.mail).values()) == {1}
    assert len(shown(pair.mail)) == 3
    assert len(announcements(pair.mail)) == 1


def test_two_channels_that_are_both_down_pass_nothing_to_and_fro(world: World, end: End) -> None:
    pair = world()
    pair.slack.refuses(word("token_revoked"))
    pair.mail.confirms(confirmed=False)
    for number in range(3):
        pair.slack.put(end(number, pair.now))

    pair.runs(6 * HOUR)

    assert len(pair.to_mail.put) == 4  # with the announcement
    assert pair.to_slack.put == []
    assert all(each.health.down_since for each in pair.both)

    mends(pair)
    pair.mail.confirms(confirmed=True)
    pair.runs(HOUR)

    assert [len(shown(each)) for each in pair.both] == [3, 3]
    assert [set(shown(each).values()) for each in pair.both] == [{1}, {1}]


def test_a_channel_that_refuses_new_messages_and_accepts_edits_is_announced_once_in_six_hours(
    world: World, end: End
) -> None:
    """Each accepted edit of a card ends the outage, and the next refused message begins another one."""
    pair = world()
    began = pair.now
    for number in range(60):
        pair.slack.put(end(number * 3, began), number * SECOND)
    pair.runs(2 * MINUTE)
    pair.slack.refuses(word("restricted_action"), only={"chat.postMessage"})
    for number in range(200, 320):
        pair.slack.put(end(number, began + (number - 200) * MINUTE), (number - 200) * MINUTE)
    pair.runs(3 * HOUR)

    assert len(pair.slack.service.edited) > 10
    assert len(announcements(pair.mail)) == 1


@pytest.mark.parametrize("mail_is_down", [False, True], ids=["the mail works", "both are down"])
def test_what_a_person_is_refused_meets_a_team_s_channel_that_is_down_and_goes_to_its_fallback(
    world: World, end: End, mail_is_down: bool
) -> None:
    """Direct messages and the team's channel have the same dead token; `mail` gets name and status alone."""
    pair = world()
    pair.slack.refuses(word("token_revoked"))
    if mail_is_down:
        pair.mail.confirms(confirmed=False)
    pair.slack.put(replace(for_team(end(1, pair.now), "ghz-1"), passed_from="dm#ben"))
    pair.runs(HOUR)

    assert [(each.passed_from, is_for_team(each)) for each in pair.to_mail.put[1:]] == [("team-slack", True)]
    assert not any(each.transition.snapshot.terminal for each in pair.to_slack.put)
    assert len(shown(pair.mail)) == (not mail_is_down)

    mends(pair)
    pair.mail.confirms(confirmed=True)
    pair.runs(HOUR)
    assert [set(shown(each).values()) for each in pair.both] == [{1}, {1}]


def test_neither_a_silent_status_nor_a_refresh_nor_a_test_message_is_passed_on(world: World, end: End) -> None:
    pair = world()
    pair.slack.refuses(word("token_revoked"))
    invented = parse_arn("arn:aws:braket:us-east-1:012345678901:quantum-task/test-1")
    loud = end(3, pair.now)
    snapshot = replace(loud.transition.snapshot, arn=invented)
    pair.slack.put(replace(loud, transition=replace(loud.transition, snapshot=snapshot)))
    pair.slack.put(end(1, pair.now, "RUNNING", silent=True))
    pair.slack.put(replace(end(2, pair.now, "RUNNING"), refresh=True))

    pair.runs(6 * HOUR)

    assert pair.to_mail.put == []


def test_what_waits_in_quiet_hours_or_for_a_digest_is_not_passed_on(
    world: World, end: End, policy: Policy, noon: datetime
) -> None:
    """E-mail's digest waits for a quarter of an hour, the mute for six hours."""
    pair = world()
    muted = replace(policy, muted_until={"team-slack": noon + 6 * HOUR})
    pair.slack.policy = muted
    pair.slack.refuses(word("token_revoked"))
    pair.slack.put(end(1, pair.now))
    for number in range(2, 5):
        pair.mail.put(replace(end(number, pair.now), channel="mail"))

    pair.runs(5 * HOUR)
    assert pair.to_mail.put + pair.to_slack.put == []

    pair.runs(2 * HOUR)
    assert len(shown(pair.mail)) == 4  # the mute ended, and Slack refused the message


def test_the_fallback_s_own_quiet_hours_hold_what_it_gets(
    world: World, end: End, policy: Policy, noon: datetime
) -> None:
    pair = world()
    pair.mail.policy = replace(policy, muted_until={"mail": noon + 6 * HOUR})
    pair.slack.refuses(word("token_revoked"))
    for number in range(3):
        pair.slack.put(end(number, pair.now))

    pair.runs(6 * HOUR - MINUTE)
    assert pair.mail.service.accepted == []

    pair.runs(HOUR)
    assert len(shown(pair.mail)) == 3
    assert len(announcements(pair.mail)) == 1


@pytest.mark.parametrize(
    ("lasts", "push"),
    [
        (timedelta(0), "⚠ team-slack cannot be reached since 13:00 (token_revoked) · its messages come here meanwhile"),
        (6 * HOUR, "⚠ team-slack could not be reached at 13:00 (token_revoked) · its messages came here meanwhile"),
    ],
)
def test_an_announcement_that_a_hold_kept_claims_nothing_about_the_present(
    world: World, end: End, policy: Policy, noon: datetime, lasts: timedelta, push: str
) -> None:
    """Seen: at the end of quiet hours a mail asked for a new token of a channel that was back for five hours."""
    pair = world()
    pair.mail.policy = replace(policy, muted_until={"mail": noon + lasts})
    pair.slack.refuses(word("token_revoked"))
    pair.slack.put(end(1, pair.now))
    pair.runs(HOUR)
    pair.slack.mend()
    pair.runs(6 * HOUR)

    [announced] = [each for _, each in pair.mail.service.contents if is_announced(each)]
    message = message_of(announced, policy, "mail")
    assert message.push == push
    assert ("secret set" in message.command) is (not lasts)


@pytest.mark.parametrize("dies_at", ["enqueue", "mark"])
def test_a_crash_beside_the_enqueueing_to_the_fallback_loses_and_repeats_nothing(
    world: World, end: End, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    pair = world()
    pair.slack.refuses(word("token_revoked"))
    if dies_at == "enqueue":
        pair.to_mail.refuses = 1
    else:
        marks = iter([ConnectionError("the function was killed")])
        mark = pair.slack.ledger.passed_on

        def killed_once(notification: Notification, *, to: str, now: datetime) -> None:
            if error := next(marks, None):
                raise error
            mark(notification, to=to, now=now)

        monkeypatch.setattr(pair.slack.ledger, "passed_on", killed_once)
    pair.slack.put(end(1, pair.now))

    with pytest.raises(ConnectionError):
        pair.runs(HOUR)
    pair.slack.ends_lease()
    pair.runs(HOUR)

    assert shown(pair.mail) == Counter(dict.fromkeys(shown(pair.mail), 1))
    assert len(shown(pair.mail)) == 1
    assert len(announcements(pair.mail)) == 1
    mends(pair)
    pair.runs(HOUR)
    assert len(shown(pair.slack)) == 1


def test_what_waited_in_a_group_and_was_passed_on_is_shown_in_the_silent_digest_alone(world: World, end: End) -> None:
    """Four ends of one batch: three single messages, and the fourth waits for the card when the token is revoked."""
    pair = world()
    for number in range(5):
        pair.slack.put(replace(end(3 * number, pair.now)))
    pair.runs(5 * SECOND)
    before = len(shown(pair.slack))
    assert before == 3
    pair.slack.refuses(word("token_revoked"))

    pair.runs(HOUR)
    assert len(shown(pair.mail)) == 2
    mends(pair)
    pair.runs(HOUR)

    [digest] = away(pair.slack)
    assert (len(digest.news), digest.mentions) == (2, False)
    assert set(shown(pair.slack).values()) == {1}


def test_late_news_of_a_newer_version_keep_nothing_from_the_fallback_and_nothing_waits_for_that_version(
    world: World, end: End
) -> None:
    """Seen: after a rollback each record of a channel that was down waited as one of the newer version."""
    pair = world()
    pair.slack.groups = OfNewerVersion(newer=(AWAY,))
    pair.slack.refuses(word("token_revoked"))
    for number in range(4):
        pair.slack.put(end(number, pair.now))
    pair.runs(HOUR)
    before = Counter(shown(pair.mail))
    mends(pair)

    pair.runs(12 * HOUR)

    assert (len(before), len(announcements(pair.mail))) == (4, 1)
    assert [set(shown(each).values()) for each in pair.both] == [{1}, {1}]
    assert not pair.slack.queue.records
    assert not pair.mail.queue.records
