"""The nearest ASCII text of any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braket_notifier.text.ascii import to_ascii


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zürich — β · 90 %…", "Zurich - beta, 90 %..."),
        ("größe, naïve, Łódź, Øresund, Æther, \u017f", "grosse, naive, Lodz, Oresund, Aether, s"),
        ("θ-scan λ Ω ς", "theta-scan lambda Omega sigma"),
        ("Привет, мир Щука", "Privet, mir Shchuka"),
        ("한글 실험", "hangeul silheom"),
        ("かな カナ", "kana kana"),
        ("½ 10⁵ H₂O ①", "1/2 105 H2O 1"),
        ("\u201cx\u201d \u2013 y\u2019s \u00d72 \u00b5s", '"x" - y\'s x2 us'),
        ("ghz 🟠 👩\u200d🔬 12", "ghz 12"),  # symbols are left out
        ("実験 12 · שגיאה", "? 12, ?"),  # letters without a likeness leave a mark
    ],
)
def test_a_text_has_its_nearest_ascii(text: str, shown: str) -> None:
    assert to_ascii(text) == shown


@given(st.text())
def test_any_text_becomes_printable_ascii(text: str) -> None:
    shown = to_ascii(text)

    assert shown.isascii()
    assert shown.isprintable()


@given(st.text(alphabet=st.characters(max_codepoint=126, min_codepoint=33)))
def test_ascii_stays_as_it_is(text: str) -> None:
    assert to_ascii(text) == text
