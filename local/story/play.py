"""Play the story of `make run`: submit the workload, and wait for the expected notifications."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from rich.console import Console
from rich.text import Text

from local.inbox.inbox import Mail, Post
from local.story import story
from local.story.chapters import CHAPTERS, EARLIER
from local.story.stage import Stage
from local.story.story import Act
from local.story.tally import FAILING, Acceptance, Expected, Tally, id_of, is_digest, of_mail, of_post, tally

#: Seconds until a chapter's notifications must be accepted, and until a repeat would show.
PATIENCE_S = 180
SETTLED_S = 3
#: Time between installation and the story, because the batch began in the past.
INSTALLED_BEFORE = timedelta(hours=1)


@dataclass
class AcceptanceLog:
    """Print and store the notifications that channels accept."""

    console: Console
    accepted: list[Acceptance] = field(default_factory=list)

    def accept(self, message: Post | Mail) -> None:
        if isinstance(message, Post):
            self.accepted += of_post(message, story.SLACK)
            in_thread = message.thread_ts and not message.reply_broadcast
            line = Text.assemble(("  thread  " if in_thread else "Slack   ", "magenta"), message.text)
        else:
            self.accepted.append(of_mail(message, story.MAIL))
            line = Text.assemble(("e-mail  ", "blue"), message.subject)
        self.print(line)

    def print(self, line: Text) -> None:
        self.console.print(Text.assemble((f"{time.strftime('%H:%M:%S')}  ", "dim"), line), soft_wrap=True)

    def accept_edit(self, post: Post) -> None:
        """Count a notification when a digest's card was edited to include it. Other edits announce nothing."""
        if is_digest(post):
            self.accepted += of_post(post, story.SLACK)
            self.print(Text.assemble(("edited  ", "magenta"), post.text))

    def has_accepted(self, expected: set[Expected]) -> bool:
        return {id_of(each) for each in expected} <= {each.id for each in self.accepted}


@dataclass
class StoryRun:
    """The story so far: the submitted resources, and the expected notifications."""

    stage: Stage
    log: AcceptanceLog
    arns: dict[str, str] = field(default_factory=dict)
    expected: set[Expected] = field(default_factory=set)
    #: Expected soon, because their events arrive and their chapter does not go on.
    soon: set[Expected] = field(default_factory=set)

    def submit(self, act: Act, *, goes_on: bool = False) -> None:
        arn = self.arns[act.name] = self.stage.submit(act, self.arns.get(act.job, ""))
        expected = {(channel, arn, status) for channel, statuses in act.expects.items() for status in statuses}
        self.expected |= expected
        if act.script.events != "lost" and not goes_on:
            self.soon |= {each for each in expected if each[2] != FAILING}

    def begin(self, title: str) -> None:
        self.log.console.rule(f"[bold]{title}", align="left", style="dim")


def play_story(stage: Stage, log: AcceptanceLog) -> Tally:
    """Submit the workload, wait for the expected notifications, and count."""
    run = StoryRun(stage, log)
    stage.watched_since(datetime.now(UTC) - INSTALLED_BEFORE)
    run.begin("one quantum task is open at installation: only its end is announced")
    run.submit(EARLIER)
    stage.sweep()  # the first sweep announces no resource that is open at installation
    wait_for(partial(log.has_accepted, run.soon))
    for chapter in CHAPTERS:
        run.begin(chapter.title)
        if chapter.fault:
            stage.inbox.fault(chapter.fault)
        for act in chapter.acts:
            run.submit(act, goes_on=chapter.goes_on)
        wait_for(partial(log.has_accepted, run.soon))
    run.begin("a sweep finds a lost change, and warns of a failing hybrid job")
    stage.sweep()
    wait_for(partial(log.has_accepted, run.expected))
    time.sleep(SETTLED_S)
    return tally(stage.braket.changes, run.expected, log.accepted)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
