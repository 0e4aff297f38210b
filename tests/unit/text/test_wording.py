"""Texts, numbers and times in the form that people read."""

from datetime import UTC, datetime, timedelta

import pytest

from braket_notifier.text.wording import clean, cut, duration, plural, zoned_time


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (timedelta(seconds=0.4), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=59.7), "1 min"),
        (timedelta(minutes=59, seconds=40), "1 h"),
        (timedelta(hours=3, minutes=41), "3 h 41 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(days=2, hours=4, minutes=9), "2 d 4 h"),
        (timedelta(days=7), "7 d"),
        (timedelta(seconds=-3), "0 s"),  # clocks differ, so a duration may be negative
    ],
)
def test_durations_have_two_units_at_most(span: timedelta, shown: str) -> None:
    assert duration(span) == shown


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\r\nb\tc  d", "a b c d"),
        ("safe\u202e\u2066\u200b\x07", "safe"),
        ("safe\ue000", "safe"),  # private use, which every font shows differently
        ("👩\u200d🔬 and ❤\ufe0f", "👩\u200d🔬 and ❤\ufe0f"),
        ("\u200d\ufe0f", ""),  # a joiner that joins nothing is invisible
        ("कर्\u200cम", "कर्\u200cम"),  # a joiner separates letters in some scripts
    ],
)
def test_invisible_characters_are_removed_and_emoji_stay(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "most", "shortened"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("word word", 6, "word…"),  # not after a space
        ("abce\u0301f", 5, "abc…"),  # not through an accented letter
        ("ab👩\u200d🔬x", 4, "ab…"),  # not through a joined emoji
        ("ab👍🏽x", 4, "ab…"),  # not between a hand and its skin tone
        ("a🇩🇪🇫🇷", 4, "a🇩🇪…"),  # not through a flag,
        ("a🇩🇪🇫🇷b", 5, "a🇩🇪…"),  # however many stand in a row
        ("ab❤\ufe0fx", 4, "ab…"),  # not before a variation selector
        ("aकिx", 3, "a…"),  # not between a consonant and its vowel sign,
        ("aก\u0e33x", 3, "a…"),  # which need not be a combining one
        ("ㄱ\u1112\u1161\u11abx", 3, "ㄱ…"),  # not through a syllable written as letters
        ("x하\u11abx", 3, "x…"),
        ("x한\u11bbx", 3, "x…"),
        ("e" + "\u0301" * 9, 5, "…"),  # not even if nothing remains
    ],
)
def test_a_cut_leaves_characters_whole(text: str, most: int, shortened: str) -> None:
    assert cut(text, most) == shortened


def test_local_time_stands_beside_utc_if_they_differ() -> None:
    summer, winter = datetime(2026, 7, 1, 12, 0, tzinfo=UTC), datetime(2026, 1, 1, 12, 0, tzinfo=UTC)

    assert zoned_time(summer, "Europe/Berlin") == "14:00 CEST (12:00 UTC)"
    assert zoned_time(summer, "UTC") == "12:00 UTC"
    assert zoned_time(winter, "Europe/London") == "12:00 UTC"  # local time is UTC, so it stands alone


@pytest.mark.parametrize(("count", "shown"), [(0, "0 shots"), (1, "1 shot"), (2000, "2,000 shots")])
def test_only_one_thing_has_no_plural(count: int, shown: str) -> None:
    assert plural(count, "shot") == shown
