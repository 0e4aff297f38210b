"""Foreign words reach the terminal as plain text: no escape sequence, no bidirectional mark."""

import json
import unicodedata
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import boto3
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.cli import show
from braket_notifier.domain.resource import JobEvent, parse_arn
from local.braket.emulator import Braket, Script, usual
from tests.cli.conftest import HOME, Recorded

#: Sequences of ECMA-48 by ESC and by one character of C1, a title, a link, colours, a backspace, a reversal.
HOSTILE = "\x1b[2J\x1b]0;title\x07\x9b31m\x1b]8;;https://example.org\x1b\\here\x08\u202egnp.\u2066\x7f\rboom"


def is_harmless(text: str) -> bool:
    return all(c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"} for c in text)


@given(st.text())
@example(HOSTILE)
def test_no_control_character_of_any_text_is_printed(text: str) -> None:
    out = StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        show.print_line(text)
        show.console().print(show.table(("when", "what"), [("-", text)]))
        show.print_json({text: [text]})

    printed = out.getvalue().replace("\u200c", "").replace("\u200d", "")
    assert is_harmless(printed)


@given(st.text())
@example(HOSTILE)
def test_printed_json_is_the_same_document(text: str) -> None:
    out = StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        show.print_json([text])

    assert json.loads(out.getvalue()) == [text]


def test_no_command_lets_an_escape_sequence_of_braket_s_text_pass(
    run: Any, recorded: Recorded, ledger: DynamoLedger, a_job: Any, a_task: Any, a_notification: Any
) -> None:
    now = datetime.now(UTC)
    job = a_job("FAILED", job_name=HOSTILE, failure_reason=HOSTILE, events=(JobEvent("FAILED", now, HOSTILE),))
    task = a_task("FAILED", tags={"Name": HOSTILE, "batch": "scan"}, failure_reason=HOSTILE, device=HOSTILE)
    for each in (job, task):
        recorded(each)
    refused = a_notification("FAILED")
    ledger.claim(refused, owner="test", now=now)
    ledger.undelivered(refused, owner="test", reason=HOSTILE, now=now)
    sqs = boto3.client("sqs", HOME)
    queue = sqs.get_queue_url(QueueName="braket-notifier-undelivered")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody='{"detail-type": "\x9b31m\u202e"}')
    sqs.send_message(
        QueueUrl=queue,
        MessageBody="\x9b31m\u202eno JSON",
        MessageAttributes={"reason": {"DataType": "String", "StringValue": "unreadable"}},
    )

    printed = [
        run("history", job.arn.text),
        run("history", task.arn.text, "--json"),
        run("list", "--batch", "scan"),
        run("list", "--batch", "scan", "--json"),
        run("redrive", "--yes", "--timeout", "0.001"),
    ]

    assert all(each.out for each in printed)
    assert [each for each in printed if not is_harmless(each.out + each.err)] == []
    assert "boom" in printed[0].out


@pytest.mark.usefixtures("stack")
def test_watch_lets_no_escape_sequence_of_a_name_pass(
    run: Any, submit: Any, braket: Braket, scripts: dict[str, Script], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("braket_notifier.cli.commands.watch.sleep", lambda _: braket.clock.push(0.5))
    scripts["\x1b[31mred"] = Script(steps=usual("task", "FAILED"), failure_reason=HOSTILE)
    arn = submit("\x1b[31mred")

    done = run("watch", arn)

    assert parse_arn(arn).short_id in done.out
    assert is_harmless(done.out)
