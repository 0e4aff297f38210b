"""Single messages, line by line."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.results import TaskResults
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.executables import render_executables
from braket_notifier.rendering.formats.email import body, subject
from braket_notifier.rendering.formats.slack import blocks, escape
from braket_notifier.rendering.transition import render
from braket_notifier.rendering.words.names import name
from braket_notifier.tracking.detect import gone
from tests.conftest import NOON

ASnapshot = Callable[..., Snapshot]
ATransition = Callable[..., Transition]
ARN = "arn:aws:braket:eu-north-1:012345678901:quantum-task/834b21ed-77a7-4b36-a90c-000000000001"
CODE = f'from braket.aws import AwsQuantumTask; AwsQuantumTask("{ARN}").result()'
CEPHEUS = "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q"
AQUILA = "arn:aws:braket:us-east-1::device/qpu/quera/Aquila"
#: A program set of which some executables failed.
RB_SWEEP: dict[str, Any] = {
    "device": CEPHEUS,
    "shots": 96000,
    "successful_shots": 90000,
    "programs": 12,
    "executables": 96,
    "tags": {"Name": "rb-sweep"},
}


def test_a_completed_task_shows_its_shots_and_its_times(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, noon: datetime
) -> None:
    ran = a_transition(a_task(successful_shots=2000), running_at=noon - timedelta(minutes=7, seconds=48))

    message = render(ran, policy)

    assert message.push == "✅ ghz-12 done · IQM Garnet · 2,000/2,000 shots · took 3 h 41 min"
    assert message.headline == "✅ ghz-12 — COMPLETED"
    assert message.lines == (
        "IQM Garnet (QPU) · eu-north-1 · 2,000 of 2,000 shots",
        "Submitted 09:12, done 12:53 CET (11:53 UTC) · waited 3 h 40 min, ran 48 s",
    )
    assert message.code == CODE
    assert [label for label, _ in message.links] == ["Console", "Results in S3"]
    assert message.short_id == "834b21ed"


def test_a_rejected_task_shows_its_reason_and_no_code(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, noon: datetime
) -> None:
    rejected = a_task(
        "FAILED",
        device=AQUILA,
        shots=500,
        successful_shots=0,
        created_at=noon,
        ended_at=noon + timedelta(seconds=4),
        tags={"Name": "rydberg-scan-7"},
        failure_reason="site spacing 3.9 um\nis below the minimum",
    )

    message = render(a_transition(rejected), policy)

    assert message.push == "❌ rydberg-scan-7 FAILED · QuEra Aquila · site spacing 3.9 um is below the minimum"
    assert message.headline == "❌ rydberg-scan-7 — FAILED"
    assert message.lines == ("QuEra Aquila (QPU) · eu-north-1 · 0 of 500 shots · failed 4 s after submission",)
    assert message.reason == "site spacing 3.9 um is below the minimum"
    assert message.code == ""
    assert [label for label, _ in message.links] == ["Console", "Task folder in S3"]


def test_a_failed_program_set_shows_its_usable_shots(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    program_set = a_task("FAILED", **RB_SWEEP, ended_at=None)

    message = render(a_transition(program_set, at=None), policy)

    assert message.push == "🟠 rb-sweep partly failed · Cepheus-1 · 90,000/96,000 shots (94 %)"
    assert message.headline == "🟠 rb-sweep — FAILED by Braket, but results exist"
    assert message.lines == (
        "Rigetti Cepheus-1-108Q · eu-north-1 · program set: 12 programs, 96 executables",
        "Usable: 90,000 of 96,000 shots",
        "metadata.json says which ones failed",
    )
    assert (message.code, message.code_note) == (CODE, "returns the good ones")


def test_a_hybrid_job_shows_its_run_time_and_its_timeline(
    a_job: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    message = render(a_transition(a_job()), policy)

    assert message.push == "✅ vqe-h2-17 done · Garnet · ran 1 h 12 min"
    assert message.headline == "✅ vqe-h2-17 — hybrid job COMPLETED"
    assert message.lines == (
        "IQM Garnet · ml.m5.large · eu-north-1 · ran 1 h 12 min of max 5 h",
        "Timeline: submitted 06:58 → running 10:03 → done 11:15 CET",
    )
    arn = "arn:aws:braket:eu-north-1:012345678901:job/70b21eda-0000-4b36-a90c-000000000001"
    assert message.code == f'from braket.aws import AwsQuantumJob; AwsQuantumJob("{arn}").result()'
    assert [label for label, _ in message.links] == ["Logs", "Output in S3", "Console"]


@pytest.mark.parametrize(
    ("status", "changes", "push"),
    [
        ("CANCELLED", {}, "⏹ ghz-12 cancelled · IQM Garnet · took 3 h 41 min"),
        # 90 % of the shots are not done, and an absent count is not zero
        ("COMPLETED", {"successful_shots": 1800}, "🟠 ghz-12 partly done · IQM Garnet · 1,800/2,000 shots (90 %)"),
        ("COMPLETED", {"successful_shots": None}, "✅ ghz-12 done · IQM Garnet · took 3 h 41 min"),
        ("COMPLETED", {"successful_shots": 1999}, "✅ ghz-12 done · IQM Garnet · 1,999/2,000 shots (99 %)"),
        ("FAILED", {}, "❌ ghz-12 FAILED · IQM Garnet · took 3 h 41 min"),
        ("FAILED", {"created_at": None}, "❌ ghz-12 FAILED · IQM Garnet"),
        ("PAUSED", {}, "❔ ghz-12 PAUSED · IQM Garnet"),
        # the shots of a cancelled task are a figure, not a part of the results
        ("CANCELLED", {"successful_shots": 500}, "⏹ ghz-12 cancelled · IQM Garnet · 500/2,000 shots (25 %)"),
        ("RUNNING", {"successful_shots": 0}, "▶ ghz-12 running · IQM Garnet"),
        # a simulator that computes exactly counts no shots
        ("COMPLETED", {"shots": 0, "successful_shots": 0}, "✅ ghz-12 done · IQM Garnet · took 3 h 41 min"),
        ("COMPLETED", {"device": ""}, "✅ ghz-12 done · took 3 h 41 min"),
        (
            "COMPLETED",
            {"device": "arn:aws:braket:::device/qpu/new/One-1"},
            "✅ ghz-12 done · New One-1 · took 3 h 41 min",
        ),
    ],
)
def test_the_push_line_has_exactly_the_known_facts(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, status: str, changes: dict[str, Any], push: str
) -> None:
    assert render(a_transition(a_task(status, **changes)), policy).push == push


@pytest.mark.parametrize(
    ("kind", "changes", "push"),
    [
        # the first words of Braket's reason
        ("task", {"failure_reason": "No such\ngate"}, "❌ ghz-12 FAILED · IQM Garnet · No such gate"),
        ("task", {"failure_reason": "x" * 200}, f"❌ ghz-12 FAILED · IQM Garnet · {'x' * 78}…"),
        ("task", {"successful_shots": 0}, "❌ ghz-12 FAILED · IQM Garnet · no results"),
        # FAILED is said once
        ("task", {"created_at": NOON, "ended_at": NOON}, "❌ ghz-12 FAILED · IQM Garnet · 0 s after submission"),
        ("job", {"failure_reason": "AlgorithmError: x"}, "❌ vqe-h2-17 FAILED · Garnet · AlgorithmError: x"),
        ("job", {}, "❌ vqe-h2-17 FAILED · Garnet · ran 1 h 12 min"),
        # a job without a device names none
        ("job", {"device": "local:none/none"}, "❌ vqe-h2-17 FAILED · ran 1 h 12 min"),
        (
            "job",
            {"device": "local:pennylane/lightning.qubit"},
            "❌ vqe-h2-17 FAILED · local:pennylane/lightning.qubit · ran 1 h 12 min",
        ),
    ],
)
def test_the_push_line_of_a_failure_names_its_reason(
    a_task: ASnapshot,
    a_job: ASnapshot,
    a_transition: ATransition,
    policy: Policy,
    kind: str,
    changes: dict[str, Any],
    push: str,
) -> None:
    failed = (a_task if kind == "task" else a_job)("FAILED", **changes)

    assert render(a_transition(failed), policy).push == push


def test_a_job_without_a_device_shows_none(a_job: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    message = render(a_transition(a_job(device="local:none/none")), policy)

    assert message.lines[0] == "ml.m5.large · eu-north-1 · ran 1 h 12 min of max 5 h"
    assert "local:" not in f"{blocks(message, may_repeat=False)}{body(message, may_repeat=False)}"


@pytest.mark.parametrize(
    ("name", "may_repeat", "shown"),
    [
        ("ghz-12", False, "✅ ghz-12 done · IQM Garnet · took 3 h 41 min"),
        ("ghz-12", True, "✅ ghz-12 done · IQM Garnet · took 3 h 41 min · may repeat"),
        ("n" * 60, True, f"✅ {'n' * 60} done · IQM Garnet · took 3 h 41 m… · may repeat"),
    ],
)
def test_the_push_line_says_that_it_may_repeat(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, name: str, may_repeat: bool, shown: str
) -> None:
    message = render(a_transition(a_task(tags={"Name": name})), policy)

    assert message.push_line(may_repeat=may_repeat)[:110] == shown[:110]
    assert subject(message, may_repeat=may_repeat).endswith("may repeat") or not may_repeat


def test_a_setting_removes_the_code(a_task: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    transition = a_transition(a_task())

    assert "AwsQuantumTask" in f"{blocks(render(transition, policy), may_repeat=False)}"
    assert "AwsQuantumTask" not in f"{blocks(render(transition, replace(policy, show_code=False)), may_repeat=False)}"


def test_a_test_notification_has_no_links_that_lead_nowhere(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    invented = parse_arn("arn:aws:braket:eu-north-1:012345678901:quantum-task/test-834b21ed")

    message = render(a_transition(a_task(arn=invented)), policy)

    assert (message.links, message.code) == ((), "")


def test_a_running_job_has_no_end_and_no_results(a_job: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    message = render(a_transition(a_job("RUNNING")), policy)

    assert message.lines[1] == "Timeline: submitted 06:58 → running 10:03 CET"
    assert (message.code, [label for label, _ in message.links]) == ("", ["Logs", "Console"])


def test_a_job_that_never_ran_shows_its_maximum_run_time(
    a_job: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    message = render(a_transition(a_job("CANCELLED", started_at=None)), policy)

    assert message.lines == (
        "IQM Garnet · ml.m5.large · eu-north-1 · max 5 h",
        "Timeline: submitted 06:58 → cancelled 11:15 CET",
    )


@pytest.mark.parametrize(
    ("status", "changes", "line"),
    [
        ("COMPLETED", {}, "IQM Garnet (QPU) · eu-north-1 · 2,000 shots asked"),
        ("COMPLETED", {"shots": None}, "IQM Garnet (QPU) · eu-north-1"),
        ("COMPLETED", {"shots": 0, "successful_shots": 0}, "IQM Garnet (QPU) · eu-north-1 · 0 shots asked"),
        # a failure after a minute or more was a run, and has clock times
        ("FAILED", {"took": 61}, "Submitted 12:51, failed 12:53 CET (11:53 UTC) · took 1 min"),
        ("FAILED", {"took": 59}, "IQM Garnet (QPU) · eu-north-1 · 2,000 shots asked · failed 59 s after submission"),
        ("PAUSED", {}, "This notifier does not know this status; the console may say more."),
        # a set of one, which PennyLane submits for each circuit, reads like any other task
        (
            "COMPLETED",
            {"programs": 1, "executables": 1, "successful_shots": 2000},
            "IQM Garnet (QPU) · eu-north-1 · 2,000 of 2,000 shots",
        ),
        (
            "COMPLETED",
            {"programs": 1, "executables": 1, "successful_shots": 1500},
            "IQM Garnet (QPU) · eu-north-1 · 1,500 of 2,000 shots",
        ),
        # no file lists failures of a program set without usable shots
        ("FAILED", {"executables": 96, "successful_shots": 0}, "Usable: 0 of 2,000 shots"),
    ],
)
def test_the_lines_have_exactly_the_known_facts(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, status: str, changes: dict[str, Any], line: str
) -> None:
    task = a_task(status)
    if (took := changes.pop("took", None)) and task.ended_at:
        changes = {"created_at": task.ended_at - timedelta(seconds=took)}

    lines = render(a_transition(replace(task, **changes)), policy).lines

    assert line in lines
    assert [each for each in lines if "which ones failed" in each] == []


def test_without_an_end_time_the_event_s_time_is_shown(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, noon: datetime
) -> None:
    message = render(a_transition(a_task(ended_at=None), at=noon), policy)

    assert message.lines[1] == "Submitted 09:12, done 13:00 CET (12:00 UTC) · took 3 h 48 min"


def test_a_correction_and_a_snapshot_from_an_event_are_marked(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    corrected = render(a_transition(a_task(degraded=True), correction=True, was="FAILED"), policy)

    assert corrected.headline.endswith("COMPLETED (corrected: was FAILED)")
    assert "Known from Braket's event alone" in corrected.lines[-1]


def test_a_resource_that_braket_no_longer_knows_shows_its_last_details_and_lacks_none(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    message = render(a_transition(gone(a_task("QUEUED"))), policy)

    assert message.headline == "❔ ghz-12 — GONE: Braket no longer knows it"
    assert message.lines[0] == "IQM Garnet (QPU) · eu-north-1 · 2,000 shots asked"
    assert not [each for each in message.lines if "event alone" in each]


@pytest.mark.parametrize(
    ("changes", "called"),
    [
        ({"tags": {"Name": "n", "batch": "b"}}, "n"),
        ({"tags": {"batch": "b"}}, "b"),
        ({"tags": {}, "directory": "anna/ghz-scan/834b21ed-77a7-4b36-a90c-000000000001"}, "ghz-scan"),
        ({"tags": {}, "directory": "tasks/834b21ed-77a7-4b36-a90c-000000000001"}, "834b21ed"),
        ({"tags": {"Name": "\u202e\x00"}, "directory": ""}, "834b21ed"),
        ({"tags": {"Name": "a\tb\nc"}}, "a b c"),
        ({"tags": {"Name": "n" * 61}}, "n" * 59 + "…"),
    ],
)
def test_a_resource_has_its_most_specific_name(a_task: ASnapshot, changes: dict[str, Any], called: str) -> None:
    assert name(a_task(**changes)) == called


def test_a_time_on_another_day_shows_the_day(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, noon: datetime
) -> None:
    slow = a_task(created_at=noon - timedelta(days=3))

    assert "Submitted 17 Nov 13:00, done 12:53 CET" in render(a_transition(slow), policy).lines[1]


def test_an_email_has_an_ascii_subject_and_wrapped_prose(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    failed = a_task("FAILED", failure_reason="word " * 60, tags={"Name": "größe 🟠 β"})
    message = render(a_transition(failed), policy)

    text = body(message, may_repeat=True)

    assert subject(message) == f"[Braket] grosse beta FAILED, IQM Garnet, {'word ' * 10}word..."
    assert all(len(line) <= 72 for line in text.splitlines() if "arn:" not in line and "http" not in line)
    assert text.endswith("id 834b21ed · may repeat an earlier e-mail\n")
    assert text.count("\n> word word") == 5  # every line of the reason is marked as a quotation


def test_an_email_wraps_prose_but_not_code_and_links(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    """Prose is wrapped; names, code and URLs are not."""
    reason = "2 executables failed, see https://docs.aws.amazon.com/braket/latest/developerguide/" + "x" * 40
    failed = a_task("FAILED", **RB_SWEEP, failure_reason=reason)
    message = render(a_transition(failed), policy)

    console = "https://eu-north-1.console.aws.amazon.com"
    assert subject(message) == "[Braket] rb-sweep partly failed, Cepheus-1, 90,000/96,000 shots (94 %)"
    assert (
        body(message, may_repeat=False)
        == f"""\
