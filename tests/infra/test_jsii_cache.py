"""CDK's code is kept unpacked in the system's temporary folder only where no other user can have written it."""

import os
from pathlib import Path

import pytest

from infra import is_private


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_a_missing_folder_is_made_for_this_user_alone(cache: Path) -> None:
    assert is_private(cache)
    assert cache.stat().st_mode & 0o777 == 0o700
    assert is_private(cache)


def test_a_folder_that_others_may_write_is_not_used(cache: Path) -> None:
    cache.mkdir()
    cache.chmod(0o722)

    assert not is_private(cache)


def test_a_folder_of_another_user_is_not_used(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.mkdir(mode=0o700)
    monkeypatch.setattr("os.getuid", lambda: os.geteuid() + 1)

    assert not is_private(cache)


def test_a_link_is_not_followed(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    cache.symlink_to(tmp_path / "elsewhere")

    assert not is_private(cache)


def test_a_file_or_a_missing_parent_is_no_error(cache: Path) -> None:
    cache.write_text("")

    assert not is_private(cache)
    assert not is_private(cache.parent / "missing" / "cache")
