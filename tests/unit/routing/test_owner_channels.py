"""The people whom channels with `to = "owner"` write to, the reasons, and what each message says about it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.policy import Ignored, Person, Policy, Quiet, Route
from braket_notifier.domain.resource import FAILING, Children, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.compose import message_of
from braket_notifier.rendering.digest import render_digest
from braket_notifier.rendering.transition import render
from braket_notifier.routing.owners import destinations
from braket_notifier.routing.quiet_hours import held_until
from braket_notifier.routing.routes import Choice, notifications, route, unrouted
from braket_notifier.routing.tags import cautions

ASnapshot = Callable[..., Snapshot]
ATransition = Callable[..., Transition]
ENDS = ("COMPLETED", "FAILED", "CANCELLED")
JOB = "arn:aws:braket:eu-north-1:012345678901:job/1"


@pytest.fixture
def policy(policy: Policy) -> Policy:
    """Anna has both addresses, Ben e-mail alone, Chiara Slack alone, and Dora Maria neither."""
    people = (
        Person("Anna", "U01ABCDEF", ("tag:owner=anna",), email_digest="a1"),
        Person("Ben", "", ("tag:owner=ben",), email_digest="a1"),
        Person("Chiara", "U03CDEFGH", ("tag:owner=chiara",)),
        Person("Dora Maria", "", ("tag:owner=dora",)),
    )
    routes = (
        Route(("team-slack", "dm"), kind="task", status=ENDS),
        Route(("dm",), kind="job", status=("RUNNING", *ENDS), silent=("RUNNING",)),
        Route(("mine",), kind="task", status=("FAILED",)),
    )
    return replace(
        policy,
        channels={"team-slack": "slack", "dm": "slack", "mine": "email"},
        to_owner=("dm", "mine"),
        routes=routes,
        people=people,
        mentions={"team-slack": "nobody"},
    )


TEAM, ANNA, ANNA_MAIL, BEN, CHIARA = "team-slack", "dm#Anna", "mine#Anna", "mine#Ben", "dm#Chiara"


@pytest.mark.parametrize(
    ("status", "tags", "to"),
    [
        ("COMPLETED", {"owner": "anna"}, [TEAM, ANNA]),
        ("FAILED", {"owner": "anna"}, [TEAM, ANNA, ANNA_MAIL]),
        ("RUNNING", {"owner": "anna"}, []),
        ("COMPLETED", {"owner": "ben"}, [TEAM, BEN]),  # his e-mail stands in for the Slack ID that he does not have
        ("COMPLETED", {"owner": "chiara"}, [TEAM, CHIARA]),
        ("COMPLETED", {"owner": "dora"}, [TEAM]),  # she has no address
        ("COMPLETED", {}, [TEAM]),  # nobody's
        ("COMPLETED", {"owner": "zoe"}, [TEAM]),
        ("COMPLETED", {"owner": "anna", "notify": "none"}, []),
        ("COMPLETED", {"notify": "chiara"}, [TEAM, CHIARA]),
        ("COMPLETED", {"owner": "ben", "notify": "Anna"}, [TEAM, ANNA, BEN]),
        ("COMPLETED", {"owner": "anna", "notify": "anna"}, [TEAM, ANNA]),  # once
        ("RUNNING", {"notify": "anna", "notify-on": "RUNNING"}, [ANNA]),
        ("COMPLETED", {"notify": "anna", "notify-on": "FAILED"}, [TEAM]),
        ("FAILED", {"notify": "anna", "notify-on": "FAILED"}, [TEAM, ANNA]),
        ("COMPLETED", {"notify": "dora-maria"}, [TEAM]),  # named, but without an address
        ("COMPLETED", {"notify": "ANNA ben chiara"}, [TEAM, ANNA, CHIARA, BEN]),
        ("COMPLETED", {"notify": "anna anna"}, [TEAM, ANNA]),
        ("CREATED", {"notify": "dm", "owner": "anna", "notify-on": "RUNNING"}, []),
        ("RUNNING", {"notify": "dm", "owner": "anna", "notify-on": "RUNNING"}, [ANNA]),  # the channel, so its owner
        ("RUNNING", {"notify": "dm", "notify-on": "RUNNING"}, []),  # it has no owner
    ],
)
def test_a_task_is_sent_to_its_owner_and_to_whom_its_tag_names(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, status: str, tags: dict[str, str], to: list[str]
) -> None:
    transition = a_transition(a_task(status, tags=tags))

    assert [each.channel for each in notifications(transition, policy)] == to
    assert len({each.id for each in notifications(transition, policy)}) == len(to)


@pytest.mark.parametrize(
    ("tags", "chosen", "reason"),
    [
        ({}, "dm", "no owner is known"),
        ({"owner": "anna"}, "dm#Anna", "matched by route 1"),
        ({"owner": "ben"}, "dm#Ben", "Ben has no Slack ID in the settings"),
        ({"owner": "ben"}, "mine#Ben", "matched by route 1 for dm, because Ben has no Slack ID in the settings"),
        ({"owner": "anna"}, "mine#Anna", "route 3: status COMPLETED is not FAILED"),
        ({"owner": "ben", "notify": "anna"}, "dm#Anna", "named by the tag notify"),
        ({"notify": "anna", "notify-on": "FAILED"}, "dm#Anna", "named by the tag notify, not for COMPLETED"),
    ],
)
def test_each_choice_of_a_person_has_its_reason(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, tags: dict[str, str], chosen: str, reason: str
) -> None:
    choices = {each.channel: each for each in route(a_transition(a_task(tags=tags)), policy)}

    assert choices[chosen].reason == reason


def test_a_job_runs_silently_for_its_owner_and_whoever_is_warned_gets_its_end(
    a_job: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    running, ended = (a_transition(a_job(each, tags={"owner": "anna"})) for each in ("RUNNING", "COMPLETED"))
    failing = replace(running, status=FAILING)
    warned = a_transition(a_job("COMPLETED", tags={"notify": "anna", "notify-on": "FAILED"}), warned=True)

    assert [(each.channel, each.silent) for each in notifications(running, policy)] == [(ANNA, True)]
    assert [(each.channel, each.silent) for each in notifications(ended, policy)] == [(ANNA, False)]
    assert [(each.channel, each.silent) for each in notifications(failing, policy)] == [(ANNA, False)]
    assert [each.channel for each in notifications(warned, policy)] == [ANNA]


def test_a_job_s_own_task_is_shown_to_its_owner_in_the_thread_alone(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    failed = a_transition(a_task("FAILED", job_arn=JOB, tags={"owner": "anna"}))

    assert Choice(ANNA, chosen=True, silent=True, reason="in the thread of its hybrid job's card") in route(
        failed, policy
    )


def test_an_ignored_resource_reaches_no_person(a_task: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    transition = a_transition(a_task(tags={"owner": "anna"}))
    ignoring = replace(policy, ignored=(Ignored(kind="task"),))

    [anna] = [each for each in notifications(transition, policy) if each.channel == ANNA]
    assert notifications(transition, ignoring) == ()
    assert unrouted(anna, ignoring) == "ignored by [[ignore]] 1"
    assert unrouted(anna, policy) == ""


def test_what_waits_for_a_person_follows_the_owner_as_the_settings_have_it(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    transition = a_transition(a_task(tags={"owner": "anna"}))
    [anna] = [each for each in notifications(transition, policy) if each.channel == ANNA]
    others = replace(policy, people=(replace(policy.people[0], owns=("tag:owner=zoe",)), *policy.people[1:]))
    without_anna = replace(policy, people=policy.people[1:])

    assert unrouted(anna, others) == "Anna neither owns it nor is named by its tag notify"
    assert unrouted(anna, without_anna) == ""  # nobody else would get it


@pytest.mark.parametrize(
    ("notify", "warnings"),
    [
        ("anna", []),
        (
            "zoe",
            ["Tag notify: zoe is no channel or person here; there are team-slack, dm, mine, Anna, Ben, Chiara, Dora"],
        ),
        ("dora_maria", ["Tag notify: Dora Maria has no Slack ID in the settings."]),
        ("anna ben chiara dora.maria", ["Tag notify: at most 3 people are notified, not Dora Maria."]),
        ("none", []),
        ("none none", []),
        ("none anna", ["Tag notify: none wins over anna, so nobody is notified."]),
        ("mine none", ["Tag notify: none wins over mine, so nobody is notified."]),
        (
            "zoe none",
            [
                "Tag notify: none wins over zoe, so nobody is notified.",
                "Tag notify: zoe is no channel or person here; there are team-slack, dm, mine, Anna, Ben, Chiara, Dora",
            ],
        ),
    ],
)
def test_words_of_the_tag_that_notify_nobody_are_named(
    a_task: ASnapshot, policy: Policy, notify: str, warnings: list[str]
) -> None:
    found = cautions(a_task(tags={"notify": notify}), policy)

    assert len(found) == len(warnings)
    assert all(each.startswith(wanted) for each, wanted in zip(found, warnings, strict=True))


@pytest.mark.parametrize(
    ("names", "word", "named"),
    [
        (["Anna-Maria", "Anna Maria"], "anna-maria", ["dm#Anna-Maria"]),
        (["Anna Maria", "Anna-Maria"], "ANNA-MARIA", ["dm#Anna-Maria"]),
        (["Anna-Maria", "Anna Maria"], "anna_maria", ["dm#Anna Maria"]),  # the sign stands for a space first
        (["Anna-Maria"], "anna.maria", ["dm#Anna-Maria"]),
        (["Anna Maria"], "anna-maria", ["dm#Anna Maria"]),
        (["Anna-Maria", "Anna.Maria"], "anna_maria", []),  # either
        (["Zo\u00eb"], "zoe\u0308", ["dm#Zo\u00eb"]),  # the same name, typed with a combining character
        (["Zoe\u0308"], "ZO\u00cb", ["dm#Zoe\u0308"]),
        (["Zo\u00eb"], "zoe", []),
    ],
)
def test_a_word_names_the_person_whose_name_it_is_and_no_other_one_like_it(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, names: list[str], word: str, named: list[str]
) -> None:
    people = tuple(Person(each, f"U{number:06}", (f"tag:owner={number}",)) for number, each in enumerate(names))
    transition = a_transition(a_task(tags={"notify": word}))

    found = [each.channel for each in notifications(transition, replace(policy, people=people))]
    assert found == [TEAM, *named]
    assert bool(cautions(transition.snapshot, replace(policy, people=people))) == (not named)


@pytest.mark.parametrize("none", [0, 50, 99])
def test_a_tag_of_a_hundred_words_notifies_three_people_at_most_and_none_among_them_nobody(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, none: int
) -> None:
    people = tuple(Person(f"p{number}", f"U{number:06}", ("tag:owner=x",)) for number in range(100))
    many = replace(policy, people=people)
    words = [each.name for each in people]
    named = a_transition(a_task(tags={"notify": " ".join(words)}))
    words[none] = "none"
    with_none = a_transition(a_task(tags={"notify": " ".join(words)}))

    assert [each.channel for each in notifications(named, many)] == [TEAM, "dm#p0", "dm#p1", "dm#p2"]
    assert notifications(with_none, many) == ()
    [warning] = cautions(named.snapshot, many)
    assert len(warning) < 150


def test_a_word_that_is_a_channel_and_a_person_names_the_channel(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    same = replace(policy, people=(*policy.people, Person("mine", "U09", ("tag:owner=mine",))))

    assert notifications(a_transition(a_task("COMPLETED", tags={"notify": "mine"})), same)[0].channel == TEAM


@pytest.mark.parametrize(
    ("tags", "line"),
    [
        ({"owner": "ben", "notify": "anna"}, "You are named by the tag notify of Ben's task."),
        ({"notify": "anna"}, "You are named by the tag notify of this task."),
        ({"owner": "anna"}, ""),
        ({"owner": "anna", "notify": "anna"}, ""),
    ],
)
def test_a_direct_message_names_no_owner_and_says_who_named_its_reader(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, tags: dict[str, str], line: str
) -> None:
    message = render(a_transition(a_task(tags=tags)), policy, ANNA)

    assert message.owner is None
    assert [each for each in message.lines if "named by" in each] == ([line] if line else [])


def test_a_digest_says_whose_tasks_named_its_reader(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    own = [a_transition(a_task(number=1, tags={"owner": "anna"}))]
    bens = [a_transition(a_task(number=each, tags={"owner": "ben", "notify": "anna"})) for each in (2, 3)]
    message = render_digest(Digest("", (*own, *bens), "away"), policy, ANNA)

    assert "You are named by the tag notify of Ben's tasks." in message.lines
    assert not any("named by" in each for each in render_digest(Digest("", tuple(own), "away"), policy, ANNA).lines)


@pytest.mark.parametrize(
    ("tags", "status", "mentioned"),
    [
        ({"owner": "anna"}, "COMPLETED", False),  # she has a direct message
        ({"owner": "chiara"}, "COMPLETED", False),
        ({"owner": "anna"}, "QUEUED", True),  # no direct message is sent about it
    ],
)
def test_whoever_received_a_direct_message_is_not_mentioned_elsewhere(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, tags: dict[str, str], status: str, mentioned: bool
) -> None:
    always = replace(policy, mentions={"team-slack": "all"})
    transition = a_transition(a_task(status, tags=tags))

    owner = render(transition, always, TEAM).owner
    in_digest = render_digest(Digest("", (transition,), "away"), always, TEAM).owner
    assert owner
    assert bool(owner.slack) == mentioned
    assert bool(in_digest) == mentioned


def test_a_mute_or_quiet_hours_hold_one_person_or_all_of_the_channel(policy: Policy, noon: datetime) -> None:
    later, latest = noon + timedelta(hours=1), noon + timedelta(hours=2)
    one = replace(policy, muted_until={ANNA: later})
    both = replace(policy, muted_until={ANNA: later, "dm": latest})
    hours = Quiet(begins=(noon - timedelta(hours=1)).time(), ends=(noon + timedelta(hours=3)).time())
    quiet = replace(policy, time_zone="UTC", quiet={"dm": hours, CHIARA: Quiet(all_day=("sunday",))})

    assert [held_until(each, "FAILED", one, noon) for each in (ANNA, CHIARA, "dm")] == [later, None, None]
    assert [held_until(each, "FAILED", both, noon) for each in (ANNA, CHIARA)] == [latest, latest]
    assert held_until(ANNA, "FAILED", quiet, noon) == noon + timedelta(hours=3)
    assert held_until(CHIARA, "FAILED", quiet, noon) is None  # her own replace the channel's


def test_a_channel_to_owners_has_a_destination_for_each_person_whom_it_reaches(policy: Policy) -> None:
    assert destinations("dm", policy) == (ANNA, CHIARA)
    assert destinations("mine", policy) == (ANNA_MAIL, BEN)
    assert destinations(TEAM, policy) == (TEAM,)


def test_one_task_for_two_people_gives_two_messages(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    transition = a_transition(a_task(tags={"owner": "chiara", "notify": "anna"}))

    found = {each.channel: message_of(each, policy, each.channel) for each in notifications(transition, policy)}
    assert found[ANNA] != found[CHIARA]
    assert "Chiara's task" in " ".join(found[ANNA].lines)


def test_the_counts_of_a_job_s_tasks_refresh_the_card_of_each_person(
    a_job: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    from braket_notifier.tracking import jobs  # noqa: PLC0415 - the one function that is tested here

    job: Any = a_job("RUNNING", tags={"owner": "anna", "notify": "chiara"}, children=Children(5, completed=2))
    found = list(jobs._refreshes_and_warnings(a_transition(job), policy))  # noqa: SLF001 - pure

    assert {each.channel for each in found if each.refresh} == {ANNA, CHIARA}