🟠 rb-sweep — FAILED by Braket, but results exist

Rigetti Cepheus-1-108Q · eu-north-1 · program set: 12 programs, 96
executables
Usable: 90,000 of 96,000 shots
metadata.json says which ones failed

Braket says:
> 2 executables failed, see
> https://docs.aws.amazon.com/braket/latest/developerguide/{"x" * 40}

Console: {console}/braket/home?region=eu-north-1#/tasks/{ARN}
Results in S3: {console}/s3/buckets/amazon-braket-results?region=eu-north-1&prefix=ghz/834b21ed/
metadata.json: {console}/s3/object/amazon-braket-results?region=eu-north-1&prefix=ghz/834b21ed/metadata.json

{CODE}
returns the good ones

id 834b21ed
"""
    )


def test_the_longest_texts_fit_their_limits(a_job: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    """Slack refuses a longer header, SNS a longer subject, and a phone cuts a longer push line."""
    status = "S" + "t" * 63
    long = a_job(status, device="d" * 200, job_name="n" * 200, failure_reason="r " * 4000)
    message = render(a_transition(long, correction=True, was=status), policy)

    for block in Block.parse_all(blocks(message, may_repeat=True)):
        block.validate_json()
    assert len(message.push) == 110
    assert len(message.reason) <= 1500
    assert len(subject(message)) == 99
    assert subject(message).isascii()


@pytest.mark.parametrize("reason", ["&" * 2000, "<>" * 1000, "a&" * 1000, "🟠" * 2000])
def test_a_long_reason_is_cut_between_characters(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, reason: str
) -> None:
    rendered = blocks(render(a_transition(a_task("FAILED", failure_reason=reason)), policy), may_repeat=False)

    parts = [part for block in rendered if block["type"] == "rich_text" for part in _elements(block)]
    (quoted,) = next(_elements(part) for part in parts if part["type"] == "rich_text_quote")
    assert 1000 < len(quoted["text"]) < 3000
    assert reason.startswith(quoted["text"].removesuffix("…"))


def test_a_very_long_link_is_left_out(a_task: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    long = a_transition(a_task(directory="ü" * 512))

    message, which = render(long, policy), render_executables(long, TaskResults((), "results.json"))

    assert [label for label, _ in message.links] == ["Console"]
    assert which.links == ()


def test_every_text_is_verbatim_for_slack(a_task: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    rendered = blocks(render(a_transition(a_task("FAILED", successful_shots=5)), policy), may_repeat=False)

    texts = [element for block in rendered for element in _elements(block) if element["type"] == "mrkdwn"]
    assert all(text["verbatim"] for text in texts)
    assert rendered[-1]["elements"] == texts[1:]  # last, and small
    assert texts[1]["text"] == f"`{CODE}` returns the good ones"


def test_a_text_is_escaped_exactly_once() -> None:
    assert escape("<!channel> & &amp; <http://x|y>") == "&lt;!channel&gt; &amp; &amp;amp; &lt;http://x|y&gt;"


def _elements(block: dict[str, Any]) -> list[dict[str, Any]]:
    return [block["text"]] if "text" in block else block["elements"]


@pytest.mark.parametrize(
    ("position", "words"),
    [
        ("14", "14 tasks ahead"),
        ("1", "1 task ahead"),
        ("0", "no task ahead"),
        (">2000", "more than 2,000 tasks ahead"),  # Braket counts no further
        ("", ""),  # a status without a position
        ("soon", ""),
        (">2000\u202e", ""),
    ],
)
def test_a_queued_task_shows_how_many_are_ahead(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, position: str, words: str
) -> None:
    message = render(a_transition(a_task("QUEUED", queue_position=position)), policy)

    assert message.push == " · ".join(filter(None, ("⏳ ghz-12 queued", "IQM Garnet", words)))
    assert ("ahead" in message.lines[0], words in message.lines[0]) == (bool(words), True)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "RUNNING"},
        {"degraded": True},  # an event brings no position
        {"reservation": "arn:aws:braket:us-east-1:012345678901:reservation/3f2a"},  # Braket shows no queue there
    ],
)
def test_a_task_of_which_no_position_is_known_shows_none(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, changes: dict[str, Any]
) -> None:
    task = a_task(**{"status": "QUEUED", "queue_position": "14"} | changes)

    message = render(a_transition(task), policy)

    assert "ahead" not in f"{message.push}{message.lines}"


def test_a_queued_job_shows_how_many_jobs_are_ahead(
    a_job: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    message = render(a_transition(a_job("QUEUED", queue_position=">15")), policy)

    assert "more than 15 jobs ahead" in message.push
    assert "more than 15 jobs ahead" in message.lines[0]


@pytest.mark.parametrize("changes", [{}, {"executables": 96, "programs": 12}])
@pytest.mark.parametrize(
    ("status", "words"),
    [("COMPLETED", "in reservation …/3f2a"), ("FAILED", "in reservation …/3f2a"), ("CANCELLED", "Probable cause")],
)
def test_a_task_of_a_reservation_says_so(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, status: str, words: str, changes: dict[str, Any]
) -> None:
    reservation = "arn:aws:braket:us-east-1:012345678901:reservation/3f2a"

    booked, on_demand = (
        " ".join(render(a_transition(a_task(status, reservation=each, **changes)), policy).lines)
        for each in (reservation, "")
    )

    assert words in booked
    assert "reservation" not in on_demand


def test_a_message_names_the_submitter_in_its_second_line_and_never_on_a_lock_screen(
    a_task: Callable[..., Snapshot],
    a_job: Callable[..., Snapshot],
    a_transition: Callable[..., Transition],
    policy: Policy,
) -> None:
    for snapshot in (a_task("COMPLETED"), a_task("FAILED"), a_job("COMPLETED")):
        unknown = render(a_transition(snapshot), policy)
        known = render(a_transition(replace(snapshot, submitter="anna@example.org\u202e")), policy)

        assert known.lines[1] == "submitted by anna@example.org"
        assert (known.lines[0], *known.lines[2:]) == unknown.lines
        assert replace(known, lines=()) == replace(unknown, lines=())
