"""The small parts of the status board: escaped words, links, bars. Nothing else makes markup of what others wrote."""

import html
from collections.abc import Iterable

from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.rendering.words import links
from braket_notifier.text.wording import clean, cut, plural

#: A bar's length, and the least of it that is still seen.
LENGTH, LEAST = 1000, 14
#: What a status is drawn as; a new word of Braket's is drawn as `other`.
COLOURS = {"CREATED": "created", "QUEUED": "queued", "RUNNING": "running", "CANCELLING": "cancelling"}
#: More of a word of Braket's nobody reads on a board.
MOST_WORD = 40


def escaped(text: str) -> str:
    """No markup, nothing invisible, nothing that turns the line around."""
    return html.escape(clean(text))


def word(status: str) -> str:
    return cut(clean(status), MOST_WORD).lower()


def colour(status: str) -> str:
    return f"bn-{COLOURS.get(status, 'other')}"


def link(arn: Arn, called: str) -> str:
    """Into Braket's console, by an address made of the ARN's checked parts alone."""
    return f'<a href="{html.escape(links.resource(arn))}" target="_blank" rel="noopener">{escaped(called)}</a>'


def bar(parts: Iterable[tuple[str, float]], said: str) -> str:
    """Parts by their status and their share of the whole length, one after the other."""
    drawn, at = [], 0
    for status, share in parts:
        length = max(LEAST, round(LENGTH * share))
        drawn.append(f'<rect class="{colour(status)}" x="{at}" y="0" width="{length}" height="10"></rect>')
        at += length
    return (
        f'<svg class="bn-bar" viewBox="0 0 {max(LENGTH, at)} 10" preserveAspectRatio="none" role="img" '
        f'aria-label="{escaped(said)}">{"".join(drawn)}</svg>'
    )


def row(*cells: tuple[str, str]) -> str:
    """One line of a table: what each cell is, and what it says."""
    drawn = (f'<div class="bn-{kind}">{said}</div>' for kind, said in cells)
    return f'<div class="bn-row">{"".join(drawn)}</div>'


def small(said: str) -> str:
    return f"<small>{said}</small>" if said else ""


def ahead(snapshot: Snapshot) -> str:
    """When Braket was last asked: a later event moves the status and brings no position."""
    known = snapshot.queue_position and not snapshot.degraded
    return f"had {escaped(snapshot.queue_position)} ahead" if known else ""


def more(count: int, thing: str) -> str:
    return f'<p class="bn-more">and {plural(count, thing)} more</p>' if count > 0 else ""
