"""Kill points: the real functions in real processes on the local cloud, killed at every network call in turn."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from braket_notifier.domain.destination import channel_of
from local.braket.emulator import Braket, Script
from local.cloud.cloud import Cloud
from local.story import story
from tests import canary
from tests.prove.kill_points.cases import SCENES, Ended, Scene, an_event
from tests.prove.kill_points.cloud_world import CloudWorld, NotQuietError
from tests.prove.kill_points.killed import KILLED
from tests.prove.kill_points.shapes import DESTINATIONS
from tests.prove.result import Result

WORLDS = 2
#: Before a request, and after its answer. A kill in between leaves the same, because the server handles the request.
MOMENTS = ("before", "answered")
WINDOW = "killed between accepted and marked"
MARK = "may repeat an earlier"


@dataclass
class Found:
    """The result of the kill points of one scene."""

    runs: int = 0
    lost: int = 0
    avoidable: int = 0
    unavoidable: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def _play(scene: Scene, world: CloudWorld, ended: Ended, moments: tuple[str, ...], until: str) -> Found:
    """Kill at each call and moment in turn, until the function outlives the last one."""
    found = Found()
    calls = _rehearse(scene, world, ended, found)
    last = next((at for at, call in enumerate(calls, 1) if until and until in call), len(calls))
    for at in range(1, last + 1):
        for moment in moments:
            where = f"{scene.name}, killed {moment} call {at}, {calls[at - 1]}"
            world.renew()
            event = scene.prepare(world, ended)
            killed = world.invoke(scene.function, event, scene.channel, kill_at=at, moment=moment, idle=scene.idle)
            code = killed["code"]
            if code != KILLED:
                found.wrong.append(f"{where}: ended with {code}")
            _judge(scene, world, ended, found, where)
    if canary.found_in(world.log):
        found.wrong.append(f"{scene.name}: a secret in the log")
    return found


def _rehearse(scene: Scene, world: CloudWorld, ended: Ended, found: Found) -> list[str]:
    """Run once without a kill to list the calls, and check that everything is delivered once."""
    world.renew()
    said = world.invoke(scene.function, scene.prepare(world, ended), scene.channel, idle=scene.idle)
    if scene.idle and not said.get("resets"):
        found.wrong.append(f"{scene.name}: no connection was reset")
    _judge(scene, world, ended, found, f"{scene.name}, not killed")
    return list(said["calls"])


def _judge(scene: Scene, world: CloudWorld, ended: Ended, found: Found, where: str) -> None:
    """Recover without faults, and compare the accepted with the allowed messages."""
    channels = (scene.channel,) if scene.channel else DESTINATIONS
    before = {each: (len(world.accepted(each)), world.ledger(ended.arn, each)) for each in channels}
    found.runs += 1
    try:
        scene.recover(world)
        for each in channels:
            world.until_quiet("deliver", each)
        for each in channels:
            _count(found, f"{where}, {each}", before[each], [MARK in body for body in world.accepted(each)])
            if world.ledger(ended.arn, each) != "DELIVERED":
                found.wrong.append(f"{where}, {each}: {world.ledger(ended.arn, each) or 'no row'} at rest")
        if wrong := scene.at_rest(world, ended):
            found.wrong.append(f"{where}: {wrong} at rest")
    except NotQuietError as error:
        found.wrong.append(f"{where}: {error} does not come to rest")
    if world.open_rows() or world.taken("undelivered"):
        found.wrong.append(f"{where}: something is left over")


def _count(found: Found, where: str, before: tuple[int, str], marked: list[bool]) -> None:
    """A repeat is unavoidable if the channel had accepted before the kill without a mark. The message says so."""
    accepted, state = before
    in_window = accepted == 1 and state != "DELIVERED"
    found.lost += not marked
    repeats = max(0, len(marked) - 1)
    found.unavoidable[WINDOW] += min(repeats, in_window)
    found.avoidable += repeats - min(repeats, in_window)
    expected = [False, True] if in_window else [state == "CLAIMED"]
    if marked and marked != expected:
        found.wrong.append(f"{where}: marked {marked}, not {expected}")


@contextmanager
def _ended_task() -> Iterator[tuple[Braket, Ended]]:
    """Braket's emulator with one ended quantum task, and the event of its end."""
    events: list[dict[str, Any]] = []
    script = Script(steps=story.way("COMPLETED", after=0.1))
    with Braket(choose=lambda _: script, events=events.append) as braket:
        made_up = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}
        client: Any = boto3.client("braket", "us-east-1", endpoint_url=braket.url, **made_up)  # type: ignore[call-overload]  # by name
        arn = story.submit(
            story.Act(name="killed", device=story.FORTE, script=script, tags={"owner": "anna"}), client, braket
        )
        client.close()
        braket.clock.push(5)
        yield braket, Ended(arn, json.dumps(events[-1]))


def _records(world: CloudWorld, ended: Ended) -> None:
    """The channels' records of the task's end, as observe writes them."""
    world.renew()
    world.invoke("observe", an_event(world, ended))
    ended.records.update({each: world.taken(channel_of(each))["Records"][0]["body"] for each in DESTINATIONS})


def prove(*, long: bool) -> Result:
    """Every call of every scene. The sized form skips similar scenes and moments."""
    scenes = [scene for scene in SCENES if long or scene.sized]
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        braket, ended = running.enter_context(_ended_task())
        cloud = running.enter_context(Cloud())
        worlds = [
            running.enter_context(
                CloudWorld(cloud, braket.url, f"world{number}", scene.slack, folder, scene.fallback).open()
            )
            for number, scene in enumerate(scenes)
        ]
        _records(worlds[0], ended)
        pool = running.enter_context(ThreadPoolExecutor(WORLDS))
        playing = [
            pool.submit(_play, scene, world, ended, MOMENTS if long else scene.sized, "" if long else scene.until)
            for scene, world in zip(scenes, worlds, strict=True)
        ]
        found = [each.result() for each in playing]
    unavoidable = sum((each.unavoidable for each in found), Counter[str]())
    wrong = [line for each in found for line in each.wrong]
    if not unavoidable[WINDOW]:
        wrong.append("no kill met the moment between accepted and marked: the proof misses its subject")
    return Result(
        name="kill points",
        runs=sum(each.runs for each in found),
        lost=sum(each.lost for each in found),
        avoidable_repeats=sum(each.avoidable for each in found),
        unavoidable_repeats=unavoidable,
        wrong=tuple(wrong),
    )
