"""The call of Chromium for a picture. The picture itself is for eyes."""

import stat
from pathlib import Path

import pytest

from local.gallery.screenshot import take

CHROMIUM = """#!/bin/sh
for flag in "$@"; do
  echo "$flag" >> {said}
  case "$flag" in --screenshot=*) echo picture > "${{flag#--screenshot=}}" ;; esac
done
exit {code}
"""


@pytest.fixture
def said(tmp_path: Path) -> Path:
    return tmp_path / "said"


def chromium(tmp_path: Path, said: Path, code: int = 0) -> str:
    path = tmp_path / "chromium"
    path.write_text(CHROMIUM.format(said=said, code=code))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_picture_is_taken_as_asked(tmp_path: Path, said: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", chromium(tmp_path, said))
    out = tmp_path / "docs" / "inbox.png"

    assert take("http://127.0.0.1:1/", out, 390, 900, dark=True) == 0

    flags = said.read_text().split("\n")
    assert out.exists()
    assert "--window-size=390,900" in flags
    assert "--timeout=3000" in flags
    assert "--blink-settings=preferredColorScheme=0" in flags
    [profile] = [flag.partition("=")[2] for flag in flags if flag.startswith("--user-data-dir=")]
    assert not Path(profile).exists()


def test_a_failing_chromium_is_reported(
    tmp_path: Path, said: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHROMIUM", chromium(tmp_path, said, code=3))

    assert take("http://127.0.0.1:1/", tmp_path / "x.png", 390, 900) == 1
    assert "took no picture of http://127.0.0.1:1/" in capsys.readouterr().err


def test_a_missing_chromium_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))

    assert take("http://127.0.0.1:1/", tmp_path / "x.png", 390, 900) == 2
    assert "Chromium is missing" in capsys.readouterr().err
