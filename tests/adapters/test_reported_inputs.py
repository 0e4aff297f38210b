"""Inputs that failed for somebody, in public reports or in earlier releases, and their messages.

`pytest tests/adapters/test_reported_inputs.py` runs all of them. Names, accounts and ids are made up.
"""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import pytest

from braket_notifier.adapters.slack.channels import SlackBot
from braket_notifier.adapters.slack.webhooks import wrong_webhook
from braket_notifier.braket.responses import parse_snapshot
from braket_notifier.braket.results import parse_results
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.results import no_results
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import GoneError
from braket_notifier.rendering.compose import Compose, message_of
from braket_notifier.rendering.formats.email import body, subject
from braket_notifier.rendering.formats.slack import blocks
from braket_notifier.rendering.message import Message
from local.inbox import slack_blocks, slack_checks, slack_mrkdwn
from local.inbox.inbox import Channel, Inbox, Workspace
from tests import canary

Answer = dict[str, Any]
TASK: Answer = {
    "quantumTaskArn": "arn:aws:braket:us-east-1:012345678901:quantum-task/05c73894-77c9-4dab-8f83-000000000001",
    "status": "FAILED",
    "deviceArn": "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1",
    "deviceParameters": "{}",
    "shots": 100,
    "outputS3Bucket": "amazon-braket-demo",
    "outputS3Directory": "ionq/05c73894-77c9-4dab-8f83-000000000001",
    "createdAt": "2026-08-10T09:39:58.339Z",
    "endedAt": "2026-08-10T09:44:03.179Z",
    "tags": {},
}
JOB: Answer = {
    "jobArn": "arn:aws:braket:us-east-1:012345678901:job/70b21eda-0000-4b36-a90c-000000000001",
    "status": "FAILED",
    "jobName": "vqe-1",
    "roleArn": "arn:aws:iam::012345678901:role/r",
    "outputDataConfig": {"s3Path": "s3://amazon-braket-demo/jobs/vqe-1/data"},
    "instanceConfig": {"instanceType": "ml.m5.large"},
    "deviceConfig": {"device": "arn:aws:braket:::device/quantum-simulator/amazon/sv1"},
    "createdAt": "2026-08-10T09:00:00Z",
    "startedAt": "2026-08-10T09:05:00Z",
    "endedAt": "2026-08-10T09:44:03Z",
}
SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
CEPHEUS = "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q"
PROGRAM_SET = {"actionType": "braket.ir.openqasm.program_set", "programCount": 1, "executableCount": 3}
FORTE: Answer = {
    **TASK,
    "status": "COMPLETED",
    "shots": 300,
    "numSuccessfulShots": 200,
    "actionMetadata": PROGRAM_SET,
}
SPREAD = {"taskMetadata": "metadata.json", "programResults": ["programs/0/results.json"]}
LOST = {"failureReason": "qubit lost", "retryable": True, "category": "DEVICE"}


def metadata(*executables: Mapping[str, object], failed: int) -> Answer:
    programs = [{"executables": list(executables)}]
    return {"successfulShots": 200, "programMetadata": programs, "totalFailedExecutables": failed}


def failed(answer: Answer, reason: str, **members: object) -> Answer:
    return {**answer, "failureReason": reason, **members}


class Reported(NamedTuple):
    """An answer of Braket's, the files of the task's folder, and texts that its messages have and lack."""

    #: The report, or the code that shows the form of the input.
    source: str
    answer: Answer
    has: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    files: Mapping[str, Answer] | None = None


