"""A message's table as aligned lines, and its columns that have something; pure."""

from collections.abc import Iterator

Rows = tuple[tuple[str, ...], ...]


def columns(rows: Rows) -> list[tuple[str, ...]]:
    """Return the columns but for those that are empty, because a phone is narrow."""
    return [column for column in zip(*rows, strict=True) if set(column[1:]) != {"-"}]


def aligned(rows: Rows) -> Iterator[str]:
    """Yield a line for each row, with names left and figures right below their titles."""
    shown = columns(rows)
    widths = [max(map(len, column)) for column in shown]
    for row in zip(*shown, strict=True):
        first, *figures = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join((row[0].ljust(len(first)), *figures)).rstrip()
