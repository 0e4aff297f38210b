"""The page of permissions has every granted right. Each was taken away once, and a check failed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.asset import ROOT
from security.check_permissions import NOTHING, PENDING
from security.permissions import PAGE, Words, listed_in, permissions
from tests.infra.template import Synth, Template

JUDGE = "make check-permissions takes these away on the local cloud, and writes into docs/permissions.md what fails"
#: Kinds of channel that the page leaves out, because a channel of the page has each of their rights.
OTHERS = """
[channels.machines]
type = "topic"

[channels.hook]
type = "slack"
webhook = "ssm:/braket-notifier/webhook"

[[routes]]
to = ["machines", "hook"]
"""


@pytest.fixture(scope="module")
def judged() -> dict[Words, str]:
    return listed_in(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("variant", ["read-results", "alarms", "own-key"])
def test_every_permission_was_taken_away_once_or_has_its_reason(
    of_variant: Callable[[str], Template], judged: dict[Words, str], variant: str
) -> None:
    granted = {named(each.words) for each in permissions(of_variant(variant).assembly)}
    listed = {named(words) for words, verdict in judged.items() if verdict != PENDING}

    assert granted - listed == set(), JUDGE


def test_every_permission_of_the_page_has_a_verdict(judged: dict[Words, str]) -> None:
    assert [words for words, verdict in judged.items() if verdict == PENDING] == [], JUDGE


def test_no_permission_goes_unused(judged: dict[Words, str]) -> None:
    assert [words for words, verdict in judged.items() if verdict == NOTHING] == []


def test_a_channel_of_another_kind_may_do_nothing_that_none_of_the_page_may(
    synthesised: Synth, tmp_path: Path, judged: dict[Words, str]
) -> None:
    settings = tmp_path / "notifier.toml"
    settings.write_text((ROOT / "notifier.toml").read_text(encoding="utf-8") + OTHERS)

    granted = {of_any_channel(each.words) for each in permissions(synthesised(settings).assembly)}

    assert granted - {of_any_channel(words) for words in judged} == set(), JUDGE


def named(words: Words) -> Words:
    """Bucket and regions come from the settings."""
    whose, action, on = words
    return whose, action, "a bucket" if action == "s3:GetObject" else re.sub(r":[a-z]{2}-[a-z]+-\d:", ":REGION:", on)


def of_any_channel(words: Words) -> Words:
    """A resource without the names of the channel and its secret."""
    whose, action, on = named(words)
    on = re.sub(r"parameter/\S+", "parameter/SECRET", re.sub(r"^Deliver[a-z]+", "Deliver", on))
    return re.sub(r"^Deliver[a-z]+", "Deliver", whose), action, on
