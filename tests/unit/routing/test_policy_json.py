"""The policy document as the functions read it: older, complete, and invalid ones."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, time
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braket_notifier.domain.policy import WEEKDAYS, HintRule, Ignored, Person, Policy, Quiet, Reservation, Route
from braket_notifier.routing.policy_json import parse_policy

OLDER = {
    "version": 1,
    "home": "us-east-1",
    "regions": ["us-east-1"],
    "time_zone": "UTC",
    "channels": {"lab": {"type": "slack"}},
    "routes": [{"to": ["lab"], "took_over_s": 300}],
}

#: Every member of the document, and each of their members.
COMPLETE: dict[str, Any] = OLDER | {
    "routes": [{"to": ["lab"], "kind": "task", "tags": {"project": "x"}}, {"to": ["lab"]}],
    "mentions": {"lab": "all"},
    "collect_s": {"mail": 900},
    "ignored": [{"kind": "task", "tags": {"notify": "none"}}],
    "people": [{"name": "Anna", "slack": "U01ABCDEF", "owns": ["tag:owner=anna"]}],
    "hint_rules": [{"pattern": "calibrat", "says": "Wait."}],
    "quiet": {
        "lab": {"begins": "22:00", "ends": "07:00", "passing": ["FAILED"], "days": ["monday"], "all_day": ["sunday"]}
    },
    "muted_until": {"lab": "2026-11-20T16:00:00+00:00"},
    "reservations": [
        {"begins": "2026-12-01T14:00:00Z", "ends": "2026-12-01T16:00:00+01:00", "arn": "arn", "device": ""}
    ],
    "quotas": {"observe": 0.1, "sweep": 0.1, "search": 0.1},
}
#: Tables whose members are names that users choose, not words of the format.
NAMED = {"channels", "mentions", "collect_s", "quiet", "muted_until", "tags"}
Place = tuple[str | int, ...]


def tables(value: object, place: Place = ()) -> Iterator[Place]:
    """The place of each table within the document whose members are words of the format."""
    if isinstance(value, dict):
        if place and place[-1] not in NAMED:
            yield place
        for name, each in value.items():
            yield from tables(each, (*place, name))
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from tables(each, (*place, number))


PLACES = list(tables(COMPLETE))


def at(document: Any, place: Place) -> Any:
    return reduce(lambda value, key: value[key], place, document)


def test_an_older_document_is_read_with_the_defaults_of_what_it_lacks() -> None:
    assert parse_policy(OLDER) == Policy(("us-east-1",), "UTC", {"lab": "slack"}, (Route(("lab",), took_over_s=300),))


def test_every_member_of_the_policy_is_read() -> None:
    policy = parse_policy(COMPLETE | {"job_failing_share": 1, "announce_existing": True})

    assert (policy.mentions, policy.collect_s, policy.job_failing_share) == ({"lab": "all"}, {"mail": 900}, 1.0)
    assert policy.announce_existing
    assert policy.ignored == (Ignored("task", tags={"notify": "none"}),)
    assert policy.people == (Person("Anna", "U01ABCDEF", ("tag:owner=anna",)),)
    assert policy.hint_rules == (HintRule("calibrat", "Wait."),)
    assert policy.quiet == {"lab": Quiet(time(22), time(7), ("FAILED",), ("monday",), ("sunday",))}
    assert policy.muted_until == {"lab": datetime(2026, 11, 20, 16, tzinfo=UTC)}
    hour = datetime(2026, 12, 1, 14, tzinfo=UTC), datetime(2026, 12, 1, 15, tzinfo=UTC)
    assert policy.reservations == (Reservation(*hour, "arn"),)


def test_an_unknown_setting_beside_the_known_ones_is_ignored() -> None:
    assert parse_policy(OLDER | {"horoscopes": True}) == parse_policy(OLDER)


def test_the_places_of_a_document_are_those_of_its_rules_and_channels() -> None:
    """Otherwise the property below would hold of nothing."""
    assert {place[0] for place in PLACES} == {
        *("channels", "routes", "ignored", "people", "hint_rules", "quiet", "quotas", "reservations")
    }


@given(
    st.sampled_from(PLACES), st.text().map("x-{}".format), st.one_of(st.none(), st.booleans(), st.text(), st.just([]))
)
def test_an_unknown_member_anywhere_within_a_rule_makes_the_document_unfollowable(
    place: Place, name: str, value: object
) -> None:
    """Without its condition a rule matches too much; an ignore rule would silence every transition."""
    document = deepcopy(COMPLETE)
    at(document, place)[name] = value

    with pytest.raises(ValueError, match="is not a member; allowed: "):
        parse_policy(document)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"version": 2}, "version 2"),
        ({"regions": "us-east-1"}, r"settings\.regions: 'us-east-1' is not a list"),
        ({"regions": [1]}, r"settings\.regions\[1\]: 1 is not a text"),
        ({"time_zone": "Stockholm"}, "No time zone found with key Stockholm"),
        ({"channels": []}, r"channels: \[\] is not a table"),
        ({"channels": {"lab": {"type": "pigeon"}}}, r"channels\.lab: 'pigeon' is not one of slack, email"),
        ({"routes": [{"status": ["FAILED"]}]}, r"settings\.routes\[1\]\.to: is missing"),
        ({"routes": [{"to": ["lab"], "partial": 1}]}, "1 is not true or false"),
        ({"routes": [{"to": ["lab"], "kind": "pulse"}]}, r"routes\[1\]\.kind: 'pulse' is not one of task, job"),
        ({"routes": [{"to": ["lab"], "device_type": "annealer"}]}, "'annealer' is not one of qpu, simulator"),
        ({"ignored": [{"owner": "anna"}]}, r"settings\.ignored\[1\]\.owner: is not a member; allowed: device, kind"),
        ({"ignored": [{}]}, "a rule without a condition would ignore everything"),
        ({"channels": {"lab": {"type": "slack", "only": "QPUs"}}}, r"channels\.lab\.only: is not a member"),
        ({"digest_after": True}, r"settings\.digest_after: true is not a whole number"),
        ({"quiet": {"lab": {"begins": "22:00", "ends": 7}}}, r"settings\.quiet\.lab\.ends: 7 is not a time"),
        ({"quiet": {"lab": {"days": ["someday"]}}}, r"quiet\.lab\.days\[1\]: 'someday' is not one of monday, tuesday"),
        ({"quiet": {"lab": {"all_day": [*WEEKDAYS]}}}, r"quiet\.lab\.all_day: a channel that is quiet all week"),
        ({"hint_rules": [{"pattern": "(", "says": ""}]}, "missing \\)"),
    ],
)
def test_an_invalid_document_is_refused_with_the_member_that_is_wrong(wrong: dict[str, object], error: str) -> None:
    with pytest.raises(Exception, match=error):
        parse_policy(OLDER | wrong)
