"""The page of permissions tells of everything that is granted: what is new on it was taken away once."""

import re
from collections.abc import Callable

import pytest

from security.needed import NOTHING
from security.permissions import PAGE, Words, listed_in, permissions
from tests.infra.template import Template

JUDGE = "not yet judged, see docs/permissions.md: make check-permissions"


@pytest.mark.parametrize("variant", ["read-results", "own-key"])
def test_every_permission_was_taken_away_once_or_has_its_reason(
    of_variant: Callable[[str], Template], variant: str
) -> None:
    granted = {listed(each.words) for each in permissions(of_variant(variant).assembly)}
    judged = {listed(words) for words in listed_in(PAGE.read_text(encoding="utf-8"))}

    assert granted - judged == set(), JUDGE


def test_no_permission_goes_unused() -> None:
    assert NOTHING not in listed_in(PAGE.read_text(encoding="utf-8")).values()


def listed(words: Words) -> Words:
    """Bucket and regions are the settings' own."""
    whose, action, on = words
    return whose, action, "a bucket" if action == "s3:GetObject" else re.sub(r":[a-z]{2}-[a-z]+-\d:", ":REGION:", on)
