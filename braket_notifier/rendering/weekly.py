"""The weekly line as a message; pure."""

from collections.abc import Mapping

from braket_notifier.domain.announcement import ENDED, FAILED, UNDELIVERED
from braket_notifier.domain.cost import Cost
from braket_notifier.rendering.message import PUSH, Message
from braket_notifier.rendering.words.money import sum_of
from braket_notifier.text.wording import cut, number, plural

DOCTOR, REDRIVE = "braket-notifier doctor", "braket-notifier redrive"


def render_week(line: Mapping[str, str], spent: Cost | None) -> Message:
    """Render the figures, and what keeps the notifier from stating that nothing was missed; a phone shows no amount."""
    troubles = [each for each in line if each not in {ENDED, FAILED, UNDELIVERED}]
    lost = int(line.get(UNDELIVERED, 0))
    if lost:
        troubles = [f"{plural(lost, 'record')} undelivered", *troubles]
    missed = troubles if troubles or UNDELIVERED not in line else ["nothing missed"]
    text = f"This week: {', '.join((_ended(int(line[ENDED]), int(line[FAILED])), *missed))}"
    if lost:
        closing, command = "What is undelivered can be sent again:", REDRIVE
    elif troubles:
        closing, command = "The reasons:", DOCTOR
    else:
        closing, command = "A week without this line means that the notifier does not work:", DOCTOR
    lines = (sum_of(spent),) if spent else ()
    return Message(mark="", push=cut(text, PUSH), headline=text, lines=lines, closing=closing, command=command)


def _ended(ended: int, failed: int) -> str:
    if not ended:
        return "no task or job ended"
    of_all = "1 task or job" if ended == 1 else f"{number(ended)} tasks and jobs"
    return f"{of_all} ended, {number(failed) if failed else 'none'} failed"