IONQ = "github.com/tobitaQ/qaoa-portfolio-penalty-benchmark, data/braket_results/ionq"
SCHEMA = "github.com/amazon-braket/amazon-braket-schemas-python, program_set_executable_cancellation_v1.py"
SDK = "github.com/amazon-braket/amazon-braket-sdk-python"
CONTAINERS = "github.com/amazon-braket/amazon-braket-containers, braket_container.py"
SCRIPT_HINT = "your own script ended with this error"
DEVICE_HINTS = ("device", "barrier:", "verbatim", "compiler", "rejected")
MARKS = "TypeError: run() got *args and **kwargs; see `config` and _seed_ ~old~"
REPORTS = {
    "results of a QPU are spread over files": Reported(
        IONQ,
        FORTE,
        ("Failed: 1 executable = 1 DEVICE (retryable); which ones, in metadata.json", "Usable: 200 of 300 shots"),
        ("results.json",),
        {"results.json": SPREAD, "metadata.json": metadata({}, LOST, {}, failed=1)},
    ),
    "spread results that may not be read": Reported(IONQ, FORTE, ("metadata.json says which ones failed",)),
    "a cancelled executable beside a failed one": Reported(
        SCHEMA,
        FORTE,
        ("Failed: 1 executable = 1 DEVICE (retryable)",),
        (),
        {"results.json": SPREAD, "metadata.json": metadata({}, LOST, {"status": "CANCELLED"}, failed=2)},
    ),
    "metadata outside the task's folder": Reported(
        "made for a rule",
        FORTE,
        ("metadata.json says which ones failed",),
        ("1 DEVICE",),
        {"results.json": {"taskMetadata": "../x.json"}, "../x.json": metadata({}, LOST, {}, failed=1)},
    ),
    "a program set of one, as PennyLane submits each circuit": Reported(
        IONQ,
        {**FORTE, "numSuccessfulShots": 300, "actionMetadata": {**PROGRAM_SET, "executableCount": 1}},
        ("IonQ Forte 1 (QPU) · us-east-1 · 300 of 300 shots",),
        ("program set", "executable"),
    ),
    "a failed program set without a count of shots": Reported(
        f"{SDK}/pull/1171",
        {**TASK, "actionMetadata": PROGRAM_SET},
        ("🟠 ionq FAILED · IonQ Forte · results may exist",),
        ("❌",),
    ),
    "a job without a device": Reported(
        f"{SDK}, hybrid_job.py: device or local:none/none",
        {**JOB, "status": "COMPLETED", "deviceConfig": {"device": "local:none/none"}},
        ("✅ vqe-1 done · ran 39 min", "ml.m5.large · us-east-1"),
        ("local:", "none"),
    ),
    "a job with an embedded simulator": Reported(
        f"{SDK}, hybrid_job.py",
        {**JOB, "status": "COMPLETED", "deviceConfig": {"device": "local:pennylane/lightning.qubit"}},
        ("local:pennylane/lightning.qubit · ml.m5.large",),
    ),
    "Cepheus fails to compile barriers": Reported(
        "github.com/unitaryfoundation/metriq-gym/issues/794",
        failed(TASK, "Error occurred during compilation of the program.", deviceArn=CEPHEUS),
        ("Hint: the provider's compiler failed", "remove them, or send native gates in a verbatim box"),
    ),
    "a device without barriers": Reported(
        "github.com/unitaryfoundation/metriq-gym/issues/794",
        failed(TASK, "[line 51] Uses 'barrier' which is not supported on device"),
        ("Hint: this device takes no barrier",),
    ),
    "a job that was killed": Reported(
        "github.com/amazon-braket/amazon-braket-default-simulator-python/issues/243",
        failed(JOB, "AlgorithmError: , exit code: 137"),
        ("Hint: the process was killed, mostly because the memory ran out",),
        (SCRIPT_HINT,),
    ),
    "a simulation beyond its longest time": Reported(
        "made from the table of known reasons",
        failed(TASK, "Simulation exceeded the maximum runtime of 3 hours", deviceArn=SV1),
        ("Simulation exceeded the maximum runtime of 3 hours",),
        ("Hint", "maxRuntimeInSeconds", "the job"),
    ),
    "a job beyond its longest time": Reported(
        "docs.aws.amazon.com/braket, API_JobStoppingCondition",
        failed(JOB, "MaxRuntimeExceeded: the job exceeded its maximum runtime"),
        ("Hint: the job reached its stopping condition",),
    ),
    "a spending limit, which refuses a task before there is one": Reported(
        "github.com/amazon-braket/amazon-braket-examples, Spending_Limits_Introduction.ipynb",
        failed(TASK, "Attempted to spend over the spending limit or outside the spending limit time window."),
        (),
        ("Hint",),
    ),
    **{
        f"a user's own words: {words}": Reported(
            CONTAINERS,
            failed(JOB, f"AlgorithmError: {words}, exit code: 1"),
            (f"Hint: {SCRIPT_HINT}",),
            DEVICE_HINTS,
        )
        for words in (
            "ValueError: barrier height not supported by this optimizer",
            "ValueError: sites are outside the allowed range of the grid",
            "RuntimeError: Failed to compile model with torch.compile",
            "RuntimeError: Internal error of my cost function",
            "OSError: DeviceOffline is what my own server says",
        )
    },
    "marks of Slack in a reason": Reported(
        "github.com/getsentry/sentry/pull/65850",
        failed(JOB, f"AlgorithmError: {MARKS}, exit code: 1"),
        (f"AlgorithmError: {MARKS}, exit code: 1",),
    ),
    "more marks of Slack in a reason": Reported(
        "github.com/QuEraComputing/bloqade-analog/pull/1035",
        failed(TASK, "__root__: <!channel> :tada: <https://example.org|log> &lt;b&gt; **x**"),
        ("__root__: <!channel> :tada: <https://example.org|log> &lt;b&gt; **x**",),
    ),
    "marks of Slack in a name": Reported(
        "github.com/getsentry/sentry/pull/65850",
        failed({**TASK, "tags": {"Name": "*bold* :x: _ghz_"}}, "x"),
        ("❌ *bold* :x: _ghz_ — FAILED", "❌ *bold* :x: _ghz_ FAILED · IonQ Forte · x"),
    ),
}


