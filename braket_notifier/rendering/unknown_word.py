"""The message that a word of a resource's tag is unknown, of whose end nobody was notified; pure."""

from dataclasses import replace

from braket_notifier.domain.announcement import OF, TAG, WORD
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.rendering.message import PUSH, Message
from braket_notifier.rendering.words import links
from braket_notifier.rendering.words.names import name
from braket_notifier.routing.tags import refusal
from braket_notifier.text.wording import cut


def render_unknown_word(about: Snapshot, policy: Policy) -> Message:
    """Name the word, the known ones, and the resource whose end would have been announced."""
    arn = parse_arn(about.tags[OF])
    called = name(replace(about, arn=arn))
    why = refusal(about.tags[TAG], [about.tags[WORD]], policy)
    return Message(
        mark="⚠",
        push=cut(f"⚠ {called} ended, nobody was notified · {why}", PUSH),
        headline=f"⚠ {called} ended, and nobody was notified of it",
        lines=(why, "This comes once for each word."),
        closing="Who is notified, and why:",
        command=f"braket-notifier explain {arn}",
        links=(("Console", links.resource(arn)),),
        short_id=arn.short_id,
    )
