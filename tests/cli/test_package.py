"""The wheel holds the library alone, and each of its commands runs outside a clone or names what it needs."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from braket_notifier import __version__
from tests.cli.test_help import ALL
from tests.conftest import task_arn
from tests.wheel import ROOT, built, installed

Done = subprocess.CompletedProcess[str]
Outside = Callable[..., Done]
ARN = task_arn()
WHERE = ["--name", "lab", "--region", "eu-north-1"]
NO_SETTINGS = (
    "braket-notifier: there is no settings file notifier.toml: "
    "name one by --settings, or write one by `braket-notifier init`\n"
)
NO_CLONE = "braket-notifier: the page for an administrator needs the templates of a clone: use --no-page\n"
NEED_SETTINGS = [
    ["check"],
    ["explain", ARN],
    ["secret", "set", "team-slack"],
    ["doctor"],
    ["resend-confirmation"],
    ["replay", ARN],
    ["redrive"],
    ["confirm", "https://sns.us-east-1.amazonaws.com/confirmation.html?TopicArn=a&Token=b"],
    ["preflight"],
    ["verify"],
    ["settings", "push"],
    ["mute", "mail", "4h"],
    ["unmute", "mail"],
    ["reserve"],
]
NEED_A_CLONE = {
    "deploy": "braket-notifier: `deploy` makes the templates, which needs a clone: `git clone` it, then `make setup`\n",
    "destroy": "braket-notifier: `destroy` asks CDK, which needs a clone: `git clone` it, then `make setup`\n",
}
NEED_NOTHING = [["completion", "bash"], ["run", "--help"]]
NEED_A_PLACE = [["watch", ARN], ["list"], ["costs"], ["history", ARN], ["test"]]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(wheel, tmp_path_factory.mktemp("environment"))


@pytest.fixture
def outside(command: Path, tmp_path: Path) -> Outside:
    """The installed command in an empty folder, without a network."""
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_MAX_ATTEMPTS": "1"}
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_ENDPOINT_URL": "http://127.0.0.1:9", **keys}

    def outside(*words: str) -> Done:
        return subprocess.run(  # noqa: S603 - our own words
            [command, *words], cwd=tmp_path, env=surroundings, capture_output=True, text=True, timeout=300, check=False
        )

    return outside


def test_the_wheel_holds_the_library_alone_with_its_data(wheel: Path) -> None:
    library = {path for path in (ROOT / "braket_notifier").rglob("*") if path.is_file() and path.suffix != ".pyc"}

    with ZipFile(wheel) as archive:
        packed = {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}

    assert packed == {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in library}
    assert {f"braket_notifier/{name}" for name in ("py.typed", "settings/notifier.schema.json")} <= packed.keys()
    assert packed["braket_notifier/settings/notifier.toml"] == (ROOT / "notifier.toml").read_bytes()


def test_the_installed_command_prints_its_version(outside: Outside) -> None:
    done = outside("--version")

    assert (done.returncode, done.stdout, done.stderr) == (0, f"braket-notifier {__version__}\n", "")


def test_every_command_is_run_outside_a_clone() -> None:
    run = [["init"], *NEED_NOTHING, *NEED_SETTINGS, *NEED_A_PLACE]

    assert {words[0] for words in run} | {*NEED_A_CLONE} == {*ALL}


@pytest.mark.parametrize("words", NEED_SETTINGS, ids=lambda words: words[0])
def test_a_command_that_needs_the_settings_file_asks_for_it(outside: Outside, words: list[str]) -> None:
    done = outside(*words)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", NO_SETTINGS)


@pytest.mark.parametrize("word", NEED_A_CLONE)
def test_a_command_that_needs_a_clone_asks_for_it(outside: Outside, word: str) -> None:
    done = outside(word)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", NEED_A_CLONE[word])


@pytest.mark.parametrize("words", NEED_NOTHING, ids=lambda words: words[0])
def test_a_command_that_needs_nothing_runs_anywhere(outside: Outside, words: list[str]) -> None:
    done = outside(*words)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", NEED_A_PLACE, ids=lambda words: words[0])
def test_name_and_region_lead_a_command_to_aws(outside: Outside, words: list[str]) -> None:
    """`tests/e2e/test_package.py` runs them against the local cloud."""
    done = outside(*words, *WHERE)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("braket-notifier: AWS cannot be reached (")


def test_a_first_settings_file_is_written_outside_a_clone(outside: Outside, tmp_path: Path) -> None:
    page, written = outside("init"), outside("init", "--no-page", "--slack", "webhook")
    path = tmp_path / "notifier.toml"
    path.write_text(path.read_text().replace("your-group@example.org", "lab@example.org"))
    checked = outside("check")

    assert (page.returncode, page.stdout, page.stderr) == (2, "", NO_CLONE)
    assert (written.returncode, written.stderr) == (0, "")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert path.read_text().startswith("#:schema file:///")
