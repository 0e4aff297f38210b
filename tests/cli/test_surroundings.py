"""The command line in surroundings whose encoding lacks its characters, and under paths with spaces."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from braket_notifier.cli import show
from braket_notifier.cli.arguments import VARIABLE
from braket_notifier.cli.main import main
from tests.cli.conftest import SETTINGS

ROOT = Path(__file__).parents[2]
#: A locale whose encoding is ASCII for files, arguments and output, and encodings of the output alone.
SURROUNDINGS = {
    "C": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "cp1252": {"PYTHONIOENCODING": "cp1252:strict"},
    "utf-8": {"PYTHONIOENCODING": "utf-8"},
}


def ran(surroundings: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "300", **SURROUNDINGS[surroundings]}
    command = [sys.executable, "-P", "-m", "braket_notifier.cli", *words]
    return subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603 - our own words


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
def test_a_settings_file_with_foreign_words_under_a_path_with_spaces_is_checked(
    tmp_path: Path, surroundings: str
) -> None:
    path = tmp_path / "the settings of Åsa" / "notifier.toml"
    path.parent.mkdir()
    path.write_text(f'{SETTINGS}\n[[people]]\nname = "Åsa"\nowns = ["tag:owner=åsa"]\n', encoding="utf-8")

    done = ran(surroundings, "check", "--settings", str(path))

    assert (done.returncode, done.stderr) == (0, b"")
    mark = "✓".encode() if surroundings == "utf-8" else b"ok"
    assert done.stdout.startswith(mark + b" ")
    assert b"is valid: 2 regions" in done.stdout


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
@pytest.mark.parametrize("words", [("confirm", "--help"), ("check", "--settings", "/nowhere/åsa.toml")])
def test_help_and_errors_are_no_traceback(surroundings: str, words: tuple[str, ...]) -> None:
    done = ran(surroundings, *words)

    assert done.returncode == (0 if "--help" in words else 2)
    assert b"Traceback" not in done.stderr


def test_ctrl_c_while_the_command_is_loaded_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "boto3.py").write_text("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\n")
    command = [sys.executable, "-P", "-m", "braket_notifier.cli", "list"]

    done = subprocess.run(  # noqa: S603 - our own words
        command, env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}, capture_output=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


def test_ctrl_c_before_the_command_can_handle_it_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "signal.py").write_text("raise KeyboardInterrupt\n")
    command = [sys.executable, "-P", str(ROOT / "braket_notifier" / "cli" / "__main__.py"), "list"]

    done = subprocess.run(  # noqa: S603 - our own words
        command, env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}, capture_output=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_the_environment_names_the_settings_file_unless_an_option_does(
    settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BRAKET_NOTIFIER_SETTINGS", str(settings))

    codes = main(["check"]), main(["check", "--settings", str(tmp_path / "other.toml")])
    out, err = capsys.readouterr()

    assert codes == (0, 2)
    assert out.startswith(f"✓ {settings} is valid")
    assert "other.toml" in err


def test_ctrl_c_while_the_arguments_are_read_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("braket_notifier.cli.commands.run.add", interrupt)

    assert (main(["list"]), *capsys.readouterr()) == (130, "", "")


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        (["init", "--no-page"], "builtins.input"),
        (["secret", "set", "team-slack"], "braket_notifier.cli.commands.secret.getpass"),
    ],
)
def test_ctrl_c_at_a_question_ends_its_line(
    settings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], asks: str
) -> None:
    def interrupt(question: str) -> None:
        sys.stdout.write(question)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr(asks, interrupt)

    code = main(["--settings", str(settings), *words])
    out, err = capsys.readouterr()

    assert (code, err) == (130, "")
    assert out.endswith(": \n")


def test_a_make_setup_that_can_fetch_nothing_names_the_next_step_and_can_be_repeated(tmp_path: Path) -> None:
    """Python's place is taken by a script, whose environments cannot install."""
    (tmp_path / "infra").mkdir()
    for name in ("Makefile", "infra/requirements.txt"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/sh\n[ "$2" = pip ] && exit 1\n[ "$2" = venv ] && mkdir -p "$3/bin" && cp "$0" "$3/bin"\nexit 0\n'
    )
    python.chmod(0o755)

    ended = [
        subprocess.run(
            ["make", ".venv/.deploying", "PYTHON=./python"],  # noqa: S607 - from PATH
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        for _ in range(2)
    ]

    assert [each.returncode for each in ended] == [2, 2]
    assert all("then run the same command again\n" in each.stdout for each in ended)
    assert not (tmp_path / ".venv" / ".deploying").exists()


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    ("words", "code"), [(["init", "--no-page"], 0), (["secret", "set", "team-slack"], 2), (["list", "--ended", "x"], 2)]
)
def test_a_closed_stream_is_an_empty_one_and_no_traceback(
    settings: Path, words: list[str], code: int, closed: str
) -> None:
    """As a scheduler or a service manager may start a command."""
    script = f'exec "$@" </dev/null {closed}'
    command = ["sh", "-c", script, "sh", sys.executable, "-P", "-m", "braket_notifier.cli", "--settings", str(settings)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    done = subprocess.run([*command, *words], env=environment, capture_output=True, check=False)  # noqa: S603 - our own words

    assert (done.returncode, b"Traceback" in done.stderr) == (code, False)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [["--version"], ["check", "--help"], ["check"], ["check", "--json"]])
