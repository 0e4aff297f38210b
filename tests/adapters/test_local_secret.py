"""Secrets on this machine."""

from pathlib import Path

import pytest

from braket_notifier.adapters.local_secret import LocalSecret
from braket_notifier.errors import MendableError
from tests.canary import CANARY


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.touch(mode=0o600)
    path.write_text(f"{CANARY}\n")
    return path


def test_a_secret_comes_from_the_environment_without_its_line_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", f" {CANARY}\n")

    assert LocalSecret("env:TOKEN").read() == CANARY


def test_a_secret_comes_from_a_file_and_another_one_is_noticed(path: Path) -> None:
    secret = LocalSecret(f"file:{path}")

    assert secret.read() == CANARY
    assert not secret.replaced()
    path.write_text("another")
    assert secret.replaced()
    assert not secret.replaced()


#: A mode with which others may read, or write, the file.
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_file_that_others_may_read_is_refused(path: Path, mode: int) -> None:
    path.chmod(mode)

    with pytest.raises(MendableError, match=f"may be read by others: `chmod 600 {path}`"):
        LocalSecret(f"file:{path}").read()


#: The reference, and what is said of it.
MISSING = {
    "env:NOT_SET": "env:NOT_SET: the environment variable NOT_SET is not set",
    "file:/nowhere/token": "file:/nowhere/token cannot be read: No such file or directory",
    "env:EMPTY": "env:EMPTY is empty",
}


@pytest.mark.parametrize("reference", MISSING)
def test_a_secret_that_is_missing_is_named_by_its_reference(reference: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPTY", " ")

    with pytest.raises(MendableError, match=MISSING[reference]):
        LocalSecret(reference).read()
