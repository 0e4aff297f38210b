"""Parts of the status board: escaped texts, links, bars. Only this module makes markup of foreign texts."""

import html
from collections.abc import Iterable

from braket_notifier.domain.reminder import NEAR_LIMIT
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.rendering.words import links
from braket_notifier.text.wording import clean, cut, plural

#: Length of a full bar and of the shortest visible part, in units of the SVG.
LENGTH, LEAST = 1000, 14
#: Style classes of statuses and of a job near its limit; a new status of Braket has the class `other`.
COLOURS = {status: status.lower() for status in ("CREATED", "QUEUED", "RUNNING", "CANCELLING")} | {NEAR_LIMIT: "near"}
#: Characters of a status that the board shows.
MOST_WORD = 40


def escaped(text: str) -> str:
    """Return the text without markup, invisible characters and changes of direction."""
    return html.escape(clean(text))


def word(status: str) -> str:
    return cut(clean(status), MOST_WORD).lower()


def colour(status: str) -> str:
    return f"bn-{COLOURS.get(status, 'other')}"


def link(arn: Arn, called: str) -> str:
    """Return a link into Braket's console. Its address has only the checked parts of the ARN."""
    return f'<a href="{html.escape(links.resource(arn))}" target="_blank" rel="noopener">{escaped(called)}</a>'


def bar(parts: Iterable[tuple[str, float]], label: str) -> str:
    """Return a bar of parts side by side, each with its status and its share of the whole length."""
    rects, at = [], 0
    for status, share in parts:
        length = max(LEAST, round(LENGTH * share))
        rects.append(f'<rect class="{colour(status)}" x="{at}" y="0" width="{length}" height="10"></rect>')
        at += length
    return (
        f'<svg class="bn-bar" viewBox="0 0 {max(LENGTH, at)} 10" preserveAspectRatio="none" role="img" '
        f'aria-label="{escaped(label)}">{"".join(rects)}</svg>'
    )


def row(*cells: tuple[str, str]) -> str:
    """Return a row of a table from the kind and the markup of each cell."""
    rendered = (f'<div class="bn-{kind}">{markup}</div>' for kind, markup in cells)
    return f'<div class="bn-row">{"".join(rendered)}</div>'


def small(markup: str) -> str:
    return f"<small>{markup}</small>" if markup else ""


def ahead(snapshot: Snapshot) -> str:
    """Return the position in the queue; empty after a newer event, because events bring no position."""
    known = snapshot.queue_position and not snapshot.degraded
    return f"had {escaped(snapshot.queue_position)} ahead" if known else ""


def more(count: int, thing: str) -> str:
    return f'<p class="bn-more">and {plural(count, thing)} more</p>' if count > 0 else ""
