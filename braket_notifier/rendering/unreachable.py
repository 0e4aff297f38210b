"""A fallback's message that another channel cannot be reached; pure."""

from datetime import datetime, timedelta

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.message import PUSH, Message
from braket_notifier.sending.fallback import cause_of
from braket_notifier.sending.remedy import remedy
from braket_notifier.text.wording import clean, clock_time, cut

#: Characters of the reason, which is mostly a word of Slack's.
REASON = 60
#: The age at which an announcement says nothing about the present, because a hold kept it.
LATE = timedelta(minutes=10)
PRESENT = "how it is now: `braket-notifier doctor`"


def render_unreachable(announced: Transition, channel: str, policy: Policy, now: datetime | None) -> Message:
    """Render since when and why, and the next step; a command that is the step stands alone, ready to be copied.

    A late one is in the past tense, because the fallback's function may not read whether the channel is back.
    """
    snapshot = announced.snapshot
    why = cut(clean(snapshot.failure_reason).removeprefix("200 "), REASON)  # a word of Slack's comes with status 200
    is_late = now is not None and announced.at is not None and now - announced.at > LATE
    could, since, come = ("could not", "at", "came") if is_late else ("cannot", "since", "come")
    began = f" {since} {clock_time(snapshot.created_at, policy.time_zone, beside=now)}" if snapshot.created_at else ""
    headline = f"⚠ {channel} {could} be reached{began} ({why}) · its messages {come} here meanwhile"
    step = PRESENT if is_late else remedy(channel, cause_of(snapshot), snapshot.failure_reason).removeprefix("a ")
    words, _, command = f"{step[:1].upper()}{step[1:]}".partition("`")
    alone = command.endswith("`")
    return Message(
        mark="⚠",
        push=cut(headline, PUSH),
        headline=headline,
        lines=() if alone else (f"{words}{command.replace('`', '')}",),
        closing=words.strip() if alone else "",
        command=command.removesuffix("`") if alone else "",
    )
