"""Seconds from Braket's change to the channel's acceptance on the local cloud, hop by hop, one change at a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.deliveries import Delivery, percentile, wait_for, wait_for_one
from benchmarks.report import Goal, Report
from local.braket.emulator import CreateRequest, Script
from local.story.assembly import synthesise
from local.story.stage import Stage
from local.story.story import FORTE, Act

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHANGES, SWEPT = 500, 20
#: Every tenth change also goes to people's channels, which take one post a second.
FEW = 10
MACHINES, PEOPLE = ("machines", "own"), ("team-slack",)
SETTINGS = """
home = "us-east-1"
regions = ["us-east-1"]

[channels.team-slack]
type = "slack"
channel = "C0123456789"
token = "ssm:/braket-notifier/slack-token"

[channels.machines]
type = "topic"

[channels.own]
type = "handler"

[[routes]]
to = ["team-slack"]
status = ["COMPLETED"]
tags = { for = "people" }

[[routes]]
to = ["machines", "own"]
status = ["COMPLETED"]
"""
HANDLER = '"""Takes whatever comes."""\n\n\ndef handle(transition: object) -> None:\n    pass\n'


def run() -> Report:
    with _stage() as stage:
        by_event = {_submit(stage, number, "sent", await_it=True) for number in range(CHANGES)}
        rows = wait_for(stage, 2 * CHANGES + CHANGES // FEW)
        swept = {_submit(stage, number, "lost", await_it=False) for number in range(SWEPT)}
        time.sleep(1)
        began = time.time()
        stage.sweep()
        rows = wait_for(stage, len(rows) + 2 * SWEPT + SWEPT // FEW)
        changed = {change.arn: change.at for change in stage.braket.changes if change.status == "COMPLETED"}
    ways = {
        "events, topic": [row for row in rows if row.arn in by_event and row.channel == "machines"],
        "events, handler": [row for row in rows if row.arn in by_event and row.channel == "own"],
        "events, Slack": [row for row in rows if row.arn in by_event and row.channel in PEOPLE],
    }
    found = {way: [_hops(row, changed[row.arn]) for row in each] for way, each in ways.items()}
    found["sweep, topic"] = [
        _hops(row, datetime.fromtimestamp(began, row.recorded.tzinfo))
        for row in rows
        if row.arn in swept and row.channel == "machines"
    ]
    return report(found)


def report(found: dict[str, list[tuple[float, float, float]]]) -> Report:
    """Show for each way the three hops of each change in seconds: recorded, claimed, accepted."""
    totals = {way: [sum(hops) for hops in each] for way, each in found.items()}
    rows = []
    for way, each in found.items():
        shares = [percentile([hops[n] for hops in each], 50) for n in range(3)]
        figures = (percentile(totals[way], 50), percentile(totals[way], 99), max(totals[way]), *shares)
        rows.append((way, f"{len(each)}", *(f"{figure:.3f}" for figure in figures)))
    machines = totals["events, topic"] + totals["events, handler"]
    goals = (
        Goal("machines_p50_s", percentile(machines, 50), 0.3),
        Goal("machines_p99_s", percentile(machines, 99), 2.0),
        Goal("people_p50_s", percentile(totals["events, Slack"], 50), 0.3),
    )
    measured = (
        f"Seconds from Braket's change (the sweep: from its start) to the channel's acceptance, {CHANGES} changes, "
        "each submitted when the one before it was delivered. The slowest is the first: every function starts, and the "
        "local cloud unpacks it; `cold_start` measures a start by itself. The local cloud does not wait for batching "
        "windows: people's channels wait 2 s more on AWS."
    )
    columns = ("way", "changes", "p50", "p99", "slowest", "until recorded", "until claimed", "until accepted")
    return Report("latency", measured, columns, rows, goals, lambda axes: _plot(axes, totals))


@contextmanager
def _stage() -> Iterator[Stage]:
    with TemporaryDirectory() as folder, Stage(_script_of).up() as stage:
        place = Path(folder)
        (place / "notifier.toml").write_text(SETTINGS)
        (place / "custom").mkdir()
        (place / "custom" / "own.py").write_text(HANDLER)
        stage.deploy(synthesise(place / "notifier.toml", place / "cdk.out", place / "custom"))
        stage.sweep()
        yield stage


def _script_of(request: CreateRequest) -> Script:
    return Script(steps=((0.2, "COMPLETED"),), events="lost" if request.name.startswith("lost") else "sent")


def _submit(stage: Stage, number: int, events: str, *, await_it: bool) -> str:
    """Submit a batch of its own, so that no digest collects the tasks."""
    name, for_people = f"{events}-{number}", number % FEW == 0
    tags = {"for": "people"} if for_people else {}
    arn = stage.submit(Act(name=name, device=FORTE, script=Script(), batch=name, tags=tags))
    if await_it:
        wait_for_one(stage, arn, [*MACHINES, *(PEOPLE if for_people else ())])
    return arn


def _hops(row: Delivery, changed: datetime) -> tuple[float, float, float]:
    moments = (changed, row.recorded, row.claimed, row.accepted)
    hops = [(b - a).total_seconds() for a, b in pairwise(moments)]
    return hops[0], hops[1], hops[2]


def _plot(axes: "Axes", totals: dict[str, list[float]]) -> None:
    for way, seconds in totals.items():
        axes.plot(sorted(seconds), [n / len(seconds) for n in range(len(seconds))], label=way)
    axes.set_xlabel("seconds from Braket's change to the channel's acceptance")
    axes.set_ylabel("share of the changes")
    axes.legend()
