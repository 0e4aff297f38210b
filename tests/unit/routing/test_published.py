"""The policy that a function follows: the deployed one, a later published one, and the time until it applies."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from braket_notifier.domain.policy import Policy, Reservation
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.routing.published import LOOK_EVERY_S, Following, NoAccessError, Published, followed, identity
from braket_notifier.settings.notifier_toml import read_settings

DOCUMENT: dict[str, Any] = dict(read_settings(Path(__file__).parents[3] / "notifier.toml").policy())
OTHER_ROUTES = DOCUMENT | {"routes": [{"to": ["mail"]}]}
EVENING = datetime(2026, 11, 20, 18, tzinfo=UTC)


def published(document: object, revision: int = 1, base: str = "digest") -> Published:
    return Published(revision, base, json.dumps(document))


@pytest.fixture
def deployed() -> Policy:
    return parse_policy(DOCUMENT)


def test_a_document_published_for_this_deployment_is_followed(deployed: Policy) -> None:
    assert followed(deployed, "digest", published(OTHER_ROUTES)) == parse_policy(OTHER_ROUTES)


def test_a_deployment_replaces_documents_published_before_it(deployed: Policy) -> None:
    """The deployed settings file is newer than the published document."""
    assert followed(deployed, "a later digest", published(OTHER_ROUTES)) == deployed


@pytest.mark.parametrize("key", ["regions", "channels"])
def test_another_order_of_regions_or_channels_is_followed(deployed: Policy, key: str) -> None:
    found = DOCUMENT[key]
    other = dict(reversed(found.items())) if isinstance(found, dict) else [*reversed(found), *found]

    assert followed(deployed, "digest", published(DOCUMENT | {key: other})).routes == deployed.routes


def test_the_same_settings_deployed_again_later_are_another_deployment() -> None:
    assert len({identity(digest, version) for digest in ("a", "b") for version in ("1", "12", "2")}) == 6


@pytest.mark.parametrize("digest", ["digest", "a later digest"])
def test_mutes_and_reservations_outlast_deployments(deployed: Policy, digest: str) -> None:
    booked = (Reservation(EVENING, EVENING + timedelta(hours=1), "arn"),)
    muted = replace(published(DOCUMENT), muted_until={"mail": EVENING}, reserved=booked)

    assert followed(deployed, digest, muted) == replace(deployed, muted_until={"mail": EVENING}, reserved=booked)


WRONG = [
    (DOCUMENT | {"version": 2}, "version 2"),
    (DOCUMENT | {"regions": ["us-east-1"]}, "the regions are not those of the deployed stack"),
    (DOCUMENT | {"channels": {**DOCUMENT["channels"], "lab": {"type": "slack"}}}, "the channels are not those"),
    (DOCUMENT | {"routes": None}, "is not a list"),
    ([], "list"),
]


@pytest.mark.parametrize(("document", "reason"), WRONG)
def test_a_document_that_cannot_be_followed_is_refused(deployed: Policy, document: object, reason: str) -> None:
    with pytest.raises((ValueError, AttributeError), match=reason):
        followed(deployed, "digest", published(document))


class FollowingWorld:
    """A clock, the published row, and the errors of documents that were refused."""

    def __init__(self, deployed: Policy) -> None:
        self.now = 1000.0
        self.row: Published | Exception = Published()
        self.reads = 0
        self.refused: list[str] = []
        self.following = Following(deployed, "digest", self._read, lambda: self.now, self._refuse)

    def _read(self) -> Published:
        self.reads += 1
        if isinstance(self.row, Exception):
            raise self.row
        return self.row

    def _refuse(self, error: Exception) -> None:
        self.refused.append(str(error))


@pytest.fixture
def world(deployed: Policy) -> FollowingWorld:
    return FollowingWorld(deployed)


def test_a_change_is_followed_within_a_minute_without_more_reads(world: FollowingWorld, deployed: Policy) -> None:
    assert world.following.policy() == deployed
    world.row = published(OTHER_ROUTES)
    assert world.following.policy() == deployed
    world.now += LOOK_EVERY_S

    assert world.following.policy() == parse_policy(OTHER_ROUTES)
    assert (LOOK_EVERY_S < 60, world.reads, world.refused) == (True, 2, [])


@pytest.mark.parametrize("row", [published(DOCUMENT | {"version": 2}), OSError("no answer")], ids=["bad", "no answer"])
def test_after_a_bad_document_the_last_policy_stays_and_an_error_is_reported(
    world: FollowingWorld, row: Published | Exception
) -> None:
    world.row = published(OTHER_ROUTES)
    world.following.policy()
    world.row = row
    world.now += LOOK_EVERY_S

    assert world.following.policy() == parse_policy(OTHER_ROUTES)
    assert len(world.refused) == 1


@pytest.mark.parametrize("rule", ["routes", "ignored", "people"])
def test_a_rule_with_an_unknown_member_leaves_the_last_good_policy_in_force(world: FollowingWorld, rule: str) -> None:
    """A condition that nobody reads would match every transition: an ignore rule then silences all of them."""
    world.row = published(OTHER_ROUTES)
    good = world.following.policy()
    world.row = published(OTHER_ROUTES | {rule: [{"to": ["mail"], "name": "Anna", "horoscope": "bad"}]})
    world.now += LOOK_EVERY_S

    assert world.following.policy() == good
    assert len(world.refused) == 1


def test_mutes_hold_beside_a_document_that_cannot_be_followed(world: FollowingWorld, deployed: Policy) -> None:
    world.row = replace(published(None), muted_until={"mail": EVENING})

    assert world.following.policy() == replace(deployed, muted_until={"mail": EVENING})


def test_after_a_bad_document_a_good_one_is_followed(world: FollowingWorld, deployed: Policy) -> None:
    world.row = published(None)
    assert world.following.policy() == deployed
    world.row = published(OTHER_ROUTES, revision=2)
    world.now += LOOK_EVERY_S

    assert world.following.policy() == parse_policy(OTHER_ROUTES)


def test_a_function_that_starts_reads_the_published_settings_first(world: FollowingWorld) -> None:
    world.row = published(OTHER_ROUTES)

    assert world.following.policy() == parse_policy(OTHER_ROUTES)


def test_a_function_that_cannot_read_them_at_its_start_follows_no_settings_until_it_can(world: FollowingWorld) -> None:
    """Seen: it followed the deployed settings for a minute, wrote into a mute, and left out what a push had added."""
    world.row = OSError("no answer")
    with pytest.raises(OSError, match="no answer"):
        world.following.policy()
    world.row = published(OTHER_ROUTES)

    assert world.following.policy() == parse_policy(OTHER_ROUTES)
    assert world.refused == []


def test_a_function_that_only_a_deployment_gives_access_follows_the_deployed_settings(
    world: FollowingWorld, deployed: Policy
) -> None:
    world.row = NoAccessError("denied")

    assert world.following.policy() == deployed
    assert world.refused == ["denied"]


def test_the_deployed_settings_that_a_function_follows_stay_in_force_when_the_next_read_fails(
    world: FollowingWorld, deployed: Policy
) -> None:
    world.row = NoAccessError("denied")
    world.following.policy()
    world.now += LOOK_EVERY_S
    world.row = OSError("no answer")

    assert world.following.policy() == deployed
