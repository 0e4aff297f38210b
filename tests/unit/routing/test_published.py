"""Which policy a function follows: what was deployed, what was published since, and how soon."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from braket_notifier.domain.policy import Policy
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.routing.published import LOOK_EVERY_S, Following, Published, followed
from braket_notifier.settings.notifier_toml import read_settings

DOCUMENT: dict[str, Any] = dict(read_settings(Path(__file__).parents[3] / "notifier.toml").policy())
OTHER_ROUTES = DOCUMENT | {"routes": [{"to": ["mail"]}]}
EVENING = datetime(2026, 11, 20, 18, tzinfo=UTC)


def published(document: object, revision: int = 1, base: str = "digest") -> Published:
    return Published(revision, base, json.dumps(document))


@pytest.fixture
def deployed() -> Policy:
    return parse_policy(DOCUMENT)


def test_what_was_published_for_this_deployment_is_followed(deployed: Policy) -> None:
    assert followed(deployed, "digest", published(OTHER_ROUTES)) == parse_policy(OTHER_ROUTES)


def test_a_deployment_replaces_what_was_published_before_it(deployed: Policy) -> None:
    """Whoever deploys has the newer settings file."""
    assert followed(deployed, "a later digest", published(OTHER_ROUTES)) == deployed


@pytest.mark.parametrize("digest", ["digest", "a later digest"])
def test_a_mute_outlasts_deployments(deployed: Policy, digest: str) -> None:
    muted = replace(published(DOCUMENT), muted_until={"mail": EVENING})

    assert followed(deployed, digest, muted) == replace(deployed, muted_until={"mail": EVENING})


WRONG = [
    (DOCUMENT | {"version": 2}, "version 2"),
    (DOCUMENT | {"regions": ["us-east-1"]}, "the regions are not those of the deployed stack"),
    (DOCUMENT | {"channels": {**DOCUMENT["channels"], "lab": {"type": "slack"}}}, "the channels are not those"),
    (DOCUMENT | {"routes": None}, "is not a list"),
    ([], "list"),
]


@pytest.mark.parametrize(("document", "why"), WRONG)
def test_what_cannot_be_followed_is_refused(deployed: Policy, document: object, why: str) -> None:
    with pytest.raises((ValueError, AttributeError), match=why):
        followed(deployed, "digest", published(document))


class FollowingWorld:
    """A clock, the row that is published, and what was refused."""

    def __init__(self, deployed: Policy) -> None:
        self.now = 1000.0
        self.row: Published | Exception = Published()
        self.looks = 0
        self.refused: list[str] = []
        self.following = Following(deployed, "digest", self._look, lambda: self.now, self._refuse)

    def _look(self) -> Published:
        self.looks += 1
        if isinstance(self.row, Exception):
            raise self.row
        return self.row

    def _refuse(self, error: Exception) -> None:
        self.refused.append(str(error))


@pytest.fixture
def world(deployed: Policy) -> FollowingWorld:
    return FollowingWorld(deployed)


def test_news_is_followed_within_a_minute_and_looked_for_no_oftener(world: FollowingWorld, deployed: Policy) -> None:
    assert world.following.policy() == deployed
    world.row = published(OTHER_ROUTES)
    assert world.following.policy() == deployed
    world.now += LOOK_EVERY_S

    assert world.following.policy() == parse_policy(OTHER_ROUTES)
    assert (LOOK_EVERY_S < 60, world.looks, world.refused) == (True, 2, [])


@pytest.mark.parametrize("row", [published(DOCUMENT | {"version": 2}), OSError("no answer")], ids=["bad", "no answer"])
def test_the_last_good_settings_stay_and_somebody_hears_of_it(
    world: FollowingWorld, row: Published | Exception
) -> None:
    world.row = published(OTHER_ROUTES)
    world.following.policy()
    world.row = row
    world.now += LOOK_EVERY_S

    assert world.following.policy() == parse_policy(OTHER_ROUTES)
    assert len(world.refused) == 1


def test_after_bad_settings_good_ones_are_followed_again(world: FollowingWorld, deployed: Policy) -> None:
    world.row = published(None)
    assert world.following.policy() == deployed
    world.row = published(OTHER_ROUTES, revision=2)
    world.now += LOOK_EVERY_S

    assert world.following.policy() == parse_policy(OTHER_ROUTES)


def test_a_function_that_starts_looks_first(world: FollowingWorld) -> None:
    world.row = published(OTHER_ROUTES)

    assert world.following.policy() == parse_policy(OTHER_ROUTES)
