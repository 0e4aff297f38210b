"""A sample: a situation, its message for each channel, and the settings behind it."""

from dataclasses import dataclass, replace

from braket_notifier.domain.announcement import is_announcement
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import HintRule, Person, Policy
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.compose import message_of
from braket_notifier.rendering.digest import render_digest
from braket_notifier.rendering.executables import render_executables
from braket_notifier.rendering.message import Beside, Message
from braket_notifier.rendering.transition import NOTHING, render

CHANNEL = "team-slack"
#: The channel whose fallback gets the samples about an outage.
UNREACHABLE_CHANNEL = "lab-slack"
POLICY = Policy(
    regions=("us-east-1", "us-west-1", "eu-north-1"),
    time_zone="Europe/Berlin",
    channels={CHANNEL: "slack", "mail": "email"},
    routes=(),
    mentions={CHANNEL: "failures"},
    people=(
        Person("Anna", "U01ABCDEF", ("tag:owner=anna", "s3:*/anna/*")),
        Person("Ben", "U02BCDEFG", ("tag:owner=ben",)),
        Person("Chiara", "U03CDEFGH", ("tag:owner=chiara",)),
        Person("Dev", "", ("tag:owner=dev",)),
    ),
    hint_rules=(
        HintRule("license server", "the group's license server restarts at 06:00 UTC: submit it again after that."),
    ),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A situation: the notification or digest, and the context that is rendered with it."""

    name: str
    #: The situation as the preview's heading.
    about: str
    content: Transition | Digest
    beside: Beside = NOTHING
    may_repeat: bool = False
    policy: Policy = POLICY
    #: The failed executables in its card's thread.
    listed: bool = False
    #: The line that announces it beside its card; its e-mail is a message of its own.
    beside_card: bool = False
    #: The person whom the message is for, instead of a channel.
    to: str = ""
    #: The destination that passed it on.
    passed_from: str = ""

    def message(self, channel: str = CHANNEL) -> Message:
        channel = self.to or channel
        message = self._whole(channel)
        return message.beside_card() if self.beside_card and channel == CHANNEL else message

    def _whole(self, channel: str) -> Message:
        if isinstance(self.content, Digest):
            shown = self.content if channel == CHANNEL else replace(self.content, announced=(), failing=False)
            return render_digest(shown, self.policy, channel)
        if is_announcement(self.content.status) or self.passed_from:
            passed_from = self.passed_from or UNREACHABLE_CHANNEL
            of = Notification(self.content, channel, as_of=self.beside.as_of, passed_from=passed_from)
            return message_of(of, self.policy, channel)
        if self.listed and self.beside.results:
            return render_executables(self.content, self.beside.results)
        beside = replace(self.beside, threaded=self.beside.threaded and channel == CHANNEL)
        return render(self.content, self.policy, channel, beside)


def transitions_of(sample: Sample) -> tuple[Transition, ...]:
    return sample.content.transitions if isinstance(sample.content, Digest) else (sample.content,)
