"""The page with every kind of message."""

from pathlib import Path

import pytest

from local.gallery import preview
from local.gallery.samples import SAMPLES, SIX


def test_the_page_holds_every_sample_and_nothing_that_a_browser_would_fetch(tmp_path: Path) -> None:
    preview.main([str(tmp_path / "page.html")])

    page = (tmp_path / "page.html").read_text()
    assert all(f'id="{sample.name}"' in page for sample in SAMPLES)
    assert "<script" not in page
    assert "src=" not in page
    assert "url(" not in page


def test_the_six_samples_come_alone_and_in_their_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    preview.main([str(tmp_path / "page.html"), "--only", "six"])

    page = (tmp_path / "page.html").read_text()
    places = [page.index(f'id="{name}"') for name in SIX]
    assert places == sorted(places)
    assert capsys.readouterr().out.startswith("6 messages in")


def test_text_from_data_is_no_markup(tmp_path: Path) -> None:
    preview.main([str(tmp_path / "page.html"), "--only", "text-hostile"])

    page = (tmp_path / "page.html").read_text()
    assert "&lt;!channel&gt;" in page
    assert '<span class="mention">@channel' not in page
