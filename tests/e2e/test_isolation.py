"""A faulty channel affects no other: handlers that raise, hang, exit, die or babble, beside a healthy Slack channel."""

from collections.abc import Callable
from datetime import datetime
from statistics import median

import pytest

from local.braket.emulator import Script
from local.story.stage import Stage
from tests.e2e.at_work import delivery, eventually, printed

Submit = Callable[..., str]

#: State of each handler's row when Slack has accepted everything.
ENDS = dict.fromkeys(("raises", "hangs", "exits", "eats"), "CLAIMED")
ENDS |= dict.fromkeys(("babbles", "trespasses"), "DELIVERED")
TASKS = 5


def accepted_at(workshop: Stage, arn: str) -> datetime:
    """The time when Slack accepted the one post about a resource."""
    times: list[datetime] = eventually(
        lambda: [post.accepted_at for post in workshop.inbox.posts if arn in f"{post.blocks}"]
    )
    [time] = times
    return time


def latencies_ms(workshop: Stage, submit_there: Submit, name: str, tags: dict[str, str]) -> list[float]:
    """From Braket's change to Slack's acceptance, one task after the other, so that Slack's pace has no effect."""
    found = []
    for number in range(TASKS):
        arn = submit_there(f"{name}-{number}", Script(), tags={"team": "slack", **tags})
        accepted = accepted_at(workshop, arn)
        [ended] = [each.at for each in workshop.braket.changes if each.arn == arn and each.status == "COMPLETED"]
        found.append((accepted - ended).total_seconds() * 1000)
    return found


def test_a_handler_that_raises_hangs_exits_dies_or_babbles_delays_no_other_channel(
    workshop: Stage, submit_there: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each handler gets a task before the others come, and has delivered none when Slack has accepted all."""
    latencies_ms(workshop, submit_there, "first", {})  # now every function has started
    alone = latencies_ms(workshop, submit_there, "alone", {})
    first = submit_there("trouble", Script(), tags={"team": "slack", "trouble": "yes"})
    eventually(lambda: {name: delivery(workshop, first, name, "COMPLETED").get("state") for name in ENDS} == ENDS)

    beside = latencies_ms(workshop, submit_there, "beside", {"trouble": "yes"})

    with capsys.disabled():
        print(f"\nSlack accepted after (ms, median and longest of {TASKS})")  # noqa: T201 - what the test is there to show
        print(f"alone:                                   {median(alone):5.0f} {max(alone):5.0f}")  # noqa: T201
        print(f"beside handlers that hang, raise or die: {median(beside):5.0f} {max(beside):5.0f}")  # noqa: T201
    assert accepted_at(workshop, first)
    assert {name: delivery(workshop, first, name, "COMPLETED")["state"] for name in ENDS} == ENDS


def test_a_handler_reaches_no_other_channel_s_rows(workshop: Stage, submit_there: Submit) -> None:
    arn = submit_there("trespass", Script(), tags={"trouble": "yes"})
    eventually(lambda: delivery(workshop, arn, "trespasses", "COMPLETED").get("state") == "DELIVERED")

    answers = [line for line in printed(workshop, "trespasses").splitlines() if line.endswith(("OK", "Exception"))]

    assert {" ".join(line.split()[-2:]) for line in answers} == {"trespasses OK", "team-slack AccessDeniedException"}
