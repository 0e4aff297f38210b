"""The preview of results in one line; pure."""

from braket_notifier.domain.results import Preview
from braket_notifier.text.wording import cut, number, plural

#: Characters of an outcome; of more qubits or sites the first ones are shown.
LONGEST = 32


def preview(found: Preview) -> str:
    """Return a line like "00000 49 % · 11111 47 % · 4 % others"."""
    over = "" if found.executables is None else f"over {plural(found.executables, 'executable')}: "
    if found.different == found.total > len(found.outcomes):
        return f"{over}each of {number(found.total)} shots had another outcome"
    shown = [f"{cut(outcome, LONGEST)} {_share(count, found.total)}" for outcome, count in found.outcomes]
    others = found.total - sum(count for _, count in found.outcomes)
    return over + " · ".join((*shown, *([f"{_share(others, found.total)} others"] if others else [])))


def _share(count: int, total: int) -> str:
    """Return a whole percentage, which is neither 0 nor 100 unless it is exactly that."""
    percent = round(100 * count / total)
    return f"{min(99, percent) if count < total else percent} %" if percent else "<1 %"
