"""Local clouds with the synthesised template: one with the local settings, one with the documentation's."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from local.braket.emulator import CreateRequest, Script
from local.story import story
from local.story.assembly import SETTINGS as LOCAL
from local.story.assembly import synthesise
from local.story.stage import Stage
from tests.e2e.leaks import leaks_of
from tests.taught import ROOT, blocks

#: Each batch is a group of its own, because a group gets one e-mail in fifteen minutes.
SUBMITTED = count()


@pytest.fixture(scope="session")
def scripts() -> dict[str, Script]:
    """The script of a resource, by its name. Tests add their own before they submit."""
    return {}


@pytest.fixture(scope="session")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The local settings without digests, because each test expects messages of its own."""
    settings = tmp_path_factory.mktemp("talkative") / "notifier.toml"
    settings.write_text(re.sub(r"digest_after = \d+", "digest_after = 100", LOCAL.read_text()))
    return settings


@pytest.fixture(scope="session")
def assembly(talkative: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Templates of their own, because a run of another test replaces those of `make run`."""
    return synthesise(talkative, tmp_path_factory.mktemp("assembly") / "cdk.out")


@pytest.fixture(scope="session")
def stage(scripts: dict[str, Script], assembly: Path) -> Iterator[Stage]:
    def choose(request: CreateRequest) -> Script:
        return scripts.get(request.name, story.CHILD)

    with Stage(choose).up() as running:
        running.deploy(assembly)
        running.sweep()  # the first sweep baselines the region
        yield running
        assert leaks_of(running, assembly) == []


@pytest.fixture
def submit(stage: Stage, scripts: dict[str, Script]) -> Callable[..., str]:
    def create(name: str, script: Script, **changes: Any) -> str:
        scripts[name] = script
        act = story.Act(name=name, device=story.FORTE, script=script, batch=f"{name}-{next(SUBMITTED)}")
        return stage.submit(replace(act, **changes))

    return create


SETTINGS = """
home = "us-east-1"
regions = ["us-east-1"]

[defaults]
flood_after = 1000  # the tests ask for more messages in ten minutes than people want

[channels.team-slack]
type = "slack"
channel = "C0123456789"
token = "ssm:/braket-notifier/slack-token"

[[routes]]
to = ["team-slack"]
status = ["COMPLETED"]
tags = { team = "slack" }
"""
TROUBLESOME = """
[channels.{name}]
type = "handler"

[[routes]]
to = ["{name}"]
status = ["COMPLETED"]
tags = {{ trouble = "yes" }}
"""
FAULTY_HANDLERS = Path(__file__).parent / "faulty_handlers"


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory, scripts: dict[str, Script]) -> Iterator[Stage]:
    """The settings of every page of the documentation with its examples, and faulty handlers."""
    place = tmp_path_factory.mktemp("workshop")
    custom = shutil.copytree(ROOT / "examples" / "handlers", place / "custom")
    shutil.copytree(FAULTY_HANDLERS, custom, dirs_exist_ok=True)
    taught = [text for page in ("handlers.md", "topic.md") for text in blocks(page, "toml").values()]
    troubled = [TROUBLESOME.format(name=path.stem) for path in FAULTY_HANDLERS.glob("*.py")]
    (place / "notifier.toml").write_text("\n".join([SETTINGS, *taught, *troubled]))
    with Stage(lambda request: scripts.get(request.name, Script())).up() as running:
        assembly = synthesise(place / "notifier.toml", place / "cdk.out", custom)
        running.cloud.client("events").create_event_bus(Name="lab-events")  # as docs/topic.md says
        running.deploy(assembly)
        running.sweep()
        yield running
        assert leaks_of(running, assembly) == []


@pytest.fixture
def submit_there(workshop: Stage, scripts: dict[str, Script]) -> Callable[..., str]:
    """Submit each resource in a batch of its own, so that no digest collects them."""

    def create(name: str, script: Script, **changes: Any) -> str:
        scripts[name] = script
        act = story.Act(name=name, device=story.FORTE, script=script, batch=name)
        return workshop.submit(replace(act, **changes))

    return create
