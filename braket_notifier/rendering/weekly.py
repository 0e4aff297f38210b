"""The weekly line as a message; pure."""

from braket_notifier.domain.weekly_line import WeeklyLine
from braket_notifier.rendering.message import PUSH, Message
from braket_notifier.text.wording import cut, number, plural

DOCTOR, REDRIVE = "braket-notifier doctor", "braket-notifier redrive"


def render_week(line: WeeklyLine) -> Message:
    """Render the counts, and what keeps the notifier from stating that nothing was missed."""
    troubles = _troubles(line)
    missed = ("nothing missed",) if line.undelivered == 0 and not troubles else troubles
    text = f"This week: {', '.join((_ended(line), *missed))}"
    if line.undelivered:
        closing, command = "What is undelivered can be sent again:", REDRIVE
    elif troubles:
        closing, command = "The reasons:", DOCTOR
    else:
        closing, command = "A week without this line means that the notifier does not work:", DOCTOR
    return Message(mark="", push=cut(text, PUSH), headline=text, lines=(), closing=closing, command=command)


def _ended(line: WeeklyLine) -> str:
    if not line.ended:
        return "no task or job ended"
    ended = "1 task or job" if line.ended == 1 else f"{number(line.ended)} tasks and jobs"
    return f"{ended} ended, {number(line.failed) if line.failed else 'none'} failed"


def _troubles(line: WeeklyLine) -> tuple[str, ...]:
    """Return each reason for which an end may have been missed."""
    undelivered = f"{plural(line.undelivered, 'record')} undelivered" if line.undelivered else ""
    down = (f"{channel} is down" for channel in line.down)
    unswept = (f"{region} was not swept" for region in line.unswept)
    return tuple(filter(None, (undelivered, *down, *unswept)))
