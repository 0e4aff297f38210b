"""Places where a text may be cut: between grapheme clusters, as far as the standard library knows them."""

import unicodedata

#: ZERO WIDTH JOINER joins emoji; variation selectors choose their look; modifiers choose their skin tone.
JOINER = "\u200d"
SELECTORS = {"\ufe0e", "\ufe0f"}
#: Vowel signs (Thai, Lao) that Unicode counts as letters, although they belong to the character before.
_SIGNS = {"\u0e33", "\u0eb3"}
_MODIFIERS = ("\U0001f3fb", "\U0001f3ff")
_INDICATORS = ("\U0001f1e6", "\U0001f1ff")
#: Ranges of Hangul letters that form a syllable together: leading consonants, vowels, trailing consonants.
_LEADING = (("\u1100", "\u115f"), ("\ua960", "\ua97c"))
_VOWELS = (("\u1160", "\u11a7"), ("\ud7b0", "\ud7c6"))
_TRAILING = (("\u11a8", "\u11ff"), ("\ud7cb", "\ud7fb"))
_SYLLABLES = ("\uac00", "\ud7a3")


def boundary(text: str, most: int) -> int:
    """Return the last place at or before `most` that is not inside a grapheme cluster."""
    end = min(most, len(text))
    while 0 < end < len(text) and _joined(text, end):
        end -= 1
    return end


def _joined(text: str, place: int) -> bool:
    """Whether the characters before and after the place belong to one grapheme cluster."""
    before, after = text[place - 1], text[place]
    extends = unicodedata.category(after).startswith("M") or _within(after, _MODIFIERS)
    if extends or after in {JOINER, *SELECTORS, *_SIGNS} or before == JOINER:
        return True
    if _within(after, _INDICATORS) and _within(before, _INDICATORS):
        return _indicators(text, place) % 2 == 1  # two indicators are one flag
    return _hangul(before, after)


def _hangul(before: str, after: str) -> bool:
    whole = _within(before, _SYLLABLES)
    open_syllable = whole and (ord(before) - ord(_SYLLABLES[0])) % 28 == 0
    if _any(before, _LEADING):
        return _any(after, _LEADING) or _any(after, _VOWELS) or _within(after, _SYLLABLES)
    if _any(before, _VOWELS) or open_syllable:
        return _any(after, _VOWELS) or _any(after, _TRAILING)
    return (whole or _any(before, _TRAILING)) and _any(after, _TRAILING)


def _indicators(text: str, place: int) -> int:
    """Count the indicators, the letters of flags, in a row before the place."""
    start = place
    while start > 0 and _within(text[start - 1], _INDICATORS):
        start -= 1
    return place - start


def _within(character: str, limits: tuple[str, str]) -> bool:
    return limits[0] <= character <= limits[1]


def _any(character: str, ranges: tuple[tuple[str, str], ...]) -> bool:
    return any(_within(character, limits) for limits in ranges)
