"""Outages and refusals that somebody mends end by themselves: no redrive, no flood, at most one marked repeat."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.https import endpoint
from braket_notifier.adapters.memory.ledger import MemoryLedger, MemoryLedgerRow
from braket_notifier.adapters.slack import channels
from braket_notifier.domain.notification import Notification, Wake
from braket_notifier.domain.policy import Policy, Quiet
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import DeferError, MendableError, UnacknowledgedError
from braket_notifier.sending.channel_lease import HealthRow
from braket_notifier.sending.health import HEALTHY
from braket_notifier.sending.ports import Finished
from braket_notifier.sending.retry import LONGEST_BACK_OFF_S
from braket_notifier.sending.sqs_batch import MOST_RECEIVES
from tests.long.outage_world import OUTAGES, SERVICES, OutageWorld, answered, sns_error

if TYPE_CHECKING:
    from braket_notifier.sending.claims import Sender

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
DURATIONS = {"10 min": 10 * MINUTE, "20 min": 20 * MINUTE, "1 h": HOUR, "4 h": 4 * HOUR, "24 h": 24 * HOUR}
KINDS = ("bot", "webhook", "email", "topic")
#: The ends of one run: some are sent before the outage, most come during it.
ENDS = 24
#: The ends of a run over days, in which each record is received every minute or so.
FEW = 6
World = Callable[[str], OutageWorld]
End = Callable[..., Notification]


@pytest.fixture
def world(policy: Policy, noon: datetime, monkeypatch: pytest.MonkeyPatch) -> World:
    def build(kind: str) -> OutageWorld:
        built = OutageWorld(policy, noon, kind)
        monkeypatch.setattr(channels, "call", built.service.slack)
        monkeypatch.setattr(endpoint, "call", built.service.service)
        return built

    return build


@pytest.fixture
def end(a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition], noon: datetime) -> End:
    def build(number: int, after: timedelta = timedelta(0)) -> Notification:
        tags = {"Name": f"ghz-{number}", "batch": f"b{number % 3}"}
        return Notification(a_transition(a_task("COMPLETED", number, ended_at=noon + after, tags=tags)), "team-slack")

    return build


def rows(world: OutageWorld) -> list[MemoryLedgerRow]:
    assert isinstance(world.ledger, MemoryLedger)
    return list(world.ledger.rows.values())


def healed(world: OutageWorld, count: int) -> None:
    """Everything was delivered, with at most one marked repeat of each."""
    assert world.undelivered == []
    assert {row.state for row in rows(world)} == {"DELIVERED"}
    assert len(world.service.shown) == count
    assert max(world.service.copies.values()) <= 2
    assert world.service.unmarked_repeats() == []
    assert not world.leases.health([world.name])[world.name].down_since
    assert max(world.received) <= MOST_RECEIVES  # SQS gives up after a thousand


def outlasts(world: OutageWorld, end: End, outage: str, lasts: timedelta, count: int) -> None:
    """Ends come before an outage, during it and after it, and all of them are delivered."""
    world.fails(outage, world.now + 2 * MINUTE, world.now + 2 * MINUTE + lasts)
    for number in range(count):
        after = (lasts + 4 * MINUTE) * number / count
        world.put(end(number, after), after)

    world.runs(48 * HOUR + lasts)

    healed(world, count)


def most_probes(lasts: timedelta) -> int:
    """Ten while the wait doubles, then at least nine tenths of the longest wait apart."""
    return 11 + int(lasts.total_seconds() / (0.9 * LONGEST_BACK_OFF_S))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("outage", OUTAGES)
@pytest.mark.parametrize("lasts", DURATIONS)
def test_an_outage_gives_nothing_up_and_repeats_each_notification_once_at_most(
    world: World, end: End, kind: str, outage: str, lasts: str
) -> None:
    channel, duration = world(kind), DURATIONS[lasts]
    outlasts(channel, end, outage, duration, ENDS)

    assert channel.service.probes <= most_probes(duration)
    assert channel.service.posts <= 4 * ENDS  # cards are edited and answered


@pytest.mark.parametrize("kind", SERVICES)
@pytest.mark.parametrize("outage", ["503", "DNS", "429"])
@pytest.mark.parametrize("lasts", ["20 min", "3 days"])
def test_a_service_that_accepts_nothing_for_three_days_gets_each_notification_once(
    world: World, end: End, kind: str, outage: str, lasts: str
) -> None:
    """Three days are nearly the horizon after which a channel that is down is given up."""
    channel, duration, ends = world(kind), *((72 * HOUR - 30 * MINUTE, FEW) if lasts == "3 days" else (HOUR / 3, ENDS))
    outlasts(channel, end, outage, duration, ends)

    assert max(channel.service.copies.values()) == 1
    tries = channel.service.probes + (0 if kind == "discord" else channel.service.posts - ends)
    assert tries <= 2 * most_probes(duration)


@pytest.mark.parametrize("outage", OUTAGES)
@pytest.mark.parametrize("lasts", ["10 min", "4 h"])
def test_an_outage_of_discord_repeats_each_notification_once_at_most(
    world: World, end: End, outage: str, lasts: str
) -> None:
    channel, duration = world("discord"), DURATIONS[lasts]
    outlasts(channel, end, outage, duration, ENDS)


@pytest.mark.parametrize("kind", ["teams", "signed"])
def test_a_service_without_a_probe_that_accepts_without_an_answer_gets_one_marked_repeat_in_each_back_off(
    world: World, end: End, kind: str
) -> None:
    """A message is the probe there."""
    channel = world(kind)
    channel.fails("timeout", channel.now, channel.now + HOUR)
    for number in range(FEW):
        channel.put(end(number), number * MINUTE)

    channel.runs(48 * HOUR)

    assert channel.undelivered == []
    assert len(channel.service.copies) == FEW
    assert channel.service.unmarked_repeats() == []
    assert channel.service.copies.total() - FEW <= most_probes(HOUR)


@pytest.mark.parametrize(("kind", "minutes"), [("bot", 17), ("webhook", 32), ("email", 32), ("topic", 15)])
def test_after_an_outage_everything_is_sent_soon(world: World, end: End, kind: str, minutes: int) -> None:
    """A back-off of a quarter of an hour, then the interval of digests where nothing can be edited."""
    channel = world(kind)
    channel.fails("503", channel.now, channel.now + 4 * HOUR)
    for number in range(ENDS):
        channel.put(end(number, number * 10 * MINUTE), number * 10 * MINUTE)

    channel.runs(4 * HOUR + minutes * MINUTE)

    healed(channel, ENDS)


@pytest.mark.parametrize("kind", ["teams", "signed"])
@pytest.mark.parametrize("outage", ["500 after accepting", "timeout", "reset"])
@pytest.mark.parametrize(("minutes", "most"), [(20, 5), (4 * 60, 22), (71 * 60, 322)])
def test_a_channel_without_a_probe_repeats_a_message_that_nobody_acknowledges_ever_less_often(
    world: World, end: End, kind: str, outage: str, minutes: int, most: int
) -> None:
    """Seen: a workflow that shows what it does not acknowledge got one message 26 times in four hours."""
    channel = world(kind)
    channel.fails(outage, channel.now, channel.now + minutes * MINUTE)
    for number in range(FEW):
        channel.put(end(number, minutes * number * MINUTE / FEW), minutes * number * MINUTE / FEW)

    channel.runs(minutes * MINUTE)
    assert 2 < len(channel.service.accepted) <= most

    channel.runs(32 * MINUTE)  # the last wait, then the interval of digests
    assert channel.undelivered == []
    assert len(channel.service.shown) == FEW
    assert channel.service.unmarked_repeats() == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("outage", ["503", "timeout"])
def test_a_thousand_waiting_ends_cause_one_probe_in_each_back_off(
    world: World, end: End, kind: str, outage: str
) -> None:
    channel, lasts = world(kind), 4 * HOUR
    channel.fails(outage, channel.now, channel.now + lasts)
    for number in range(1000):
        channel.put(end(number))

    channel.runs(lasts - MINUTE)

    probes, posts = channel.service.probes, channel.service.posts
    assert posts <= 2  # the message that found the outage
    assert 10 < probes <= most_probes(lasts)
    assert len(rows(channel)) <= 4  # nothing is claimed in vain
    assert all(row.doubts <= 1 for row in rows(channel))

    channel.runs(48 * HOUR)

    healed(channel, 1000)


@pytest.mark.parametrize("lasts", DURATIONS)
@pytest.mark.parametrize(("kind", "only"), [("bot", "chat.postMessage"), ("email", "publish"), ("topic", "publish")])
def test_a_service_that_fails_in_its_messages_alone_loses_nothing_within_a_day(
    world: World, end: End, kind: str, only: str, lasts: str
) -> None:
    """Its probe succeeds, so each attempt counts, and the ten of one notification take longer than a day."""
    channel = world(kind)
    channel.fails("503", channel.now, channel.now + DURATIONS[lasts], only=[only])
    channel.put(end(1))

    channel.runs(48 * HOUR + DURATIONS[lasts])

    healed(channel, 1)
    assert channel.service.posts <= 10


@pytest.mark.parametrize("kind", ["webhook", "topic"])
def test_an_outage_ends_by_itself_over_dynamodb_too(
    world: World, end: End, table: Callable[[str], Table], kind: str
) -> None:
    channel = world(kind)
    rows = table("deliveries")
    channel.ledger, channel.leases = DynamoLedger(rows, in_order=kind == "webhook"), DynamoChannelLeases(rows)
    channel.fails("timeout", channel.now, channel.now + HOUR)
    ends = [replace(end(number), channel=channel.name) for number in range(3)]
    for each in ends:
        channel.put(each)

    channel.runs(HOUR - MINUTE)
    down = channel.leases.health([channel.name])[channel.name]
    channel.runs(2 * HOUR)

    assert (down.down_since, down.cause) == (end(0).transition.at, "ambiguous")
    assert channel.service.probes <= most_probes(HOUR)
    assert channel.undelivered == []
    assert [channel.ledger.progress(each).end for each in ends] == [Finished("DELIVERED")] * 3
    assert channel.service.unmarked_repeats() == []
    assert channel.leases.health([channel.name]) == {channel.name: HEALTHY}


# --- refusals that somebody mends ----------------------------------------------------------------------------------

#: The kind of channel, its refusal, and the calls that it concerns (none: all).
MENDABLE: dict[str, tuple[str, Callable[[], Any], tuple[str, ...]]] = {
    "a page without a word": ("bot", lambda: answered(403, "<html>Blocked</html>"), ()),
    "a page without a word, webhook": ("webhook", lambda: answered(404, "<html>Not found</html>"), ()),
    "a redirect": ("bot", lambda: answered(302, Location="/elsewhere"), ()),
    "a redirect, webhook": ("webhook", lambda: answered(302, Location="/elsewhere"), ()),
    "an unknown word": ("bot", lambda: answered(200, '{"ok":false,"error":"a_new_word"}'), ()),
    "an unknown word about messages": (
        "bot",
        lambda: answered(200, '{"ok":false,"error":"x_y"}'),
        ("chat.postMessage",),
    ),
    "an unknown word, webhook": ("webhook", lambda: answered(400, "a_new_word"), ()),
    "not_in_channel": ("bot", lambda: answered(200, '{"ok":false,"error":"not_in_channel"}'), ("chat.postMessage",)),
    "invalid_auth": ("bot", lambda: answered(200, '{"ok":false,"error":"invalid_auth"}'), ()),
    "token_revoked": ("bot", lambda: answered(200, '{"ok":false,"error":"token_revoked"}'), ()),
    "is_archived": ("bot", lambda: answered(200, '{"ok":false,"error":"is_archived"}'), ("chat.postMessage",)),
    "missing_scope": ("bot", lambda: answered(200, '{"ok":false,"error":"missing_scope"}'), ("chat.postMessage",)),
    "no_active_hooks": ("webhook", lambda: answered(404, "no_active_hooks"), ()),
    "channel_is_archived": ("webhook", lambda: answered(410, "channel_is_archived"), ()),
    "missing SNS rights": ("email", lambda: sns_error("AuthorizationError", 403), ()),
    "missing SNS rights, topic": ("topic", lambda: sns_error("AuthorizationError", 403), ("publish",)),
    "no such topic": ("topic", lambda: sns_error("NotFound", 404), ()),
    "a disabled key": ("email", lambda: sns_error("KMSDisabled", 400), ("publish",)),
}


@pytest.mark.parametrize("cause", MENDABLE)
@pytest.mark.parametrize("hours", [1, 71])
def test_delivery_resumes_after_the_cause_of_a_refusal_ends_without_a_redrive(
    world: World, end: End, cause: str, hours: int
) -> None:
    kind, failure, only = MENDABLE[cause]
    channel, lasts, ends = world(kind), hours * HOUR, ENDS if hours == 1 else FEW
    channel.refuses(failure, only)
    for number in range(ends):
        channel.put(end(number, lasts * number / ends), lasts * number / ends)

    channel.runs(lasts)
    down = channel.leases.health([channel.name])[channel.name]
    posts, probes = channel.service.posts, channel.service.probes
    channel.mend()
    channel.runs(20 * MINUTE)
    first = len(channel.service.copies)
    channel.runs(2 * HOUR)

    assert (down.cause, channel.service.copies.most_common(1)[0][1]) == ("mendable", 1)
    assert first > 0
    assert posts + probes <= 2 * most_probes(lasts)
    assert posts + probes >= lasts / (15 * MINUTE)  # at least every quarter of an hour
    healed(channel, ends)


def test_a_wake_probes_a_mended_channel_before_its_back_off_ends(world: World, end: End) -> None:
    """`secret set` and `settings wake` wake the channel so."""
    channel = world("bot")
    channel.refuses(lambda: answered(200, '{"ok":false,"error":"invalid_auth"}'))
    for number in range(4):
        channel.put(end(number))
    channel.runs(4 * HOUR + MINUTE)
    before = channel.leases.health([channel.name])[channel.name]
    channel.mend()

    channel.queue.put(Wake(channel.name, mended=True), channel.now)
    channel.runs(5 * SECOND)

    after = channel.leases.health([channel.name])[channel.name]
    assert (before.closed, after.closed) == (True, False)
    channel.runs(20 * MINUTE)
    healed(channel, 4)


@pytest.mark.parametrize("cause", MENDABLE)
def test_a_channel_that_nobody_mends_is_given_up_after_72_hours_with_one_attempt_each(
    world: World, end: End, cause: str
) -> None:
    kind, failure, only = MENDABLE[cause]
    channel = world(kind)
    channel.refuses(failure, only)
    for number in range(FEW):
        channel.put(end(number))

    channel.runs(72 * HOUR)
    before, given_up = channel.service.posts, len(channel.undelivered)
    channel.runs(8 * HOUR)  # some were claimed for the first time after six hours, when they were late

    assert given_up == 0
    assert channel.undelivered == ["not accepted for 72 hours"] * FEW
    assert channel.service.posts - before <= FEW + 8 * 4 + 4
    assert not channel.queue.records
    assert max(channel.received) <= MOST_RECEIVES  # SQS gives up after a thousand


def test_an_end_that_comes_late_to_a_dead_channel_is_kept_for_72_hours_of_its_own(world: World, end: End) -> None:
    channel = world("bot")
    channel.refuses(lambda: answered(200, '{"ok":false,"error":"token_revoked"}'))
    channel.put(end(1))
    channel.put(end(2, 71 * HOUR), 71 * HOUR)

    channel.runs(80 * HOUR)
    posts, first = channel.service.posts, list(channel.undelivered)
    channel.runs(60 * HOUR)
    channel.mend()
    channel.runs(HOUR)

    assert len(first) == 1
    assert posts == 2
    assert len(channel.undelivered) == 1
    assert len(channel.service.copies) == 1


@pytest.mark.parametrize("kind", ["bot", "webhook", "email"])
def test_what_a_hold_gathered_is_repeated_once_at_most_in_an_outage_of_days_without_acknowledgements(
    world: World, end: End, kind: str
) -> None:
    """Seen: from the 73rd hour on, a digest was accepted and repeated every quarter of an hour."""
    channel = world(kind)
    channel.fails("timeout", channel.now, channel.now + 160 * HOUR)
    channel.put(end(0))
    channel.runs(50 * HOUR)
    muted(channel, channel.now + 4 * HOUR)
    for number in range(1, 4):
        channel.put(end(number, 50 * HOUR))

    channel.runs(100 * HOUR)

    assert channel.service.shown == {each.notification.id for each in rows(channel)}
    assert max(channel.service.copies.values()) <= 2
    assert channel.service.unmarked_repeats() == []
    assert len(channel.undelivered) == 4


def test_time_in_which_the_function_does_not_run_gives_nothing_up(world: World, end: End) -> None:
    channel = world("topic")
    channel.refuses(lambda: sns_error("AuthorizationError", 403))
    for number in range(ENDS):
        channel.put(end(number))

    channel.runs(2 * HOUR)
    channel.now += 100 * HOUR
    channel.runs(2 * HOUR)
    channel.mend()
    channel.runs(HOUR)

    healed(channel, ENDS)


# --- outages and holds ---------------------------------------------------------------------------------------------


def muted(world: OutageWorld, until: datetime | None) -> None:
    world.policy = replace(world.policy, muted_until={world.name: until} if until else {})


@pytest.mark.parametrize("kind", ["bot", "webhook", "email"])
def test_a_wake_of_a_muted_channel_that_is_down_waits_for_the_end_of_the_mute(
    world: World, end: End, kind: str
) -> None:
    """Seen: nobody probes a muted channel, so the wake came again each second until its queue gave it up."""
    channel = world(kind)
    channel.fails("503", channel.now + 9 * timedelta(seconds=1), channel.now + 9 * HOUR)
    for number in range(ENDS):
        channel.put(end(number))
    channel.runs(20 * MINUTE)
    over = channel.now + 7 * HOUR
    muted(channel, over)
    channel.queue.put(Wake(channel.name), channel.now)

    channel.runs(over - channel.now - MINUTE)
    wakes = [each for each in channel.queue.records.values() if isinstance(each.content, Wake)]
    channel.runs(4 * HOUR)

    assert [each.visible_at and each.visible_at >= over for each in wakes] == [True]
    assert max(each.receives for each in wakes) < 5
    healed(channel, ENDS)


def test_a_wake_probes_in_quiet_hours_for_what_passes_them(world: World, end: End) -> None:
    """Seen: a wake never probed in a hold, but put the group off, so that a mended channel stayed down for hours."""
    channel = world("email")  # whose first notifications wait in a group
    hours = Quiet(time(0), time(23, 59), ("FAILED",))
    channel.policy = replace(channel.policy, quiet={channel.name: hours})
    channel.refuses(lambda: sns_error("AuthorizationError", 403))
    for number in range(3):
        channel.put(failed(end(number)))
    channel.runs(8 * HOUR)
    channel.loses_records()
    channel.next_sweep = channel.now
    channel.mend()

    channel.runs(31 * MINUTE)

    healed(channel, 3)


def failed(notification: Notification) -> Notification:
    transition = notification.transition
    snapshot = replace(transition.snapshot, status="FAILED")
    return replace(notification, transition=replace(transition, status="FAILED", snapshot=snapshot))


def test_a_task_of_a_hybrid_job_is_left_to_it_in_a_muted_channel_that_is_down(
    world: World, end: End, a_task: Callable[..., Snapshot], a_job: Callable[..., Snapshot]
) -> None:
    channel = world("webhook")
    channel.refuses(lambda: answered(404, "no_active_hooks"))
    channel.put(end(1))
    channel.runs(HOUR)
    muted(channel, channel.now + 9 * HOUR)
    failed = a_task("FAILED", 7, job_arn=a_job().arn.text)
    task = Notification(replace(end(7).transition, snapshot=failed, status="FAILED"), channel.name, silent=True)
    channel.put(task)

    channel.runs(HOUR)

    assert {row.state for row in rows(channel) if row.notification.id == task.id} == {"SUPERSEDED"}
    assert max(channel.received) < 60  # once in 75 s while somebody may mend the channel


@pytest.mark.parametrize("kind", KINDS)
def test_wakes_of_a_channel_that_is_down_cause_no_probe_beside_the_one_of_each_back_off(
    world: World, end: End, kind: str
) -> None:
    """Seen: wakes more than ten seconds apart each probed the channel."""
    channel = world(kind)
    channel.fails("503", channel.now, channel.now + 9 * HOUR)
    channel.put(end(1))
    for number in range(600):
        channel.queue.put(Wake(channel.name), channel.now + HOUR + number * 11 * SECOND)

    channel.runs(4 * HOUR)

    assert channel.service.probes <= most_probes(4 * HOUR)


@pytest.mark.parametrize("apart", [SECOND, 11 * SECOND])
@pytest.mark.parametrize("kind", KINDS)
def test_commands_in_a_row_probe_a_channel_that_is_down_twice_a_minute_at_most(
    world: World, end: End, kind: str, apart: timedelta
) -> None:
    channel = world(kind)
    channel.refuses(lambda: answered(404, "no_active_hooks") if channel.type == "slack" else sns_error("NotFound", 404))
    channel.put(end(1))
    channel.runs(4 * HOUR + MINUTE)
    before = channel.service.probes
    for number in range(20):
        channel.queue.put(Wake(channel.name, mended=True), channel.now + number * apart)

    channel.runs(20 * apart)

    assert 1 <= channel.service.probes - before <= 1 + 20 * apart / (30 * SECOND)


#: The kind of channel, and the refusal that a command mends.
MENDED: dict[str, Callable[[], Any]] = {
    "bot": lambda: answered(200, '{"ok":false,"error":"token_revoked"}'),
    "webhook": lambda: answered(404, "no_active_hooks"),
    "email": lambda: sns_error("AuthorizationError", 403),
    "topic": lambda: sns_error("KMSDisabled", 400),
    **dict.fromkeys(SERVICES, lambda: answered(404)),
    "handler": lambda: MendableError("custom/programs.py cannot be imported"),
}


@pytest.mark.parametrize("kind", MENDED)
@pytest.mark.parametrize("after", [4 * HOUR + 10 * SECOND, 4 * HOUR + 200 * SECOND, 4 * HOUR + 700 * SECOND, 9 * HOUR])
def test_every_channel_delivers_within_two_minutes_of_the_command_that_mends_it(
    world: World, end: End, kind: str, after: timedelta
) -> None:
    """Seen: records that were in no group waited for the end of their own back-off, as all of a topic's did."""
    channel = world(kind)
    channel.refuses(MENDED[kind])
    for number in range(2):
        channel.put(end(number))
    channel.put(end(2, after - 3 * MINUTE), after - 3 * MINUTE)
    channel.runs(after)
    channel.mend()
    channel.queue.put(Wake(channel.name, channel.now, mended=True), channel.now)

    channel.runs(2 * MINUTE if after < 6 * HOUR else 3 * MINUTE)  # late news gather for a minute

    if kind == "email":  # after the first one, others are one digest in a quarter of an hour
        assert channel.service.shown
    else:
        assert len(channel.service.shown) == 3
    channel.runs(HOUR)
    healed(channel, 3)


