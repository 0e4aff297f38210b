"""The deployed version stands in the description, an output and a tag of each stack."""

import json

import pytest

from braket_notifier import __version__
from tests.infra.template import Template


@pytest.mark.parametrize("stack", ["braket-notifier", "braket-notifier-eu-north-1"])
def test_each_stack_is_described_and_tagged_by_the_version(template: Template, stack: str) -> None:
    manifest = json.loads((template.assembly / "manifest.json").read_text())

    assert f"(Braket status notifier {__version__})" in template.beside(stack).content["Description"]
    assert manifest["artifacts"][stack]["properties"]["tags"] == {"version": __version__}


def test_the_stack_shows_the_version(template: Template) -> None:
    assert template.content["Outputs"]["Version"]["Value"] == __version__
