"""The counts of a story, from Braket's changes and the channels' accepted messages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from local.braket.emulator import Change
from local.inbox.entries import Words
from local.inbox.inbox import Mail, Post
from local.story.tally import Acceptance, Expected, id_of, of_mail, of_post, percentile, tally

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
        ([accepted()], "delivered=1 lost=0 repeated=0", True),
        ([], "delivered=0 lost=1 repeated=0", False),
        ([accepted(), accepted(after_ms=900)], "delivered=2 lost=0 repeated=1", False),
        # sent, but with another status
        ([accepted(("team-slack", ARN, "FAILED"))], "delivered=1 lost=1 repeated=0", False),
        # sent to a channel without a route
        ([accepted(), accepted(("mail", ARN, "COMPLETED"))], "delivered=2 lost=0 repeated=0", False),
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
    assert result.line().endswith("by_sweep=1 p50_ms=-1 p99_ms=-1 digest_p50_ms=-1 digest_p99_ms=-1")


def test_notifications_in_digests_have_latencies_of_their_own() -> None:
    in_digest = replace(accepted(("mail", ARN, "COMPLETED"), after_ms=5000), digest=True)

    result = tally([changed()], [END, ("mail", ARN, "COMPLETED")], [accepted(), in_digest])

    assert (result.latencies_ms, result.digest_latencies_ms) == ((100.0,), (5000.0,))
    assert result.line().endswith("p50_ms=100 p99_ms=100 digest_p50_ms=5000 digest_p99_ms=5000")


def test_a_message_is_read_as_a_person_reads_it() -> None:
    blocks = (
        {"type": "header", "text": {"type": "plain_text", "text": "❌ COMPLETED-scan — FAILED"}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": f"<https://console/#/tasks/{ARN}|Console>"}]},
    )
    post = Post(channel="C1", ts="1", accepted_at=NOON, text="push", via="token", blocks=blocks)
    mail = Mail(
        accepted_at=NOON, subject="s", body=f"▶ x — hybrid job RUNNING\n\nConsole: https://c/{ARN}\n", message_id="1"
    )

    assert of_post(post, "team-slack") == [Acceptance(id_of(("team-slack", ARN, "FAILED")), NOON)]
    assert of_mail(mail, "mail") == Acceptance(id_of(("mail", ARN, "RUNNING")), NOON)


def test_a_warning_of_a_running_job_is_distinguished_from_its_status() -> None:
    words = "🟠 vqe-lih-3 — hybrid job RUNNING, 3 of 8 ended tasks failed"
    post = Post(channel="C1", ts="1", accepted_at=NOON, text="push", via="token", blocks=(_header(words), _header(ARN)))

    assert of_post(post, "team-slack") == [Acceptance(id_of(("team-slack", ARN, "FAILING")), NOON)]


def test_a_card_counts_by_its_first_text() -> None:
    said, says = ((_header(f"x — {status}"), _header(ARN)) for status in ("RUNNING", "COMPLETED"))
    first = Post(channel="C1", ts="1", accepted_at=NOON, text="push", via="token", blocks=said)
    edited = first.edited(Words(accepted_at=NOON + timedelta(minutes=1), text="push", blocks=says))

    assert of_post(edited, "team-slack") == [Acceptance(id_of(("team-slack", ARN, "RUNNING")), NOON)]


def _header(text: str) -> dict[str, object]:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def test_a_digest_counts_the_notifications_that_it_adds() -> None:
    ids = [id_of(END), id_of(("team-slack", ARN, "FAILED"))]
    metadata = {"event_type": "braket_digest", "event_payload": {"ids": ids}}
    post = Post(channel="C1", ts="1", accepted_at=NOON, text="push", via="token", metadata=metadata)

    assert [(each.id, each.digest) for each in of_post(post, "team-slack")] == [(each, True) for each in ids]


@pytest.mark.parametrize(
    ("values", "p50", "p99"),
    [((), -1, -1), ((7.0,), 7, 7), (tuple(map(float, range(101))), 50, 99)],
)
def test_a_percentile_is_the_nearest_whole_figure(values: tuple[float, ...], p50: int, p99: int) -> None:
    assert (percentile(values, 50), percentile(values, 99)) == (p50, p99)
