"""Unknown words of tags: a message of their own only where people get no other about the resource."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Ignored, Person, Policy, Route
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.compose import message_of
from braket_notifier.rendering.message import PUSH
from braket_notifier.routing.unknown_words import WORTH, unknown_words
from braket_notifier.sending.wire import decode, encode

ASnapshot = Callable[..., Snapshot]
ATransition = Callable[..., Transition]


@pytest.fixture
def policy(policy: Policy) -> Policy:
    """No route sends a COMPLETED task; Anna has a Slack ID."""
    return replace(
        policy,
        channels={"mail": "email", "machines": "topic", "team-slack": "slack", "dm": "slack"},
        to_owner=("dm",),
        routes=(Route(("team-slack",), status=("FAILED",)), Route(("machines",))),
        people=(Person("Anna", "U01ABCDEF", ("tag:owner=anna",)), Person("Ben", "", ("tag:owner=ben",))),
    )


@pytest.mark.parametrize(
    ("status", "tags", "announced"),
    [
        ("COMPLETED", {"notify": "zoe"}, {"zoe": "team-slack"}),
        ("COMPLETED", {"notify": "zoe zoe"}, {"zoe": "team-slack"}),
        ("COMPLETED", {"notify-on": "DONE"}, {"DONE": "team-slack"}),
        ("COMPLETED", {"notify": "zoe", "notify-on": "FAILED"}, {"zoe": "team-slack"}),
        ("COMPLETED", {"notify": "zoe", "owner": "anna"}, {"zoe": "dm#Anna"}),
        ("COMPLETED", {"notify": "zoe", "owner": "ben"}, {"zoe": "team-slack"}),  # nothing reaches Ben
        ("FAILED", {"notify": "zoe"}, {}),  # the message of the route names it
        ("COMPLETED", {"notify": "anna zoe"}, {}),  # and so does Anna's
        ("COMPLETED", {"notify": "machines zoe"}, {"zoe": "team-slack"}),  # no person reads the topic
        ("COMPLETED", {"notify": "none zoe"}, {}),
        ("COMPLETED", {"notify": "ben"}, {}),  # known, without an address
        ("COMPLETED", {}, {}),
        ("RUNNING", {"notify": "zoe"}, {}),  # its end may be sent
        ("PAUSED", {"notify": "zoe"}, {}),
        (
            "COMPLETED",
            {"notify": " ".join(f"w{each}" for each in range(100))},
            dict.fromkeys(("w0", "w1", "w2"), "team-slack"),
        ),
        ("COMPLETED", {"notify": " ".join(["none", *(f"w{each}" for each in range(99))])}, {}),
    ],
)
def test_an_unknown_word_is_announced_where_people_get_no_other_message(
    a_task: ASnapshot,
    a_transition: ATransition,
    policy: Policy,
    status: str,
    tags: dict[str, str],
    announced: dict[str, str],
) -> None:
    found = unknown_words(a_transition(a_task(status, tags=tags)), policy)

    assert {each.transition.snapshot.tags["#word"]: each.channel for each in found} == announced
    assert [decode(encode(each)) for each in found] == list(found)


def test_an_ignored_resource_announces_no_word(a_task: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    ended = a_transition(a_task("COMPLETED", tags={"notify": "zoe"}))

    assert unknown_words(ended, replace(policy, ignored=(Ignored(kind="task"),))) == ()


def test_a_word_has_one_id_in_each_resource_and_spelling_and_another_one_in_the_other_tag(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    def of(number: int, **tags: str) -> Notification:
        ended = a_transition(
            a_task("COMPLETED", number, tags={key.replace("_", "-"): its for key, its in tags.items()})
        )
        [found] = unknown_words(ended, policy)
        return found

    ids = {of(1, notify="zoe").id, of(2, notify="ZOE").id, of(3, notify="zoe", Name="x").id}
    assert len(ids) == 1
    assert of(4, notify_on="zoe").id not in ids


def test_a_word_is_announced_to_a_shared_e_mail_channel_without_slack(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    ended = a_transition(a_task("COMPLETED", tags={"notify": "zoe"}))
    machines = replace(policy, channels={"machines": "topic"}, to_owner=(), routes=())

    [found] = unknown_words(ended, replace(policy, channels={"machines": "topic", "mail": "email"}, to_owner=()))
    assert found.channel == "mail"
    assert unknown_words(ended, machines) == ()


def test_the_message_names_the_word_the_known_ones_and_the_resource(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    ended = a_transition(a_task("COMPLETED", tags={"notify": "zo\u202ee", "Name": "ghz-12"}))
    [found] = unknown_words(ended, policy)

    message = message_of(decode(encode(found)), policy, "team-slack")

    assert message.headline == "⚠ ghz-12 ended, and nobody was notified of it"
    assert message.lines[0] == (
        "Tag notify: zoe is no channel or person here; there are mail, machines, team-slack, dm, Anna, Ben."
    )
    assert message.command == f"braket-notifier explain {ended.arn}"
    assert message.links[0][1].endswith(ended.arn.text)
    assert len(message.push) <= PUSH
    assert found.transition.snapshot.ended_at == ended.at + WORTH if ended.at else False
