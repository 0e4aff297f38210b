"""One graph of the dashboard as SVG: lines with a point for each period, over a scale that begins at nothing."""

from collections.abc import Iterator, Sequence
from math import floor, log10

WIDTH, HEIGHT = 600, 168
LEFT, RIGHT, TOP, BOTTOM = 46, 592, 10, 142
COLOURS = 4
DOT = 2.6

Values = Sequence[float | None]


def chart(series: Sequence[Values], since: str, said: str) -> str:
    """`since` is the name of its left end; what it shows is `said` to who cannot see it."""
    most = ceiling(max((value for values in series for value in values if value is not None), default=0))
    drawn = "".join(_line(number, values, most) for number, values in enumerate(series))
    return (
        f'<svg class="cw-chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{said}">'
        f"{''.join(_scale(most))}{drawn}"
        f'<text x="{LEFT}" y="{HEIGHT - 8}">{since}</text>'
        f'<text x="{RIGHT}" y="{HEIGHT - 8}" text-anchor="end">now</text></svg>'
    )


def ceiling(value: float) -> float:
    """The next of 1, 2, 4, 5, 10 and so on, above which nothing is."""
    if value <= 0:
        return 1
    power: float = 10 ** floor(log10(value))
    return next(step * power for step in (1, 2, 4, 5, 10) if step * power >= value)


def _scale(most: float) -> Iterator[str]:
    for share in (0, 0.5, 1):
        y = _y(share * most, most)
        yield f'<path class="cw-rule" d="M{LEFT} {y}H{RIGHT}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{share * most:,.4g}</text>'


def _line(number: int, values: Values, most: float) -> str:
    """It breaks where nothing was measured."""
    width = (RIGHT - LEFT) / max(1, len(values) - 1)
    path, dots = "", ""
    for index, value in enumerate(values):
        if value is not None:
            x, y = round(LEFT + index * width, 1), _y(value, most)
            path += f"{'L' if path and values[index - 1] is not None else 'M'}{x} {y}"
            dots += f'<circle cx="{x}" cy="{y}" r="{DOT}"/>'
    return f'<g class="cw-line cw-{number % COLOURS}"><path d="{path}"/>{dots}</g>' if path else ""


def _y(value: float, most: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * value / most, 1)
