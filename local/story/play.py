"""The story of `make run` as it is told: what is submitted, what the channels accept, and when all is heard."""

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
from local.story.tally import FAILING, Acceptance, Tally, Told, id_of, is_digest, of_mail, of_post, tally

#: How long a chapter may take to be told, and how long a repeat would take to show.
PATIENCE_S = 180
SETTLED_S = 3
#: The story's batch began before it was told.
INSTALLED_BEFORE = timedelta(hours=1)


@dataclass
class Listener:
    """Hears what the channels accept, prints it, and keeps it to be counted."""

    console: Console
    accepted: list[Acceptance] = field(default_factory=list)

    def hear(self, message: Post | Mail) -> None:
        if isinstance(message, Post):
            self.accepted += of_post(message, story.SLACK)
            in_thread = message.thread_ts and not message.reply_broadcast
            line = Text.assemble(("  thread  " if in_thread else "Slack   ", "magenta"), message.text)
        else:
            self.accepted.append(of_mail(message, story.MAIL))
            line = Text.assemble(("e-mail  ", "blue"), message.subject)
        self.say(line)

    def say(self, line: Text) -> None:
        self.console.print(Text.assemble((f"{time.strftime('%H:%M:%S')}  ", "dim"), line), soft_wrap=True)

    def hear_edit(self, post: Post) -> None:
        """What a digest's card tells by an edit was told; an edit of any other card only repeats a post."""
        if is_digest(post):
            self.accepted += of_post(post, story.SLACK)
            self.say(Text.assemble(("edited  ", "magenta"), post.text))

    def has_heard(self, expected: set[Told]) -> bool:
        return {id_of(told) for told in expected} <= {each.id for each in self.accepted}


@dataclass
class Telling:
    """The story so far: what was submitted, and who has to hear of what."""

    stage: Stage
    listener: Listener
    arns: dict[str, str] = field(default_factory=dict)
    expected: set[Told] = field(default_factory=set)
    #: What comes by events, and not while other chapters are told.
    soon: set[Told] = field(default_factory=set)

    def submit(self, act: Act, *, goes_on: bool = False) -> None:
        arn = self.arns[act.name] = self.stage.submit(act, self.arns.get(act.job, ""))
        told = {(channel, arn, status) for channel, statuses in act.tells.items() for status in statuses}
        self.expected |= told
        if act.script.events != "lost" and not goes_on:
            self.soon |= {each for each in told if each[2] != FAILING}

    def begin(self, title: str) -> None:
        self.listener.console.rule(f"[bold]{title}", align="left", style="dim")


def tell_story(stage: Stage, listener: Listener) -> Tally:
    """Submit the workload, wait until all is told that has to be, and count."""
    telling = Telling(stage, listener)
    stage.watched_since(datetime.now(UTC) - INSTALLED_BEFORE)
    telling.begin("one quantum task is open at installation: only its end is told")
    telling.submit(EARLIER)
    stage.sweep()  # what is open at installation is nobody's news
    wait_for(partial(listener.has_heard, telling.soon))
    for chapter in CHAPTERS:
        telling.begin(chapter.title)
        if chapter.fault:
            stage.inbox.fault(chapter.fault)
        for act in chapter.acts:
            telling.submit(act, goes_on=chapter.goes_on)
        wait_for(partial(listener.has_heard, telling.soon))
    telling.begin("a sweep finds what no event told of, and that a running hybrid job is failing")
    stage.sweep()
    wait_for(partial(listener.has_heard, telling.expected))
    time.sleep(SETTLED_S)
    return tally(stage.braket.changes, telling.expected, listener.accepted)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
