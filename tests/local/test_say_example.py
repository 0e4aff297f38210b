"""The example by which a hybrid job's script says its result, against the Braket emulator."""

from dataclasses import replace

import boto3
import pytest

from braket_notifier.braket.responses import parse_snapshot
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.transition import render
from local.braket.emulator import Script
from tests.local.braket_world import braket_world
from tests.taught import blocks


def test_the_line_of_a_job_s_own_script_stands_in_the_message_of_its_end(
    monkeypatch: pytest.MonkeyPatch, policy: Policy
) -> None:
    example = blocks("messages.md", "python")["say"]
    with braket_world(Script(steps=((1.0, "RUNNING"), (5.0, "COMPLETED")))) as it:
        arn = it.job()
        it.push(2)
        monkeypatch.setenv("AMZN_BRAKET_JOB_NAME", "vqe-h2-17")
        monkeypatch.setattr(boto3, "client", lambda _: it.client)
        exec(example, {"energy": -1.13729})  # noqa: S102 - the page's own words
        it.push(10)
        ended = parse_snapshot(it.get(arn), kind="job")

    message = render(
        Transition(ended, ended.status, "RUNNING", ended.ended_at, None, 3, "event"), replace(policy, read_results=True)
    )

    assert ended.status == "COMPLETED"
    assert "It says: E = -1.1373 Ha" in message.lines
