"""What CloudWatch says when it asks for a custom widget: how wide, how bright, and of which time.

CloudWatch User Guide, "Details about custom widgets": the event's `widgetContext` has `theme`, `width` in pixels and
`timeRange` with `mode`, `start`, `end` and perhaps `zoom`, in milliseconds. An event with `describe` asks what it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from braket_notifier.text.json_fields import inside, moment, whole
from braket_notifier.tracking.ports import CreatedRange

DESCRIPTION = """### Braket status board
Open quantum tasks by device, open hybrid jobs, the last transitions, and what is stuck.

The board takes no parameters. It follows the dashboard's theme, width and time range: the range chooses the last
transitions, what is open is always all that is open. Whoever looks needs `lambda:InvokeFunction` on this function.
"""
THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class View:
    """For whom to draw; an empty theme is as the reader's desktop is, no width is as wide as there is room."""

    theme: str = ""
    width: int | None = None
    window: CreatedRange = field(default_factory=CreatedRange)


def parse_view(event: Mapping[str, object]) -> View:
    """Whatever cannot be read is left to the reader's own desktop: a picture is better than none."""
    theme = inside(event, "widgetContext", "theme")
    return View(str(theme) if theme in THEMES else "", _width(event), _window(event))


def _width(event: Mapping[str, object]) -> int | None:
    try:
        return whole("width", inside(event, "widgetContext", "width"))
    except ValueError:
        return None


def _window(event: Mapping[str, object]) -> CreatedRange:
    """A range that is relative to now has no end: what happens while the board is drawn belongs to it."""
    chosen = inside(event, "widgetContext", "timeRange")
    zoomed = inside(event, "widgetContext", "timeRange", "zoom")
    bounds = zoomed if isinstance(zoomed, Mapping) else chosen
    if not isinstance(bounds, Mapping):
        return CreatedRange()
    to_now = bounds is chosen and bounds.get("mode") == "relative"
    try:
        return CreatedRange(moment(bounds.get("start")), None if to_now else moment(bounds.get("end")))
    except ValueError:
        return CreatedRange()
