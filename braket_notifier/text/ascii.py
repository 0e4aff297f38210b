"""The nearest ASCII text, for places that take no other: the subject of an e-mail."""

import re
import unicodedata

from braket_notifier.text.wording import clean

#: Dashes, ellipsis, quotation marks, sharp s, multiplication, fraction slash, micro.
_SIGNS = {0x2013: "-", 0x2014: "-", 0x2026: "...", 0x2019: "'", 0x201C: '"', 0x201D: '"'}
_SIGNS |= {0xDF: "ss", 0xD7: "x", 0x2044: "/", 0xB5: "u"}
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya".split(" "),  # noqa: SIM905 - the hard and the soft sign have no sound
        strict=True,
    ),
)
#: Names that Unicode gives to Latin, Greek, Japanese and Korean letters; the last group resembles their sound.
_LETTER = re.compile(
    r"(?:LATIN|GREEK|HIRAGANA|KATAKANA) (?:CAPITAL |SMALL )?(?:LIGATURE |FINAL |DOTLESS )*"
    r"(?:LETTER )?(?:FINAL |DOTLESS |SMALL )*(?P<name>[A-Z]+)(?: WITH .*)?|HANGUL SYLLABLE (?P<syllable>[A-Z]+)",
)


def to_ascii(text: str) -> str:
    """Return the nearest ASCII text. A word whose letters have no likeness becomes a question mark."""
    words = text.replace(" · ", ", ").translate(_SIGNS).split(" ")
    return clean(" ".join(map(_word, words)))


def _word(word: str) -> str:
    shown = "".join(map(_character, word))
    has_letters = any(unicodedata.category(character).startswith("L") for character in word)
    return shown if shown.strip(",.:;") or not has_letters else f"?{shown}"


def _character(character: str) -> str:
    if character.isascii():
        return character
    decomposed = unicodedata.normalize("NFKD", character).translate(_SIGNS).encode("ascii", "ignore").decode()
    if decomposed.strip():
        return decomposed
    if (sound := _CYRILLIC.get(character.lower())) is not None:
        return sound.title() if character.isupper() else sound
    found = _LETTER.fullmatch(unicodedata.name(character, ""))
    sound = (found["name"] or found["syllable"]).replace("LAMDA", "LAMBDA").lower() if found else ""
    return sound.title() if character.isupper() else sound