def test_a_group_that_the_channel_refused_is_sent_within_two_minutes_of_the_command(world: World, end: End) -> None:
    """Its message was refused, so its next try was up to a quarter of an hour away."""
    channel = world("webhook")
    for number in range(0, 21, 3):  # one batch: three messages and a digest
        channel.put(end(number))
    channel.runs(5 * SECOND)
    channel.refuses(MENDED["webhook"])
    channel.runs(4 * HOUR)
    channel.mend()
    channel.queue.put(Wake(channel.name, channel.now, mended=True), channel.now)

    channel.runs(2 * MINUTE)

    assert len(channel.service.shown) == 7


def test_a_sender_of_a_topic_waits_half_a_minute_at_most_for_the_probe_of_another_one(world: World, end: End) -> None:
    """Seen: the probe reserved a whole back-off, so what the second sender had put back came half an hour late."""
    channel = world("topic")
    channel.refuses(MENDED["topic"])
    channel.put(end(1))
    channel.runs(4 * HOUR)
    channel.now = channel.health.next_try or channel.now
    channel.mend()
    probing, other = HealthRow(channel.leases, channel.name, channel.clock, channel.health), channel.sender()
    assert probing.reserve_probe()  # and its sender dies

    with pytest.raises(DeferError) as waits:
        cast("Sender", other).admitted(None)
    channel.runs(MINUTE)

    assert waits.value.seconds <= 30
    healed(channel, 1)


