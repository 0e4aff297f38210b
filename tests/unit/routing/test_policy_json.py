"""The policy document as the functions read it: older, complete, and invalid ones."""

from datetime import UTC, datetime, time

import pytest

from braket_notifier.domain.policy import HintRule, Ignored, Person, Policy, Quiet, Route
from braket_notifier.routing.policy_json import parse_policy

OLDER = {
    "version": 1,
    "home": "us-east-1",
    "regions": ["us-east-1"],
    "time_zone": "UTC",
    "channels": {"lab": {"type": "slack"}},
    "routes": [{"to": ["lab"], "took_over_s": 300}],
}


def test_an_older_document_is_read_with_the_defaults_of_what_it_lacks() -> None:
    assert parse_policy(OLDER) == Policy(("us-east-1",), "UTC", {"lab": "slack"}, (Route(("lab",), took_over_s=300),))


def test_every_member_of_the_policy_is_read() -> None:
    document = OLDER | {
        "mentions": {"lab": "all"},
        "collect_s": {"mail": 900},
        "job_failing_share": 1,
        "announce_existing": True,
        "ignored": [{"kind": "task", "tags": {"notify": "none"}}],
        "people": [{"name": "Anna", "slack": "U01ABCDEF", "owns": ["tag:owner=anna"]}],
        "hint_rules": [{"pattern": "calibrat", "says": "Wait."}],
        "quiet": {"lab": {"begins": "22:00", "ends": "07:00", "passing": ["FAILED"]}},
        "muted_until": {"lab": "2026-11-20T16:00:00+00:00"},
    }

    policy = parse_policy(document)

    assert (policy.mentions, policy.collect_s, policy.job_failing_share) == ({"lab": "all"}, {"mail": 900}, 1.0)
    assert policy.announce_existing
    assert policy.ignored == (Ignored("task", tags={"notify": "none"}),)
    assert policy.people == (Person("Anna", "U01ABCDEF", ("tag:owner=anna",)),)
    assert policy.hint_rules == (HintRule("calibrat", "Wait."),)
    assert policy.quiet == {"lab": Quiet(time(22), time(7), ("FAILED",))}
    assert policy.muted_until == {"lab": datetime(2026, 11, 20, 16, tzinfo=UTC)}


def test_an_unknown_member_is_ignored() -> None:
    assert parse_policy(OLDER | {"horoscopes": True}) == parse_policy(OLDER)


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
        ({"digest_after": True}, r"settings\.digest_after: True is not a whole number"),
        ({"quiet": {"lab": {"begins": "22:00", "ends": 7}}}, r"settings\.quiet\.lab\.ends: 7 is not a time"),
        ({"hint_rules": [{"pattern": "(", "says": ""}]}, "missing \\)"),
    ],
)
def test_an_invalid_document_is_refused_with_the_member_that_is_wrong(wrong: dict[str, object], error: str) -> None:
    with pytest.raises(Exception, match=error):
        parse_policy(OLDER | wrong)
