"""Play the story of `make run`: submit the workload, and wait for the expected notifications."""

import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import parse_arn
from braket_notifier.settings.notifier_toml import Settings
from local.braket.script import TERMINAL
from local.inbox.inbox import Mail, Post
from local.story.chapters import CHAPTERS, EARLIER, LIMIT, OUT_SINCE, PRICED, WAITING
from local.story.expectations import Expectations, expectations, outage, spending
from local.story.ledger import Ledger, waiting_lines
from local.story.stage import Stage
from local.story.story import Act
from local.story.tally import (
    Acceptance,
    Expected,
    Tally,
    id_of,
    is_digest,
    is_in_channel,
    is_json,
    of_mail,
    of_post,
    tally,
)
from local.story.workspace import channel_of, unreadable, workspace_of

#: Seconds until a chapter's notifications must be accepted, until those that nobody promises may be, and until a repeat
#: would show.
PATIENCE_S = 180
OTHERS_S = 20
SETTLED_S = 3
#: Seconds between two looks at messages, and at the ledger.
LOOK_EVERY_S, READ_EVERY_S = 0.05, 2
#: A notification that its group sends only after this time is not waited for, in a chapter and at the story's end.
SOON, AT_LAST = timedelta(seconds=35), timedelta(seconds=75)
#: Time between installation and the story, because the batch began in the past.
INSTALLED_BEFORE = timedelta(hours=1)


@dataclass
class AcceptanceLog:
    """Print and store the notifications that channels accept."""

    console: Console
    settings: Settings
    #: The name of each channel of Slack by its id.
    names: Mapping[str, str]
    accepted: list[Acceptance] = field(default_factory=list)

    def accept(self, message: Post | Mail) -> None:
        if isinstance(message, Post):
            self.accepted += of_post(message)
            name = self.names.get(message.channel, message.channel) if is_in_channel(message) else "  thread"
            line = Text.assemble((f"{name}  ", "magenta"), message.text)
        else:
            name = channel_of(message.topic_arn, self.settings)
            self.accepted += of_mail(message, name)
            line = Text.assemble((f"{name}  ", "blue"), said_by_topic(message) if is_json(message) else message.subject)
        self.print(line)

    def print(self, line: Text) -> None:
        self.console.print(Text.assemble((f"{time.strftime('%H:%M:%S')}  ", "dim"), line), soft_wrap=True)

    def accept_edit(self, post: Post) -> None:
        """Count a notification when a digest's card was edited to include it. Other edits announce nothing."""
        if is_digest(post):
            self.accepted += of_post(post)
            self.print(Text.assemble(("edited  ", "magenta"), post.text))


def logged_stage(console: Console, settings: Settings) -> tuple[AcceptanceLog, Stage]:
    """A stage with these settings, and the log of what its channels accept."""
    stage = Stage(settings=settings)
    names = {each.id: each.name for each in workspace_of(settings.channels, stage.policy).channels}
    log = AcceptanceLog(console, settings, names)
    stage.on_arrival, stage.on_edit = log.accept, log.accept_edit
    return log, stage


def said_by_topic(mail: Mail) -> str:
    """The resource and status in a topic's JSON, which is too long for a line."""
    said = json.loads(mail.body)
    return f"{said['kind']} {parse_arn(said['arn']).short_id} {said['status']}"


