"""The exercises of docs/rehearse.md: each command of the page prints what the page says."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from braket_notifier.settings.notifier_toml import read_settings
from infra.alarms import watched
from local.run import environment_file
from local.story.assembly import synthesise
from local.story.stage import Stage
from tests.taught import ROOT

PAGE = (ROOT / "docs" / "rehearse.md").read_text()
#: The heading, the commands, and the printed lines if the page shows them.
EXERCISE = re.compile(
    r"^```sh\n(?P<commands>.*?)^```$(?:\n\n```text\n(?P<printed>.*?)^```$)?", re.MULTILINE | re.DOTALL
)
RUN = "make run KEEP=1 SETTINGS=build/local/rehearsal.toml\n"
BEGIN, *EXERCISES, END = EXERCISE.findall(PAGE)
PATIENCE_S = 600


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file of a run with the page's own settings, which has played no story."""
    folder = tmp_path_factory.mktemp("rehearsal")
    for each in ("local", "lambdas/custom"):
        (folder / each).mkdir(parents=True)
    (folder / "local" / "notifier.toml").write_text((ROOT / "local" / "notifier.toml").read_text())
    subprocess.run(["bash", "-c", BEGIN[0].removesuffix(RUN)], cwd=folder, check=True)  # noqa: S603, S607 - the page's own words
    settings = folder / "build" / "local" / "rehearsal.toml"
    stage = Stage(settings=read_settings(settings))
    with stage.up():
        stage.deploy(synthesise(settings, folder / "cdk.out", folder / "lambdas" / "custom"))
        stage.sweep()
        with environment_file(stage, settings, folder / "environment"):
            yield folder / "environment"


@pytest.mark.parametrize(("commands", "printed"), EXERCISES)
def test_each_exercise_prints_what_its_page_says(commands: str, printed: str, environment: Path) -> None:
    done = subprocess.run(  # noqa: S603 - the page's own words
        ["bash", "-c", commands.replace("build/local/environment", str(environment))],  # noqa: S607
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "BASH_ENV": str(environment)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )

    assert done.stderr == ""
    wanted = ".*".join(re.escape(line).replace("…", ".*") for line in printed.splitlines())
    assert re.search(wanted, done.stdout, re.DOTALL), done.stdout


def test_the_page_begins_with_a_run_and_ends_by_removing_its_files() -> None:
    assert BEGIN[0].endswith(RUN)
    assert set(END[0].split()[1:]) == {"lambdas/custom/breaks.py", "build/local/rehearsal.toml"}


def test_the_page_has_every_alarm() -> None:
    assert {name for name in watched("n", 60) if f"`{name}`" not in PAGE} == set()