def test_an_output_on_a_full_disk_is_one_sentence(settings: Path, words: list[str], unbuffered: str) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered, VARIABLE: str(settings)}
    command = [sys.executable, "-m", "braket_notifier.cli", *words]

    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, env=environment, stdout=full, stderr=subprocess.PIPE, check=False)  # noqa: S603 - our own words

    assert (done.returncode, done.stderr) == (2, b"braket-notifier: No space left on device\n")


def test_an_error_is_named_although_the_output_before_it_cannot_be_written(tmp_path: Path) -> None:
    """As `braket-notifier deploy | head -1`, whose buffered output is written as the command ends."""
    program = (
        "from braket_notifier.cli import main, sentences; import sys\n"
        "def fails(_): print('deploying'); raise sentences.CommandError('the stack is gone')\n"
        "main._run = fails; sys.exit(main.main(['check']))"
    )
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-c", program],
            cwd=tmp_path,
            env={**os.environ, "PYTHONUNBUFFERED": "", "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert (done.returncode, done.stderr) == (2, b"braket-notifier: the stack is gone\n")


@pytest.mark.parametrize("words", [["check"], ["check", "--effective"], ["check", "--json"]])
def test_a_pipe_whose_reader_is_gone_ends_the_command_without_a_complaint(settings: Path, words: list[str]) -> None:
    """As in `braket-notifier list | head -1`."""
    command = [sys.executable, "-P", "-m", "braket_notifier.cli", "--settings", str(settings), *words]
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(  # noqa: S603 - our own words
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("text", "encoding", "printed"),
    [
        ("✓ fine", "utf-8", "✓ fine"),
        ("✓ fine · 3 ✗", "ascii", "ok fine - 3 x"),
        ("✅ ghz ≤ $3.20, ❌ 2 failed, ⏹ ⚠ ≈", "ascii", "ok ghz <= $3.20, x 2 failed, - ! ~"),
        ("Åsa “Größe” …", "latin-1", 'Åsa "Größe" ...'),
        ("量子 🙂", "ascii", "?? ?"),
        ("half \udc80", "utf-8", "half ?"),
    ],
)
def test_a_character_that_the_encoding_lacks_is_replaced_by_its_likeness(
    text: str, encoding: str, printed: str
) -> None:
    show.tolerate_missing_characters()

    assert text.encode(encoding, "likeness").decode(encoding) == printed


def test_json_escapes_a_character_that_the_encoding_lacks(monkeypatch: Any, tmp_path: Path) -> None:
    with (tmp_path / "out").open("w", encoding="ascii") as out:
        monkeypatch.setattr(sys, "stdout", out)
        show.print_json({"name": "Åsa"})

    written = (tmp_path / "out").read_text(encoding="ascii")
    assert json.loads(written) == {"name": "Åsa"}
