"""The list of verdicts has every granted right. Each was taken away once, and a check failed."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from braket_notifier.cli.setup.rights import PURPOSES, rights
from infra.asset import ROOT
from security.check_permissions import NOTHING, PENDING
from security.permissions import PAGE, VERDICTS, Words, permissions, read
from security.permissions_page import page
from security.template import template_files
from security.variants import OWNERS, SERVICES, VARIANTS
from tests.infra.template import Synth, Template

JUDGE = "make check-permissions takes these away on the local cloud, and writes into security/verdicts.tsv what fails"
#: Kinds of channel that the list leaves out, because a channel of the list has each of their rights.
OTHERS = f"""
[channels.machines]
type = "topic"

[channels.incoming]
type = "slack"
webhook = "ssm:/braket-notifier/webhook"

{SERVICES}
{OWNERS}
[[routes]]
to = ["machines", "incoming", "lab-teams", "chat", "hook", "events", "dm", "mine"]
"""


@pytest.fixture(scope="module")
def judged() -> dict[Words, str]:
    return read(VERDICTS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("variant", ["read-results", "alarms", "own-key"])
def test_every_permission_was_taken_away_once_or_has_its_reason(
    of_variant: Callable[[str], Template], judged: dict[Words, str], variant: str
) -> None:
    granted = {named(each.words) for each in permissions(of_variant(variant).assembly)}
    listed = {named(words) for words, verdict in judged.items() if verdict != PENDING}

    assert granted - listed == set(), JUDGE


def test_every_listed_permission_has_a_verdict(judged: dict[Words, str]) -> None:
    assert [words for words, verdict in judged.items() if verdict == PENDING] == [], JUDGE


def test_no_permission_goes_unused(judged: dict[Words, str]) -> None:
    assert [words for words, verdict in judged.items() if verdict == NOTHING] == []


def test_a_channel_of_another_kind_may_do_nothing_that_no_listed_channel_may(
    synthesised: Synth, tmp_path: Path, judged: dict[Words, str]
) -> None:
    settings = tmp_path / "notifier.toml"
    settings.write_text((ROOT / "notifier.toml").read_text(encoding="utf-8") + OTHERS)

    granted = {of_any_channel(each.words) for each in permissions(synthesised(settings).assembly)}

    assert granted - {of_any_channel(words) for words in judged} == set(), JUDGE


def test_the_page_has_the_tables_of_the_verdicts(judged: dict[Words, str]) -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert page(text, judged) == text, f"make check-permissions writes {PAGE.name} from {VERDICTS.name}"


def test_the_page_has_one_row_for_each_role_and_action() -> None:
    effects = PAGE.read_text(encoding="utf-8").partition("\n## Rights whose need")[0]
    rows = re.findall(r"^\| (.+?) \| `(\w+:\w+)` \|", effects, re.MULTILINE)

    assert len(rows) > 30
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_right_of_a_template_has_plain_words(of_variant: Callable[[str], Template], variant: str) -> None:
    """Neither an ARN nor a logical id stands in the page for an administrator, and each action has its purpose."""
    assembly, channels = of_variant(variant).assembly, ("team-slack", "mail")
    for path in template_files(assembly):
        granted = rights(json.loads(path.read_text(encoding="utf-8")), channels)
        words = [each for (role, _), resources in granted.items() for each in (role, *resources)]

        assert [each for each in words if re.search(r"arn:|::|Role|[0-9A-F]{8}|\.Arn", each)] == []
        assert {action for _, action in granted} - set(PURPOSES) == set()


def test_every_further_region_has_the_same_rights(template: Template) -> None:
    """The page for an administrator shows those of one further region for all of them."""
    home, *further = template_files(template.assembly)
    found = [rights(json.loads(path.read_text(encoding="utf-8")), ()) for path in further]

    assert len(found) > 1
    assert all(each == found[0] for each in found)
    assert found[0] == {("rule of the region", "events:PutEvents"): ["event bus in the home region"]}
    assert home.name == "braket-notifier.template.json"


def named(words: Words) -> Words:
    """Bucket and regions come from the settings."""
    whose, action, on = words
    return whose, action, "a bucket" if action == "s3:GetObject" else re.sub(r":[a-z]{2}-[a-z]+-\d:", ":REGION:", on)


def of_any_channel(words: Words) -> Words:
    """A resource without the names of the channel and its secret."""
    whose, action, on = named(words)
    on = re.sub(r"parameter/\S+", "parameter/SECRET", re.sub(r"^Deliver[a-z]+", "Deliver", on))
    return re.sub(r"^Deliver[a-z]+", "Deliver", whose), action, on
