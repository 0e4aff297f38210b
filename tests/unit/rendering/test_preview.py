"""The line of a preview."""

import pytest

from braket_notifier.domain.results import Preview
from braket_notifier.rendering.words.preview import preview

GHZ = (("00000", 49), ("11111", 47))


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (Preview(GHZ, 100, 4), "00000 49 % · 11111 47 % · 4 % others"),
        (Preview((("0", 1),), 1, 1), "0 100 %"),
        (Preview((("0", 999), ("1", 1)), 1000, 2), "0 99 % · 1 <1 %"),  # neither 100 nor 0
        (Preview((("0", 995),), 1000, 6), "0 99 % · <1 % others"),
        (Preview((("0" * 100, 60), ("1" * 100, 40)), 100, 2), f"{'0' * 31}… 60 % · {'1' * 31}… 40 %"),
        (Preview((("01", 1), ("10", 1)), 2, 2), "01 50 % · 10 50 %"),
        (
            Preview(tuple((f"{n:08b}", 1) for n in range(5)), 1000, 1000),
            "each of 1,000 shots had another outcome",
        ),
        (Preview(GHZ, 96, 2, executables=5), "over 5 executables: 00000 51 % · 11111 49 %"),
        (Preview(GHZ, 96, 2, executables=1), "over 1 executable: 00000 51 % · 11111 49 %"),
    ],
)
def test_a_preview_shows_shares_of_all_measurements(found: Preview, line: str) -> None:
    assert preview(found) == line
