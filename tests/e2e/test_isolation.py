"""One channel's trouble is its own: handlers that raise, hang, exit, die or babble, beside a healthy Slack channel."""

from collections.abc import Callable
from datetime import datetime
from statistics import median

import pytest

from local.braket.emulator import Script
from local.story.stage import Stage
from tests.e2e.at_work import delivery, eventually

Submit = Callable[..., str]

#: What the ledger says of each handler, by the time Slack has heard of everything.
ENDS = {"raises": "CLAIMED", "hangs": "CLAIMED", "exits": "CLAIMED", "eats": "CLAIMED", "babbles": "DELIVERED"}
TASKS = 5


def told_at(workshop: Stage, arn: str) -> datetime:
    """When Slack took the one post about a resource."""
    times: list[datetime] = eventually(
        lambda: [post.accepted_at for post in workshop.inbox.posts if arn in f"{post.blocks}"]
    )
    [time] = times
    return time


def latencies_ms(workshop: Stage, submit_there: Submit, name: str, tags: dict[str, str]) -> list[float]:
    """From Braket's change to Slack's acceptance, of one task after the other, so that Slack's pace plays no part."""
    found = []
    for number in range(TASKS):
        arn = submit_there(f"{name}-{number}", Script(), tags={"team": "slack", **tags})
        told = told_at(workshop, arn)
        [ended] = [each.at for each in workshop.braket.changes if each.arn == arn and each.status == "COMPLETED"]
        found.append((told - ended).total_seconds() * 1000)
    return found


def test_a_handler_that_raises_hangs_exits_dies_or_babbles_delays_no_other_channel(
    workshop: Stage, submit_there: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each handler has one of Slack's tasks before the others come; none of them has got anywhere when all are told."""
    latencies_ms(workshop, submit_there, "first", {})  # every function has started
    alone = latencies_ms(workshop, submit_there, "alone", {})
    first = submit_there("trouble", Script(), tags={"team": "slack", "trouble": "yes"})
    eventually(lambda: {name: delivery(workshop, first, name, "COMPLETED").get("state") for name in ENDS} == ENDS)

    beside = latencies_ms(workshop, submit_there, "beside", {"trouble": "yes"})

    with capsys.disabled():
        print(f"\nSlack heard in (ms, median and longest of {TASKS})")  # noqa: T201 - what the test is there to show
        print(f"alone:                                   {median(alone):5.0f} {max(alone):5.0f}")  # noqa: T201
        print(f"beside handlers that hang, raise or die: {median(beside):5.0f} {max(beside):5.0f}")  # noqa: T201
    assert told_at(workshop, first)
    assert {name: delivery(workshop, first, name, "COMPLETED")["state"] for name in ENDS} == ENDS
