"""A thousand ends in ten seconds through the whole local cloud: the delay, and the number of posts."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from benchmarks.deliveries import PATIENCE_S, Delivery, wait_for
from benchmarks.pump import fed
from benchmarks.report import Goal, Report
from local.braket.emulator import CreateRequest, Script
from local.inbox.inbox import Post
from local.story.assembly import synthesise
from local.story.stage import NAME, Stage
from local.story.story import FORTE, SLACK, Act

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDS, WITHIN_S, SUBMITTERS = 1000, 10.0, 8
SECOND = timedelta(seconds=1)


def run() -> Report:
    #: The first task ends after all are submitted.
    opens = time.time() + 90

    def script_of(request: CreateRequest) -> Script:
        after = opens - time.time() + WITHIN_S * int(request.name) / ENDS
        return Script(steps=((max(0.1, after), "COMPLETED"),))

    with Stage(script_of).up() as stage:
        stage.deploy(synthesise())
        stage.sweep()
        opens = time.time() + 60
        acts = [Act(name=str(number), device=FORTE, script=Script(), batch="burst") for number in range(ENDS)]
        with fed(stage.cloud, f"{NAME}-deliver-{SLACK}"):
            with ThreadPoolExecutor(SUBMITTERS) as submitters:
                list(submitters.map(stage.submit, acts))
            _wait_for_messages(stage)
            rows = wait_for(stage, ENDS)
        ended = [change.at for change in stage.braket.changes if change.status == "COMPLETED"]
        return report(rows, ended, stage.inbox.posts, stage.braket.calls["GetQuantumTask"])


def report(rows: Sequence[Delivery], ended: Sequence[datetime], posts: Sequence[Post], gets: int) -> Report:
    last_end, last_read = max(ended), max(row.recorded for row in rows)
    last_accepted = max(row.accepted for row in rows)
    repeated = sum(map(_shown, posts)) - len({row.arn for row in rows if row.channel == SLACK})
    at = [post.accepted_at for post in posts]
    crowded = max((sum(each <= other < each + SECOND for other in at) for each in at), default=0)
    after_read = (last_accepted - last_read).total_seconds()
    figures = {
        "ends at Braket": f"{len(ended):,} in {(last_end - min(ended)).total_seconds():.0f} s",
        "questions to Braket": f"{gets:,}",
        "recorded after the last end": f"{(last_read - last_end).total_seconds():.0f} s",
        "delivered after the last was recorded": f"{after_read:.0f} s",
        "of that, from a claim to its message": f"{max(row.accepted - row.claimed for row in rows).seconds} s",
        "posts to Slack (edits apart)": f"{len(posts)}",
        "most posts within one second": f"{crowded}",
        "lost, repeated": f"{ENDS - len({row.arn for row in rows if row.channel == SLACK})}, {repeated}",
    }
    goals = (
        Goal("lost", ENDS - len({row.arn for row in rows}), 0),
        Goal("repeated", repeated, 0),
        Goal("posts_in_a_second", crowded, 1),
        Goal("delivered_after_last_read_s", after_read, 30),
    )
    measured = (
        "The local cloud, with observe and deliver as deployed; deliver is fed with batches as large and as long "
        "collected as its event source is configured."
    )
    columns = ("what", "figure")
    return Report("burst", measured, columns, list(figures.items()), goals, lambda axes: _plot(axes, rows, ended))


def _shown(post: Post) -> int:
    """The number of ends that a post was the first to announce. A digest contains the count."""
    said = (words.metadata["event_payload"] for words in (*post.edits, post.words) if words.metadata)
    counts = [each["count"] for each in said if "count" in each]
    return sum(counts) if counts else 1


def _wait_for_messages(stage: Stage) -> None:
    """Poll the inbox before the tables, because reading the tables loads the measured machine."""
    until = time.monotonic() + PATIENCE_S
    while sum(map(_shown, stage.inbox.posts)) < ENDS and time.monotonic() < until:
        time.sleep(1)


def _plot(axes: "Axes", rows: Sequence[Delivery], ended: Sequence[datetime]) -> None:
    start = min(ended)
    lines = {"ended": ended, "recorded": [row.recorded for row in rows], "delivered": [row.accepted for row in rows]}
    for name, moments in lines.items():
        seconds = sorted((at - start).total_seconds() for at in moments)
        axes.plot(seconds, range(1, len(seconds) + 1), label=name)
    axes.set_xlabel("seconds since the first end")
    axes.set_ylabel("quantum tasks")
    axes.legend()