def message(reported: Reported, policy: Policy) -> Message:
    snapshot = parse_snapshot(reported.answer, kind="task" if "quantumTaskArn" in reported.answer else "job")
    transition = Transition(snapshot, snapshot.status, "RUNNING", snapshot.ended_at, None, 2, "event")
    files = {path: json.dumps(content) for path, content in (reported.files or {}).items()}
    read = (lambda _: parse_results(files.__getitem__)) if files else no_results
    compose: Compose = partial(message_of, policy=policy, channel="team-slack", read=read)
    return compose(Notification(transition, "team-slack"))


def page(rendered: Message) -> str:
    """The card as a person reads it in Slack."""
    shown = blocks(rendered, may_repeat=False)
    slack_checks.check_message(rendered.push, shown, None)
    return slack_mrkdwn.visible(slack_blocks.to_html(shown))


@pytest.mark.parametrize("name", REPORTS)
def test_a_reported_input_reads_as_it_should(name: str, policy: Policy) -> None:
    reported = REPORTS[name]
    rendered = message(reported, policy)
    mail = body(rendered, may_repeat=False).splitlines()
    lines = f"{rendered.push}\n{page(rendered)}"

    for text in reported.has:
        assert text in lines
    for text in reported.lacks:
        assert text not in "\n".join((rendered.push, *rendered.lines, *rendered.notes))
    assert [each for each in mail if len(each) > 72 and "://" not in each and "import" not in each] == []
    assert len(subject(rendered)) < 100
    assert subject(rendered).isascii()


def test_the_link_of_a_reported_result_leads_to_the_file_with_the_answer(policy: Policy) -> None:
    links = dict(message(REPORTS["results of a QPU are spread over files"], policy).links)

    assert links["metadata.json"].endswith("prefix=ionq/05c73894-77c9-4dab-8f83-000000000001/metadata.json")
    assert "results.json" not in links


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        # github.com/aws-samples/aws-health-aware/issues/83
        (f"https://hooks.slack.com/services/{canary.HOOK}", ""),
        ("https://hooks.slack.com/triggers/T0/1/x", "workflow"),
        ("https://hooks.slack.com/workflows/T0/A0/1/x", "workflow"),
        (f"https://hooks.slack-gov.com/services/{canary.HOOK}", ""),
        (f"http://hooks.slack.com/services/{canary.HOOK}", "not a webhook's"),
        (f"https://hooks.slack.com.evil.example/services/{canary.HOOK}", "not a webhook's"),
        ("https://hooks.slack.com/services/", "not a webhook's"),
    ],
)
def test_only_the_url_of_an_incoming_webhook_is_taken(url: str, refusal: str) -> None:
    assert refusal in wrong_webhook(url)
    assert bool(wrong_webhook(url)) == bool(refusal)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox(Workspace(channels=(Channel("C0123456789", "team-slack"),))) as opened:
        yield opened


def test_a_reply_to_a_deleted_card_says_that_the_card_is_gone(
    inbox: Inbox, compose: Compose, a_notification: Any
) -> None:
    """As in github.com/slack-go/slack/issues/1571: Slack answers ok, without `message.thread_ts`."""
    bot = SlackBot(canary.Secret(), "C0123456789", compose, inbox.url)
    place = bot.send(a_notification("RUNNING"), may_repeat=False)
    inbox.delete(inbox.posts[0])

    assert bot.reply(place, a_notification(), may_repeat=False, loud=True) is False
    with pytest.raises(GoneError):
        bot.edit(place, a_notification())