@pytest.mark.parametrize("days", [4, 13, 30])
@pytest.mark.parametrize("outage", ["429", "503"])
@pytest.mark.parametrize("kind", ["bot", "webhook", "email"])
def test_a_mute_after_one_refusal_gives_nothing_up_although_the_first_attempt_after_it_fails(
    world: World, end: End, kind: str, outage: str, days: int
) -> None:
    """Seen: one 429, then a mute of four days: never sent."""
    channel, over = world(kind), timedelta(days=days)
    channel.fails(outage, channel.now, channel.now + 2 * SECOND)
    for number in range(4):
        channel.put(end(number))
    channel.runs(SECOND)
    muted(channel, channel.now + over)
    channel.runs(over - SECOND)
    posts = channel.service.posts
    channel.fails(outage, channel.now, channel.now + HOUR)

    channel.runs(2 * HOUR)

    assert posts == 1
    healed(channel, 4)


@pytest.mark.parametrize("kind", ["bot", "webhook", "email"])
def test_what_a_mute_held_that_was_shortened_in_a_long_outage_is_sent_soon_after_it(
    world: World, end: End, kind: str
) -> None:
    """Seen: it was overdue by hours, so it was left to its records, which were hidden for half a day."""
    channel = world(kind)
    channel.fails("503", channel.now, channel.now + 8 * HOUR)
    channel.put(end(9))
    channel.runs(MINUTE)
    muted(channel, channel.now + 28 * HOUR)
    for number in range(4):
        channel.put(end(number))
    channel.runs(4 * HOUR)
    muted(channel, channel.now + HOUR)
    channel.queue.put(Wake(channel.name), channel.now)

    channel.runs(4 * HOUR + 31 * MINUTE)

    healed(channel, 5)


