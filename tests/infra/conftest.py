"""The templates of the tests, each synthesised once."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from braket_notifier.settings.notifier_toml import read_settings
from braket_notifier.settings.python_version import SUPPORTED
from infra.synth import synth
from security.variants import settings
from tests.infra.template import Synth, Template

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Synth:
    """Synthesise as on a machine with Lambda's newest Python, so that every machine makes the same template."""

    def synthesised(settings: Path = ROOT / "notifier.toml", **options: Any) -> Template:
        assembly = synth(settings, tmp_path_factory.mktemp("synth"), **{"machine": SUPPORTED[-1], **options})
        name = read_settings(settings).name
        return Template(assembly, json.loads((assembly / f"{name}.template.json").read_text()))

    return synthesised


@pytest.fixture(scope="session")
def of_variant(synthesised: Synth, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Template]:
    """The template of each variant of the settings in the security checks, synthesised on first use."""
    return cache(lambda variant: synthesised(settings(variant, tmp_path_factory.mktemp("settings"))))


@pytest.fixture(scope="session")
def template(synthesised: Synth) -> Template:
    """The template of the default settings file."""
    return synthesised()
