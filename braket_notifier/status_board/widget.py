"""The event by which CloudWatch requests a custom widget: theme, width and time range.

The event's `widgetContext` has `theme`, `width` in pixels and `timeRange` with `mode`, `start`, `end` and perhaps
`zoom`, in milliseconds. An event with `describe` requests a description. Source: CloudWatch User Guide, "Details
about custom widgets".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from braket_notifier.text.json_fields import inside, moment, whole
from braket_notifier.tracking.ports import CreatedRange

DESCRIPTION = """### Braket status board
Open quantum tasks by device, open hybrid jobs, the last transitions, and what is stuck.

The board takes no parameters and follows the dashboard's theme, width and time range. The range chooses the last
transitions; open resources are always shown. A reader needs `lambda:InvokeFunction` on this function.
"""
THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class View:
    """The reader's view: an empty theme means the desktop's theme, no width means all the room there is."""

    theme: str = ""
    width: int | None = None
    window: CreatedRange = field(default_factory=CreatedRange)


def parse_view(event: Mapping[str, object]) -> View:
    """Parse the view. An invalid member has its default, because a board in defaults is better than none."""
    theme = inside(event, "widgetContext", "theme")
    return View(str(theme) if theme in THEMES else "", _width(event), _window(event))


def _width(event: Mapping[str, object]) -> int | None:
    try:
        return whole("width", inside(event, "widgetContext", "width"))
    except ValueError:
        return None


def _window(event: Mapping[str, object]) -> CreatedRange:
    """Return the time range. A range relative to now has no end, so that it includes changes during the request."""
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