# --- lost records --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("news", [False, True])
@pytest.mark.parametrize("outage", ["503", "429", "timeout"])
@pytest.mark.parametrize("kind", ["bot", "webhook", "email"])
def test_what_waits_in_a_group_survives_the_loss_of_its_records_and_an_outage(
    world: World, end: End, kind: str, outage: str, news: bool
) -> None:
    """Seen: time in which the channel was down made the group so late that it was left to the records."""
    channel = world(kind)
    channel.next_sweep = channel.now + 4 * MINUTE
    for number in range(0, 21, 3):
        channel.put(end(number))
    channel.runs(7 * SECOND)  # single messages; the others wait for a card or a digest
    channel.fails(outage, channel.now, channel.now + 5 * HOUR)
    channel.loses_records()
    shown = len(channel.service.shown)
    if news:  # its record probes the channel
        channel.put(end(1, HOUR), HOUR)

    channel.runs(5 * HOUR + 40 * MINUTE)

    assert shown < 7
    assert len(channel.service.shown) == 7 + news
    assert channel.service.unmarked_repeats() == []
    assert channel.service.probes <= most_probes(5 * HOUR)
    assert channel.wakes < 10


def test_what_waits_in_a_group_is_sent_when_the_function_runs_again_although_its_records_are_lost(
    world: World, end: End
) -> None:
    """The sweep wanted the visit in time; nobody could send meanwhile."""
    channel = world("webhook")
    for number in range(0, 21, 3):
        channel.put(end(number))
    channel.runs(7 * SECOND)
    channel.loses_records()
    channel.queue.put(Wake(channel.name, channel.now + 17 * MINUTE), channel.now + 17 * MINUTE)
    channel.now += 5 * HOUR

    channel.runs(MINUTE)

    assert len(channel.service.shown) == 7


