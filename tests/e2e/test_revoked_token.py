"""While Slack refuses the token, the synthesised functions mail the ends; Slack has one digest afterwards."""

import os
import re
import subprocess

import pytest

from local.braket.emulator import Script, usual
from local.inbox.inbox import Fault
from local.story.stage import Stage
from local.story.tally import is_digest
from tests.e2e.at_work import eventually, is_delivered
from tests.e2e.test_command import COMMAND
from tests.e2e.test_notifier import Submit, undelivered

FIFTY = 50
ANNOUNCED = "team-slack cannot be reached"
MAILED = re.compile(r"quantum-task/[0-9a-f-]+")


@pytest.fixture
def revoked(stage: Stage, scripts: dict[str, Script]) -> list[str]:
    """The names of fifty tasks, and a Slack that refuses every call."""
    names = [f"revoked-{number}" for number in range(FIFTY)]
    scripts |= dict.fromkeys(names, Script(steps=usual("task", "COMPLETED")))
    stage.inbox.fault(Fault("error", error="token_revoked", calls=None))
    return names


def test_fifty_ends_of_a_revoked_token_are_mailed_once_and_slack_shows_one_silent_digest_once_it_is_back(
    stage: Stage, submit: Submit, scripts: dict[str, Script], revoked: list[str]
) -> None:
    """Each task is a group of its own, because one group has an e-mail in fifteen minutes."""
    mails, posts = len(stage.inbox.mails), len(stage.inbox.posts)
    arns = {submit(name, scripts[name]) for name in revoked}
    try:
        eventually(lambda: all(is_delivered(stage, arn, "mail", "COMPLETED") for arn in arns))
        new = stage.inbox.mails[mails:]
        assert sum(ANNOUNCED in each.body for each in new) == 1
        mailed = [found[0] for each in new if ANNOUNCED not in each.body and (found := MAILED.search(each.body))]
        assert sorted(mailed) == sorted(arn.rpartition(":")[2] for arn in arns)
        assert stage.inbox.posts[posts:] == []
    finally:
        stage.inbox.clear_faults()
    surroundings = {"PATH": os.environ["PATH"], **stage.environment()}
    subprocess.run([str(COMMAND), "settings", "wake"], env=surroundings, capture_output=True, timeout=120, check=True)  # noqa: S603 - our own words

    eventually(lambda: all(is_delivered(stage, arn, "team-slack", "COMPLETED") for arn in arns))

    shown = stage.inbox.posts[posts:]
    assert [is_digest(each) for each in shown] == [True]
    assert "<@" not in shown[0].plain()
    assert [each for each in undelivered(stage) if any(arn in each["Body"] for arn in arns)] == []
    assert len(stage.inbox.mails) == mails + FIFTY + 1
