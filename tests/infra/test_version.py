"""The deployed version stands in the description, an output and a tag of each stack."""

import json
from pathlib import Path

import pytest

from braket_notifier import __version__
from infra.asset import ROOT
from tests.infra.template import Synth, Template

STACK = "aws:cloudformation:stack"


@pytest.mark.parametrize("stack", ["braket-notifier", "braket-notifier-eu-north-1"])
def test_each_stack_is_described_and_tagged_by_the_version(template: Template, stack: str) -> None:
    manifest = json.loads((template.assembly / "manifest.json").read_text())

    assert f"(Braket status notifier {__version__})" in template.beside(stack).content["Description"]
    assert manifest["artifacts"][stack]["properties"]["tags"] == {"version": __version__}


def test_each_stack_has_the_tags_of_the_settings(synthesised: Synth, tmp_path: Path) -> None:
    settings = tmp_path / "notifier.toml"
    settings.write_text(f'{(ROOT / "notifier.toml").read_text()}\n[tags]\ncost-centre = "quantum"\n')

    manifest = json.loads((synthesised(settings).assembly / "manifest.json").read_text())

    tags = [each["properties"]["tags"] for name, each in manifest["artifacts"].items() if each["type"] == STACK]
    assert tags == [{"cost-centre": "quantum", "version": __version__}] * 5