@pytest.mark.parametrize("kind", [*KINDS, "handler"])
@pytest.mark.parametrize("outage", ["503", "timeout"])
def test_a_channel_without_records_is_not_down_after_its_outage(world: World, end: End, kind: str, outage: str) -> None:
    """Seen: nobody tried a channel whose queue had been emptied, so the alarm stayed on for ever."""
    channel = world(kind)
    channel.next_sweep = channel.now + 4 * MINUTE
    channel.fails(outage, channel.now, channel.now + 3 * HOUR)
    if kind == "handler":
        channel.service.failure = lambda: UnacknowledgedError("ValueError in custom/programs.py")
    channel.put(end(1))
    channel.runs(MINUTE)
    channel.loses_records()
    down = channel.health

    channel.runs(4 * HOUR + 30 * MINUTE)

    assert down.down_since
    assert channel.health == HEALTHY
    assert channel.service.probes <= most_probes(3 * HOUR)
    assert not channel.queue.records


def test_the_sweep_leaves_a_muted_channel_that_is_down_to_its_mute(world: World, end: End) -> None:
    channel = world("webhook")
    channel.next_sweep = channel.now + 4 * MINUTE
    channel.fails("503", channel.now, channel.now + 9 * HOUR)
    channel.put(end(1))
    channel.runs(MINUTE)
    muted(channel, channel.now + 8 * HOUR)

    channel.runs(7 * HOUR)
    in_the_mute = channel.wakes
    channel.runs(4 * HOUR)

    assert in_the_mute == 0
    healed(channel, 1)


