"""`python -m tests.rings` prints what a shared channel and a mailing list get in situations of a day; `… story` too.

A message rings for those who want every message of the channel, and for whom it mentions; an edit never rings. Each
situation is sent by the shipped settings through the real delivery on a simulated clock.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Person, Policy
from braket_notifier.domain.resource import Children, Snapshot, parse_arn
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.compose import message_of
from braket_notifier.rendering.message import Message
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.routing.routes import notifications
from braket_notifier.settings.notifier_toml import read_settings
from local.inbox.entries import Mail, Post
from local.inbox.inbox import Inbox
from tests.conftest import ACCOUNT, GARNET, NOON, SV1, job_arn, task_arn
from tests.unit.grouping.channel_world import ChannelWorld

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
SLACK, MAIL = "team-slack", "mail"
SHIPPED = Path(__file__).parents[1] / "notifier.toml"
DEVICES = [GARNET, GARNET.replace("Garnet", "Emerald"), "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"]
SDK_BUCKET = f"amazon-braket-eu-north-1-{ACCOUNT}"
NAMES = [f"person-{number}" for number in range(1, 16)]
PEOPLE = tuple(Person(name, f"U{number:08}", (f"tag:owner={name}",)) for number, name in enumerate(NAMES))
#: Whose tasks are which: by a tag, by the folder of the results, or by nothing.
OWNED: dict[str, Callable[[str], dict[str, Any]]] = {
    "known by tags": lambda name: {"tags": {"owner": name}},
    "a folder each": lambda name: {"tags": {}, "bucket": "lab", "directory": f"{name}/834b21ed"},
    "one folder, the SDK's": lambda _: {"tags": {}, "bucket": SDK_BUCKET, "directory": "tasks/834b21ed"},
}


@dataclass
class Day(ChannelWorld):
    """A channel, the resources that are open meanwhile, and what each message was."""

    lives: list[tuple[str, datetime, datetime]] = field(default_factory=list)

    def count_open(self, among: str, regions: Collection[str]) -> int:  # noqa: ARG002 - all are watched
        return sum(key == among and since <= self.now < until for key, since, until in self.lives)


@dataclass(frozen=True)
class Figures:
    """The figures of a channel: messages that ring, most mentions of one person, posts with replies, their lines."""

    rings: int
    mentions: int
    posts: int
    lines: int
    #: The longest time from an end to the message about it that rings.
    longest_wait: timedelta = timedelta(0)

    def __str__(self) -> str:
        minutes = f"{self.longest_wait / MINUTE:.0f} min"
        return f"{self.rings:>6} {self.mentions:>9} {self.posts:>6} {self.lines:>6} {minutes:>8}"


Event = tuple[Snapshot, str]


def a_task(number: int, began: datetime, ended: datetime, status: str = "COMPLETED", **changes: Any) -> Event:
    task = Snapshot(
        parse_arn(task_arn(number)), status, began, ended_at=ended, device=GARNET, shots=1000, successful_shots=1000
    )
    if status != "COMPLETED":
        changes |= {"successful_shots": None, "failure_reason": "qubit 17 is down" if status == "FAILED" else ""}
    return replace(task, **changes), status


def fifteen_people(owned: str) -> list[Event]:
    """Five tasks each, submitted within eight hours on three devices; one in twenty fails."""
    chance, events = random.Random(17), []  # noqa: S311 - no secret
    for number, name in enumerate(each for each in NAMES for _ in range(5)):
        began = NOON + chance.uniform(0, 8) * HOUR
        ended = began + chance.uniform(2, 50) * MINUTE
        device, status = chance.choice(DEVICES), "FAILED" if chance.random() < 1 / 20 else "COMPLETED"
        events.append(a_task(number, began, ended, status, device=device, **OWNED[owned](name)))
    return events


def a_batch() -> list[Event]:
    tags: dict[str, Any] = {"tags": {"owner": NAMES[0], "batch": "scan-7"}}
    return [
        a_task(number, NOON, NOON + (number + 1) * 72 * SECOND, "FAILED" if number % 20 == 7 else "COMPLETED", **tags)
        for number in range(200)
    ]


def a_job() -> list[Event]:
    """Three hundred tasks of its own, of which nine fail."""
    job = Snapshot(
        parse_arn(job_arn()), "RUNNING", NOON, NOON, device=GARNET, job_name="vqe-1", tags={"owner": NAMES[0]}
    )
    tasks = [
        a_task(
            number,
            NOON,
            NOON + number * 24 * SECOND + MINUTE,
            "FAILED" if number % 33 == 32 else "COMPLETED",
            job_arn=job_arn(),
        )
        for number in range(300)
    ]
    end = replace(job, status="COMPLETED", ended_at=NOON + 125 * MINUTE, children=Children(300, 291, failed=9))
    return [(job, "RUNNING"), *tasks, (end, "COMPLETED")]


def a_reservation() -> list[Event]:
    """An hour in which 24 tasks complete; six are left over."""
    booked = {"reservation": f"arn:aws:braket:us-east-1:{ACCOUNT}:reservation/3f2a", "device": DEVICES[2]}
    owned: dict[str, Any] = {"tags": {"owner": NAMES[0]}, **booked}
    done = [a_task(number, NOON, NOON + (number + 1) * 149 * SECOND, **owned) for number in range(24)]
    return [
        *done,
        *(a_task(number, NOON, NOON + HOUR + number * SECOND / 2, "CANCELLED", **owned) for number in range(24, 30)),
    ]


def a_series() -> list[Event]:
    """An end every two minutes for five hours, and one of a stranger, on one device and in one folder."""
    owned = OWNED["one folder, the SDK's"](NAMES[0])
    series = [a_task(number, NOON, NOON + 2 * number * MINUTE, **owned) for number in range(150)]
    return [*series, a_task(999, NOON, NOON + 51 * MINUTE, **owned)]


def short_simulations() -> list[Event]:
    """Two hundred runs on SV1 of 3 to 40 seconds, of which ten fail."""
    chance = random.Random(17)  # noqa: S311 - no secret
    began = [NOON + chance.uniform(0, 4) * HOUR for _ in range(200)]
    return [
        a_task(
            number,
            each,
            each + chance.uniform(3, 40) * SECOND,
            "FAILED" if number % 20 == 0 else "COMPLETED",
            device=SV1,
            tags={"owner": NAMES[0]},
        )
        for number, each in enumerate(began)
    ]


SITUATIONS: dict[str, Callable[[], list[Event]]] = {
    **{f"15 people with five QPU tasks a day, {owned}": partial(fifteen_people, owned) for owned in OWNED},
    "a 200-task batch over four hours, ten fail": a_batch,
    "a job with 300 tasks, nine fail": a_job,
    "30 tasks in an hour's reservation, six left over": a_reservation,
    "an end every two minutes for five hours, and a stranger's": a_series,
    "200 simulator runs of 3 to 40 s, ten fail": short_simulations,
}


def policy() -> Policy:
    return replace(parse_policy(read_settings(SHIPPED).policy()), people=PEOPLE)


def lived(channel: str, events: Sequence[Event], settings: Policy) -> Day:
    """Let the events happen in a channel."""
    day = Day(settings, NOON, channel, edits=channel == SLACK)
    day.lives = [(each.open_in, each.created_at or NOON, each.ended_at or NOON) for each, _ in events if each.ended_at]
    for snapshot, status in events:
        at = snapshot.ended_at or snapshot.started_at or NOON
        transition = Transition(snapshot, status, None, at, snapshot.started_at, 1, "event")
        mine = [each for each in notifications(transition, settings) if each.channel == channel]
        day.put(*mine, after=at - NOON)
    day.runs()
    return day


def figures(day: Day) -> Figures:
    compose = partial(message_of, policy=day.policy, channel=day.channel, threads=day.edits)
    new = [each for each in day.board.sent if each.action != "edit"]
    shown = [(each, compose(each.content)) for each in new]
    shown = [(each, message.beside_card() if each.action == "broadcast" else message) for each, message in shown]
    mentions = Counter(message.owner.slack for each, message in shown if each.pings and message.owner)
    return Figures(
        rings=len(day.pings),
        mentions=max((times for person, times in mentions.items() if person), default=0),
        posts=len(new),
        lines=sum(lines(message) for _, message in shown),
        longest_wait=max((waited(day, row.notification) for row in day.ledger.rows.values()), default=timedelta(0)),
    )


def waited(day: Day, notification: Notification) -> timedelta:
    """The time from an end until a message about it rang; none for what is silent, or only counted by its job."""
    rang = [at for at, ids in day.rings() if notification.id in ids]
    at = notification.transition.at
    return min(rang) - at if rang and at else timedelta(0)


def lines(message: Message) -> int:
    """Count the lines of a message on a wide screen: headline, facts, reason, notes, tables, lists, links and code."""
    rows = sum(1 + len(each.rows) for each in message.sections)
    small = [message.closing or message.command, message.links or message.short_id, message.code]
    body = [*message.lines, *message.notes, *message.table, message.reason, *small]
    return 1 + rows + sum(bool(each) for each in body)


def table(situations: dict[str, Callable[[], list[Event]]]) -> list[str]:
    heads = f"{'rings':>6} {'mentions':>9} {'posts':>6} {'lines':>6} {'waited':>8}"
    rows = [f"{'':<66} {heads} {'e-mails':>8}"]
    settings = policy()
    for name, events in situations.items():
        slack, mail = (figures(lived(channel, events(), settings)) for channel in (SLACK, MAIL))
        rows.append(f"{name:<66} {slack} {mail.rings:>8}")
    return rows


def of_story(inbox: Inbox) -> str:
    """Return the figures of a story from the posts that the local Slack has; a broadcast is a post that rings."""
    posts = [each for each in inbox.posts if isinstance(each, Post)]
    rings = [each for each in posts if not each.thread_ts or each.reply_broadcast]
    text = sum(len(each.plain().splitlines()) - 1 for each in posts)  # without the push line
    mails = [each for each in inbox.mails if isinstance(each, Mail)]
    return f"{'the story of `make run`':<66} {Figures(len(rings), 0, len(posts), text)} {len(mails):>8}"


def story() -> str:
    from local.story.assembly import SETTINGS, synthesise  # noqa: PLC0415 - needs the local cloud
    from local.story.play import logged_stage, play_story  # noqa: PLC0415

    log, stage = logged_stage(Console(stderr=True), read_settings(SETTINGS))
    with stage.up():
        stage.deploy(synthesise())
        play_story(stage, log)
        return of_story(stage.inbox)


def main() -> None:
    for row in table(SITUATIONS):
        print(row)  # noqa: T201 - the report
    if sys.argv[1:] == ["story"]:
        print(story())  # noqa: T201 - the report


if __name__ == "__main__":
    main()