@dataclass
class StoryRun:
    """The story so far: the submitted resources, and the expected notifications."""

    stage: Stage
    log: AcceptanceLog
    policy: Policy
    arns: dict[str, str] = field(default_factory=dict)
    expected: Expectations = field(default_factory=Expectations)
    #: Ends that are expected soon, because their events arrive and their chapter does not go on.
    soon: set[Expected] = field(default_factory=set)
    #: Ends of a hybrid job's own tasks that its card's thread shows, if there is one.
    in_threads: set[Expected] = field(default_factory=set)
    #: Channels that were late once, so that only the story's end waits for them.
    late: set[str] = field(default_factory=set)
    _ledger: Ledger = field(default_factory=Ledger)
    _read_at: float = 0

    def submit(self, act: Act, *, goes_on: bool = False) -> None:
        job = self.arns.get(act.job, "")
        for each, arn, parent in self.stage.submit_all(act, job):
            self.arns[each.name] = arn
            expected = expectations(each, arn, self.policy, parent)
            self.expected |= expected
            if each.script.events != "lost" and not goes_on:
                self.soon |= expected.ends
                self.in_threads |= {each for each in expected.others if each[2] in TERMINAL}

    def begin(self, title: str) -> None:
        self.log.console.rule(f"[bold]{title}", align="left", style="dim")

    def await_chapter(self) -> None:
        """Wait for the ends that are expected soon, of channels that were never late."""
        wanted = {each for each in self.soon if each[0] not in self.late}
        if not self.wait_for(wanted, PATIENCE_S):
            self.late |= {each[0] for each in wanted if not self.is_settled({each})}
        self.wait_for(self.in_threads, OTHERS_S)

    def wait_for(self, wanted: Collection[Expected], patience_s: float, soon: timedelta = SOON) -> bool:
        return wait_for(partial(self.is_settled, wanted, soon), patience_s)

    def is_settled(self, wanted: Collection[Expected], soon: timedelta = SOON) -> bool:
        """Whether each was accepted, is over by the ledger, or waits for longer than the story can."""
        missing = {id_of(each) for each in wanted} - {each.id for each in self.log.accepted}
        if not missing:
            return True
        ledger, long = self._read(), datetime.now(UTC) + soon
        return missing <= ledger.over | {each for each, held in ledger.waiting.items() if held.until > long}

    def result(self) -> Tally:
        """Count. The ledger alone knows what a digest by e-mail, a webhook or a handler got."""
        ledger, accepted = self.stage.ledger(), list(self.log.accepted)
        known = {each.id for each in accepted}
        for channel in unreadable(self.stage.settings.channels):
            collected = self.policy.channels[channel] != "handler"
            found = (each for each in ledger.delivered.get(channel, ()) if each.id not in known)
            accepted += [replace(each, digest=collected) for each in found]
        for line in waiting_lines(ledger, ZoneInfo(self.policy.time_zone)):
            self.log.console.print(line, style="yellow", soft_wrap=True)
        if spent := self.stage.spent():
            self.log.console.print(f"Costs by the emulator's price list: {spent}", soft_wrap=True)
        if price := self.stage.price(PRICED, self.arns[PRICED.name]):
            self.log.console.print(price.line(), style="" if price.is_recorded else "red", soft_wrap=True)
        return tally(
            self.stage.braket.changes,
            self.expected.ends,
            accepted,
            others=self.expected.others,
            waiting=ledger.waiting,
            posts=self.stage.inbox.posts,
            mispriced=price is not None and not price.is_recorded,
        )

    def _read(self) -> Ledger:
        if time.monotonic() - self._read_at > READ_EVERY_S:
            self._ledger, self._read_at = self.stage.ledger(), time.monotonic()
        return self._ledger


def play_story(stage: Stage, log: AcceptanceLog) -> Tally:
    """Submit the workload, wait for the expected notifications, and count."""
    run = StoryRun(stage, log, stage.policy)
    stage.watched_since(datetime.now(UTC) - INSTALLED_BEFORE)
    stage.limit(WAITING.device, LIMIT)
    run.begin("one quantum task is open at installation: only its end is announced")
    run.submit(EARLIER)
    stage.sweep()  # the first sweep announces no resource that is open at installation
    run.await_chapter()
    for chapter in CHAPTERS:
        fault = chapter.fault if stage.inbox.workspace.channels else None
        run.begin(f"{chapter.title}; Slack asks to be left alone for two seconds" if fault else chapter.title)
        if fault:
            stage.inbox.fault(fault)
        for act in chapter.acts:
            run.submit(act, goes_on=chapter.goes_on)
        run.await_chapter()
    run.begin("a sweep: a lost change, a failing job, what waits, a spending limit")
    since = datetime.now(UTC) - OUT_SINCE
    stage.take_out(WAITING.device, since)
    run.expected |= outage(WAITING, run.arns[WAITING.name], since, run.policy)
    run.expected |= spending(stage.limits(WAITING.region), run.policy)
    stage.sweep()
    run.wait_for(run.expected.ends, PATIENCE_S, AT_LAST)
    run.wait_for(run.expected.others, OTHERS_S)
    time.sleep(SETTLED_S)
    return run.result()


def wait_for(condition: Callable[[], bool], patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
    return met