def test_two_groups_of_one_wake_are_both_sent_after_the_outage_that_stopped_the_first(world: World, end: End) -> None:
    """The first group's message finds the outage; the second one must not be left to its lost records."""
    channel = world("bot")
    channel.policy = replace(channel.policy, flood_after=11)
    for number in range(12):
        channel.put(end(number))
    channel.runs(8 * SECOND)
    channel.loses_records()
    shown = len(channel.service.shown)
    channel.now += 5 * MINUTE
    channel.fails("503", channel.now, channel.now + 3 * HOUR)
    channel.queue.put(Wake(channel.name, channel.now), channel.now)

    channel.runs(3 * HOUR + 20 * MINUTE)

    assert shown < 12
    assert len([key for key, group in channel.groups.groups.items() if group.card]) > 1
    assert len(channel.service.shown) == 12
    assert channel.service.unmarked_repeats() == []


# --- handlers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lasts", "delivered"), [(23 * HOUR, 3), (30 * HOUR, 0)])
def test_a_handler_that_raises_is_called_again_for_a_day(
    world: World, end: End, lasts: timedelta, delivered: int
) -> None:
    channel = world("handler")
    channel.fails("503", channel.now, channel.now + lasts)
    channel.service.accepts = False
    channel.service.failure = lambda: UnacknowledgedError("ValueError in custom/mine.py, line 2")
    for number in range(3):
        channel.put(end(number))

    channel.runs(48 * HOUR)

    assert len(channel.service.copies) == delivered
    assert channel.undelivered == ["not accepted for 24 hours"] * (3 - delivered)
    assert channel.service.calls["publish"] <= 3 * 130
    assert channel.service.probes == 0


def test_a_handler_s_failure_holds_back_no_other_notification(world: World, end: End) -> None:
    channel = world("handler")
    failing = replace(end(1), channel=channel.name).id
    channel.service.down = (channel.now, None)
    channel.service.failure = lambda: (
        UnacknowledgedError("ValueError") if channel.service.sending[0] == (failing,) else None
    )
    for number in range(3):
        channel.put(end(number))

    channel.runs(MINUTE)

    assert [each.id for each in channel.queue.contents if isinstance(each, Notification)] == [failing]
    assert sorted(row.state for row in rows(channel)) == ["CLAIMED", "DELIVERED", "DELIVERED"]
