"""The counts of a story, from Braket's changes and the channels' accepted messages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from io import StringIO

import pytest
from rich.console import Console

from local.braket.emulator import Change
from local.braket.prices import price_list
from local.inbox.entries import Words
from local.inbox.inbox import Mail, Post
from local.run import show
from local.story.chapters import PRICED
from local.story.price import price_of
from local.story.tally import Acceptance, Expected, copies, id_of, is_in_channel, of_mail, of_post, percentile, tally

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ARN = "arn:aws:braket:us-east-1:000000000000:quantum-task/834b21ed-77a7-4b36-a90c-c776afc9a71e"
END: Expected = ("team-slack", ARN, "COMPLETED")


def changed(status: str = "COMPLETED", *, lost: bool = False) -> Change:
    return Change(ARN, "task", status, NOON, lost)


def accepted(expected: Expected = END, after_ms: float = 100) -> Acceptance:
    return Acceptance(id_of(expected), NOON + timedelta(milliseconds=after_ms))


@pytest.mark.parametrize(
    ("log", "line", "good"),
    [
        ([accepted()], "delivered=1 waiting=0 lost=0 repeated=0", True),
        ([], "delivered=0 waiting=0 lost=1 repeated=0", False),
        ([accepted(), accepted(after_ms=900)], "delivered=2 waiting=0 lost=0 repeated=1", False),
        # sent, but with another status
        ([accepted(("team-slack", ARN, "FAILED"))], "delivered=1 waiting=0 lost=1 repeated=0", False),
        # sent to a channel without a route
        ([accepted(), accepted(("mail", ARN, "COMPLETED"))], "delivered=2 waiting=0 lost=0 repeated=0", False),
    ],
)
def test_a_story_is_good_if_each_notification_is_delivered_once_and_no_other(
    log: list[Acceptance], line: str, good: bool
) -> None:
    result = tally([changed("QUEUED"), changed()], [END], log)

    assert line in result.line()
    assert result.line().startswith("transitions=2 ")
    assert result.good == good


def test_a_change_whose_events_were_lost_can_only_come_by_the_sweep() -> None:
    result = tally([changed("QUEUED", lost=True), changed(lost=True)], [END], [accepted(after_ms=5000)])

    assert (result.by_sweep, result.latencies_ms, result.sweep_latencies_ms) == (1, (), (5000.0,))
    assert result.line().endswith("by_sweep=1 posts=0 copies=0")


def test_a_run_prints_words_in_place_of_a_latency_that_no_notification_has() -> None:
    said, at_once, by_sweep = StringIO(), accepted(after_ms=704), changed(lost=True)
    for result in (
        tally([], [], []),
        tally([changed()], [END], [at_once]),
        tally([changed()], [END], [replace(at_once, digest=True)]),
        tally([by_sweep], [END], [at_once]),
    ):
        show(Console(file=said, width=100), result)
        said.write(result.line())

    assert "-1" not in said.getvalue()
    assert said.getvalue().count("no notification") == 3 + 2 + 2 + 2
    assert [said.getvalue().count(each) for each in ("704 ms", "0.7 s", "p50_ms=704")] == [4, 1, 2]


def test_a_story_fails_if_the_notifier_s_amount_is_not_the_price_by_the_list() -> None:
    priced = [price_of(PRICED, price_list(), recorded) for recorded in (Decimal("3.20"), Decimal("3.19"), None)]

    assert [each.line().partition(": ")[2] for each in priced] == [
        "$0.30 + 2,000 shots × $0.00145 = $3.20; the notifier says $3.20",  # noqa: RUF001 - as the run prints it
        "$0.30 + 2,000 shots × $0.00145 = $3.20; the notifier says $3.19",  # noqa: RUF001
        "$0.30 + 2,000 shots × $0.00145 = $3.20; the notifier has no amount",  # noqa: RUF001
    ]
    assert [tally([], [], [], mispriced=not each.is_recorded).good for each in priced] == [True, False, False]


def test_what_the_settings_hold_is_not_lost_and_what_no_route_promises_may_be_missing() -> None:
    warned: Expected = ("team-slack", ARN, "RUNNING")

    result = tally([changed()], [END], [], others=[warned], waiting=[id_of(END)])

    assert "delivered=0 waiting=1 lost=0 repeated=0" in result.line()
    assert result.good
    assert tally([changed()], [END], [accepted(), accepted(warned)], others=[warned]).good


def test_notifications_in_digests_have_latencies_of_their_own() -> None:
    in_digest = replace(accepted(("mail", ARN, "COMPLETED"), after_ms=5000), digest=True)

    result = tally([changed()], [END, ("mail", ARN, "COMPLETED")], [accepted(), in_digest])

    assert (result.latencies_ms, result.digest_latencies_ms) == ((100.0,), (5000.0,))
    assert result.line().endswith("p50_ms=100 p99_ms=100 digest_p50_ms=5000 digest_p99_ms=5000")


def test_a_post_names_its_notification_and_counts_by_its_first_text() -> None:
    first = Post(channel="C1", ts="1", accepted_at=NOON, text="push", via="token", metadata=_status("first"))
    edited = first.edited(Words(accepted_at=NOON + timedelta(minutes=1), text="push", metadata=_status("later")))

    assert of_post(edited) == [Acceptance("first", NOON)]
    assert of_post(replace(first, via="webhook", metadata=None)) == []


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        (f"▶ x — hybrid job RUNNING\n\nConsole: https://c/{ARN}\n", [id_of(("mail", ARN, "RUNNING"))]),
        # a warning of a running job is no status
        (f"🟠 x — hybrid job RUNNING, 3 of 8 ended tasks failed\n\n{ARN}\n", [id_of(("mail", ARN, "FAILING"))]),
        # a digest names no notification
        (f"Anna's batch ghz-scan is finished.\n\n{ARN}\n", []),
        ("⏹ qaoa-r4-1 and 5 more — CANCELLED within 20 s\n\nConsole: https://c/braket/home#/tasks\n", []),
        # a topic's JSON does
        ('{"version": 1, "id": "0123"}', ["0123"]),
    ],
)
def test_a_mail_is_read_as_a_person_or_a_program_reads_it(body: str, ids: list[str]) -> None:
    mail = Mail(accepted_at=NOON, subject="s", body=body, message_id="1")

    assert of_mail(mail, "mail") == [Acceptance(each, NOON) for each in ids]


def test_a_copy_is_a_new_post_that_shows_all_of_a_card_again() -> None:
    card = _post("1", "vqe — COMPLETED", "IQM Garnet", "Console")
    reply = partial(replace, thread_ts="1", reply_broadcast=True)
    copy = reply(_post("2", "vqe — COMPLETED", "IQM Garnet", "Console"))
    line = reply(_post("3", "vqe — COMPLETED", "Console"))
    in_thread = replace(copy, ts="4", reply_broadcast=False)

    assert list(copies([card, copy, line, in_thread])) == [copy]
    assert [each.ts for each in (card, copy, line, in_thread) if is_in_channel(each)] == ["1", "2", "3"]


def _post(ts: str, *lines: str) -> Post:
    return Post(channel="C1", ts=ts, accepted_at=NOON, text=lines[0], via="token", blocks=tuple(map(_header, lines)))


def _status(its_id: str) -> dict[str, object]:
    return {"event_type": "braket_status", "event_payload": {"id": its_id}}


def _header(text: str) -> dict[str, object]:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def test_a_digest_counts_the_notifications_that_it_adds() -> None:
    ids = [id_of(END), id_of(("team-slack", ARN, "FAILED"))]
    metadata = {"event_type": "braket_digest", "event_payload": {"ids": ids}}
    post = Post(channel="C1", ts="1", accepted_at=NOON, text="push", via="token", metadata=metadata)

    assert [(each.id, each.digest) for each in of_post(post)] == [(each, True) for each in ids]


@pytest.mark.parametrize(
    ("values", "p50", "p99"),
    [((7.0,), 7, 7), (tuple(map(float, range(101))), 50, 99)],
)
def test_a_percentile_is_the_nearest_whole_figure(values: tuple[float, ...], p50: int, p99: int) -> None:
    assert (percentile(values, 50), percentile(values, 99)) == (p50, p99)


def test_a_list_of_executables_in_a_thread_announces_nothing() -> None:
    metadata = _status(id_of(END)) | {"event_type": "braket_executables"}
    post = Post(channel="C1", ts="2", accepted_at=NOON, text="push", via="token", metadata=metadata, thread_ts="1")

    assert of_post(post) == []
