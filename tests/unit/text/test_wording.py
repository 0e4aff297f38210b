"""Words, figures and times as people say them."""

from datetime import UTC, datetime, timedelta

import pytest

from braket_notifier.text.wording import clean, cut, duration, plural, to_ascii, zoned_time


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=0.4), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=59.7), "1 min"),
        (timedelta(minutes=59, seconds=40), "1 h"),
        (timedelta(hours=3, minutes=41), "3 h 41 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(days=2, hours=4, minutes=9), "2 d 4 h"),
        (timedelta(days=7), "7 d"),
        (timedelta(seconds=-3), "0 s"),  # clocks differ; nothing takes less than no time
    ],
)
def test_durations_have_two_units_at_most(span: timedelta, said: str) -> None:
    assert duration(span) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\r\nb\tc  d", "a b c d"),
        ("safe\u202e\u2066\u200b\x07", "safe"),
        ("safe\ue000", "safe"),  # private use: every font shows something else
        ("👩\u200d🔬 and ❤\ufe0f", "👩\u200d🔬 and ❤\ufe0f"),
        ("\u200d\ufe0f", ""),  # nobody sees a joiner that joins nothing
        ("कर्\u200cम", "कर्\u200cम"),  # and it parts letters in some scripts
    ],
)
def test_invisible_characters_go_and_emoji_stay(text: str, said: str) -> None:
    assert clean(text) == said


@pytest.mark.parametrize(
    ("text", "most", "said"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("word word", 6, "word…"),  # nor after a space
        ("abce\u0301f", 5, "abc…"),  # not through an accented letter
        ("ab👩\u200d🔬x", 4, "ab…"),  # nor through a joined emoji
        ("ab👍🏽x", 4, "ab…"),  # nor between a hand and its colour
        ("a🇩🇪🇫🇷", 4, "a🇩🇪…"),  # nor through a flag,
        ("a🇩🇪🇫🇷b", 5, "a🇩🇪…"),  # however many stand in a row
        ("ab❤\ufe0fx", 4, "ab…"),  # nor before the sign that says how a heart looks
        ("aकिx", 3, "a…"),  # nor between a consonant and its vowel sign,
        ("aก\u0e33x", 3, "a…"),  # which need not be a combining one
        ("ㄱ\u1112\u1161\u11abx", 3, "ㄱ…"),  # nor through a syllable written as letters
        ("x하\u11abx", 3, "x…"),
        ("x한\u11bbx", 3, "x…"),
        ("e" + "\u0301" * 9, 5, "…"),  # nor where there is nothing else
    ],
)
def test_a_cut_leaves_characters_whole(text: str, most: int, said: str) -> None:
    assert cut(text, most) == said


def test_a_subject_keeps_the_nearest_ascii() -> None:
    assert to_ascii("Zürich — β · 90 %…") == "Zurich - , 90 %..."


def test_local_time_stands_beside_utc() -> None:
    summer, winter = datetime(2026, 7, 1, 12, 0, tzinfo=UTC), datetime(2026, 1, 1, 12, 0, tzinfo=UTC)

    assert zoned_time(summer, "Europe/Berlin") == "14:00 CEST (12:00 UTC)"
    assert zoned_time(summer, "UTC") == "12:00 UTC"
    assert zoned_time(winter, "Europe/London") == "12:00 UTC"  # the same twice helps nobody


@pytest.mark.parametrize(("count", "said"), [(0, "0 shots"), (1, "1 shot"), (2000, "2,000 shots")])
def test_plurals(count: int, said: str) -> None:
    assert plural(count, "shot") == said
