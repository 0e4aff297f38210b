"""`completion` prints a script that completes commands, options and values."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_help import ALL


def completed(script: Path, *words: str) -> list[str]:
    """The words that bash offers for the last one."""
    typed = " ".join(f"'{word}'" for word in ("braket-notifier", *words))
    asked = f"source {script}; COMP_WORDS=({typed}); COMP_CWORD={len(words)}; _shtab_braket_notifier"
    command = ["bash", "--norc", "-c", f'{asked}; printf "%s\\n" "${{COMPREPLY[@]}}"']
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603 - our own words


@pytest.fixture
def script(run: Any, tmp_path: Path) -> Path:
    path = tmp_path / "braket-notifier.bash"
    path.write_text(run("completion", "bash").out)
    return path


def test_bash_completes_every_command(script: Path) -> None:
    assert set(completed(script, "")) >= set(ALL)
    assert completed(script, "doc") == ["doctor"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["list", "--"], {"--batch", "--ended", "--owner", "--arn", "--links", "--json", "--name", "--region"}),
        (["settings", ""], {"push", "show", "wake", "origin"}),
        (["settings", "s"], {"show"}),
        (["explain", "arn:x", "--status", ""], {"COMPLETED", "FAILED", "CANCELLED"}),
        (["completion", ""], {"bash", "zsh", "fish"}),
    ],
    ids=lambda each: "-".join(each) if isinstance(each, list) else "",
)
def test_bash_completes_options_and_values(script: Path, words: list[str], offered: set[str]) -> None:
    assert set(completed(script, *words)) >= offered


def test_bash_completes_a_file_behind_settings(script: Path, tmp_path: Path) -> None:
    (tmp_path / "my.toml").touch()

    assert f"{tmp_path}/my.toml" in completed(script, "check", "--settings", f"{tmp_path}/my")


@pytest.mark.parametrize(
    ("shell", "contains"), [("zsh", "#compdef braket-notifier"), ("fish", "complete -c braket-notifier")]
)
def test_other_shells_get_their_own_script(run: Any, tmp_path: Path, shell: str, contains: str) -> None:
    done = run("completion", shell)
    path = tmp_path / "script"
    path.write_text(done.out)

    assert (done.code, done.err, contains in done.out) == (0, "", True)
    if shutil.which(shell):
        subprocess.run([shell, "-n", path], check=True)  # noqa: S603 - our own words
