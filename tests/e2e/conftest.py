"""One local cloud with the synthesised template in it, for all end-to-end tests."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from local import story
from local.braket import CreateRequest, Script
from local.stage import Stage, synthesise


@pytest.fixture(scope="session")
def scripts() -> dict[str, Script]:
    """What becomes of a resource, by its name; tests put their own here before they submit."""
    return {}


@pytest.fixture(scope="session")
def stage(scripts: dict[str, Script]) -> Iterator[Stage]:
    def choose(request: CreateRequest) -> Script:
        return scripts.get(request.name, story.CHILD)

    with Stage(choose).up() as running:
        running.deploy(synthesise())
        running.sweep()  # the first one baselines the region
        yield running


@pytest.fixture
def submit(stage: Stage, scripts: dict[str, Script]) -> Callable[..., str]:
    def create(name: str, script: Script, **changes: Any) -> str:
        scripts[name] = script
        act = story.Act(name=name, device=story.FORTE, script=script)
        return stage.submit(replace(act, **changes))

    return create
