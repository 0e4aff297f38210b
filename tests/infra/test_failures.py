"""The sentence about a full disk names the folder that has no room."""

import errno
import os
import shutil
from pathlib import Path
from subprocess import CalledProcessError
from types import SimpleNamespace

import pytest

from infra.failures import LITTLE, no_space

FULL = [
    RuntimeError("ENOSPC: no space left on device, write"),  # of CDK's process of Node
    OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    shutil.Error([("from", "to", "[Errno 28] No space left on device")]),
    CalledProcessError(1, "pip"),
]


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[Path, int]:
    """The free bytes of each device, which stands for a folder."""
    found = {tmp_path / "out": 10**12, tmp_path / "tmp": 10**12}
    for each in found:
        each.mkdir()

    def statvfs(path: Path) -> SimpleNamespace:
        return SimpleNamespace(f_files=1, f_favail=int(found[path] >= 0), f_bavail=found[path], f_frsize=1)

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr("infra.failures.os.statvfs", statvfs)
    return found


@pytest.mark.parametrize("error", FULL, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("name", ["out", "tmp"])
@pytest.mark.parametrize("free", [0, -1], ids=["bytes", "files"])
def test_the_folder_without_room_is_named(
    room: dict[Path, int], tmp_path: Path, error: Exception, name: str, free: int
) -> None:
    room[tmp_path / name] = free

    said = no_space(error, tmp_path / "out" / "not-there-yet")

    named = tmp_path / "tmp" if name == "tmp" else tmp_path / "out" / "not-there-yet"
    assert said == f"no space is left on the device of {named}: free 500 MB there"


@pytest.mark.parametrize(
    "error", [RuntimeError("no such file"), OSError(errno.EACCES, "denied"), CalledProcessError(1, "pip")]
)
def test_another_error_says_nothing(room: dict[Path, int], tmp_path: Path, error: Exception) -> None:
    room[tmp_path / "tmp"] = LITTLE

    assert no_space(error, tmp_path / "out") == ""
