"""The channels that receive a transition, and the reasons."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from braket_notifier.braket.devices import device_type
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import ChannelType, Ignored, Policy, Route
from braket_notifier.domain.resource import FAILING, TASKS_ENDED, Children, Snapshot, is_partial
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.transition import render
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.routing.routes import notifications, route

ASnapshot = Callable[..., Snapshot]
ATransition = Callable[..., Transition]
SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
JOB = "arn:aws:braket:eu-north-1:012345678901:job/1"
BOTH, SLACK = ["team-slack", "mail"], ["team-slack"]
NOBODY: list[str] = []


@pytest.mark.parametrize(
    ("status", "changes", "channels"),
    [
        ("CREATED", {}, NOBODY),
        ("QUEUED", {}, NOBODY),
        ("RUNNING", {}, NOBODY),
        ("CANCELLING", {}, NOBODY),
        ("COMPLETED", {}, SLACK),
        ("CANCELLED", {}, SLACK),
        ("FAILED", {}, BOTH),
        ("COMPLETED", {"successful_shots": 1990}, SLACK),  # 99.5 % of the shots count as all
        ("COMPLETED", {"successful_shots": 1800}, BOTH),  # 90 % of the shots count as a failure
        ("COMPLETED", {"job_arn": JOB}, NOBODY),  # its hybrid job reports it
        ("FAILED", {"job_arn": JOB}, SLACK),  # in the thread of its hybrid job's card
        ("PAUSED", {}, BOTH),  # a status that no route can name is not hidden
        ("GONE", {}, BOTH),
    ],
)
def test_the_default_routes_for_a_task_on_a_qpu(
    a_task: ASnapshot,
    a_transition: ATransition,
    policy: Policy,
    status: str,
    changes: dict[str, object],
    channels: list[str],
) -> None:
    transition = a_transition(a_task(status, **changes))

    assert [each.channel for each in notifications(transition, policy)] == channels


@pytest.mark.parametrize(
    ("status", "took", "channels"),
    [
        ("COMPLETED", timedelta(minutes=5), NOBODY),
        ("COMPLETED", timedelta(minutes=5, seconds=1), SLACK),
        ("FAILED", timedelta(minutes=1), NOBODY),
        ("FAILED", timedelta(minutes=2), SLACK),
        ("CANCELLED", timedelta(minutes=2), SLACK),
        ("COMPLETED", None, SLACK),  # an unknown duration hides nothing
    ],
)
def test_the_default_routes_for_a_task_on_a_simulator(
    a_task: ASnapshot,
    a_transition: ATransition,
    policy: Policy,
    status: str,
    took: timedelta | None,
    channels: list[str],
) -> None:
    ended = a_task().ended_at
    assert ended is not None
    simulated = a_task(status, device=SV1, ended_at=ended, created_at=ended - took if took else None)

    assert [each.channel for each in notifications(a_transition(simulated), policy)] == channels


def test_without_an_end_time_the_event_s_time_counts(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    created = a_task().created_at
    assert created is not None
    failed = a_task("FAILED", device=SV1, ended_at=None)

    assert not notifications(a_transition(failed, at=created + timedelta(seconds=59)), policy)
    assert notifications(a_transition(failed, at=created + timedelta(seconds=61)), policy)


def test_too_few_shots_match_only_a_route_with_partial(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    transition = a_transition(a_task("COMPLETED", successful_shots=1800))
    failures = Route(("mail",), status=("FAILED",))

    assert notifications(transition, replace(policy, routes=(replace(failures, partial=True),)))
    assert not notifications(transition, replace(policy, routes=(failures,)))


@pytest.mark.parametrize(
    ("status", "channels", "silent"),
    [
        ("QUEUED", NOBODY, []),
        ("RUNNING", SLACK, [True]),
        ("COMPLETED", BOTH, [False, False]),
        ("FAILED", BOTH, [False, False]),
    ],
)
def test_the_default_routes_for_a_hybrid_job(
    a_job: ASnapshot, a_transition: ATransition, policy: Policy, status: str, channels: list[str], silent: list[bool]
) -> None:
    sent = notifications(a_transition(a_job(status)), policy)

    assert [each.channel for each in sent] == channels
    assert [each.silent for each in sent] == silent


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        (Route(("c",)), True),
        (Route(("c",), device=("*/iqm/*",)), True),
        (Route(("c",), device=("*/ionq/*", "*Garnet")), True),
        (Route(("c",), device=("*/ionq/*",)), False),
        (Route(("c",), region=("eu-north-1",)), True),
        (Route(("c",), region=("us-east-1",)), False),
        (Route(("c",), tags={"Name": "ghz-*"}), True),
        (Route(("c",), tags={"Name": "ghz-*", "owner": "anna"}), False),
        (Route(("c",), tags={"Name": "*"}), True),
        (Route(("c",), tags={"owner": "*"}), False),  # any owner, but the tag must exist
        (Route(("d",)), False),
    ],
)
def test_a_route_matches_only_if_each_condition_does(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, condition: Route, matches: bool
) -> None:
    only = replace(policy, channels={"c": "slack"}, routes=(condition,))

    assert bool(notifications(a_transition(a_task()), only)) == matches


def test_every_channel_has_a_reason_chosen_or_not(a_task: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    slack, mail = route(a_transition(a_task("COMPLETED")), policy)

    assert (slack.chosen, slack.reason) == (True, "matched by route 1")
    assert not mail.chosen
    assert mail.reason == "route 5: kind task is not job; route 6: status COMPLETED is not FAILED"


def test_a_loud_route_overrides_a_silent_one(a_task: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    silent = Route(("c",), status=("RUNNING",), silent=("RUNNING",))
    both = replace(policy, channels={"c": "slack"}, routes=(silent, Route(("c",))))

    assert [each.silent for each in notifications(a_transition(a_task("RUNNING")), both)] == [False]


@pytest.mark.parametrize(
    ("ignored", "channels"),
    [
        (Ignored(tags={"project": "*"}), BOTH),  # the task lacks the tag
        (Ignored(tags={"Name": "ghz-*"}), NOBODY),
        (Ignored(kind="job"), BOTH),
        (Ignored(kind="task", device=("*Garnet",), region=("eu-north-1",)), NOBODY),
        (Ignored(device=("*Garnet",), region=("us-east-1",)), BOTH),  # every condition must hold
    ],
)
def test_an_ignore_rule_overrides_routes(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, ignored: Ignored, channels: list[str]
) -> None:
    ignoring = replace(policy, ignored=(ignored,))

    assert [each.channel for each in notifications(a_transition(a_task("FAILED")), ignoring)] == channels


def test_an_ignore_rule_overrides_a_tag_and_is_the_reason(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    ignoring = replace(policy, ignored=(Ignored(kind="job"), Ignored(tags={"notify": "*"})))

    choices = route(a_transition(a_task("FAILED", tags={"notify": "mail"})), ignoring)

    assert {(each.chosen, each.reason) for each in choices} == {(False, "ignored by [[ignore]] 2")}


@pytest.mark.parametrize(
    ("tags", "status", "channels"),
    [
        ({"notify": "none"}, "FAILED", NOBODY),  # overrides every route
        ({"notify": "mail none"}, "FAILED", NOBODY),  # and every other word
        ({"notify": "mail"}, "COMPLETED", BOTH),  # adds a channel to the routes
        ({"notify": "mail team-slack"}, "COMPLETED", BOTH),
        ({"notify": "mail"}, "RUNNING", NOBODY),  # without notify-on, a tag adds channels for ends only
        ({"notify": "mail", "notify-on": "running"}, "RUNNING", ["mail"]),
        ({"notify": "mail", "notify-on": "RUNNING FAILED"}, "FAILED", BOTH),
        ({"notify": "nail", "notify-on": "RUNNING"}, "RUNNING", NOBODY),  # no channel
        ({"notify": "none", "notify-on": "RUNNING"}, "RUNNING", NOBODY),
        ({"notify": "nail"}, "COMPLETED", SLACK),  # the routes apply
        ({"notify": "nail mail"}, "COMPLETED", BOTH),
        ({"notify": "mail", "notify-on": "FAILED CANCELLED"}, "COMPLETED", SLACK),
        ({"notify": "mail", "notify-on": "failed cancelled"}, "CANCELLED", BOTH),
        ({"notify": "mail", "notify-on": "RUNNING"}, "CANCELLED", SLACK),
        ({"notify": "mail", "notify-on": "QUEUED"}, "CANCELLED", BOTH),  # no tag may name QUEUED, so every end counts
        ({"notify": "mail", "notify-on": "FAILED"}, "GONE", BOTH),  # an end that no tag can name
        ({"notify-on": "FAILED"}, "COMPLETED", SLACK),  # removes nothing from the routes
    ],
)
def test_tags_add_channels_for_ends_and_for_the_statuses_that_they_name(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, tags: dict[str, str], status: str, channels: list[str]
) -> None:
    assert [each.channel for each in notifications(a_transition(a_task(status, tags=tags)), policy)] == channels


def test_too_few_shots_are_a_failure_for_a_tag(a_task: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    wanted = {"notify": "mail", "notify-on": "FAILED"}
    simulated = a_task("COMPLETED", tags=wanted, device=SV1, successful_shots=1800)

    assert [each.channel for each in notifications(a_transition(simulated), policy)] == BOTH


def test_a_tag_makes_a_silent_route_loud(a_job: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    silent = replace(policy, routes=(Route(("team-slack",), silent=("COMPLETED",)),))
    sent = notifications(a_transition(a_job("COMPLETED", tags={"notify": "team-slack"})), silent)

    assert [each.silent for each in sent] == [False]


@pytest.mark.parametrize(
    ("tags", "warnings"),
    [
        ({}, []),
        ({"notify": "none", "notify-on": "failed"}, []),
        (
            {"notify": "mail none", "notify-on": "failed"},
            ["Tag notify: none wins over mail, so nobody is notified."],
        ),
        (
            {"notify": "nail, mail"},
            ["Tag notify: nail, is no channel here; there are team-slack, mail."],
        ),
        (
            {"notify-on": "QUEUED running"},
            ["Tag notify-on: QUEUED is not allowed; allowed are COMPLETED, FAILED, CANCELLED, RUNNING."],
        ),
    ],
)
def test_the_message_warns_of_tag_words_without_effect(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, tags: dict[str, str], warnings: list[str]
) -> None:
    lines = render(a_transition(a_task(tags=tags)), policy).lines

    assert [line for line in lines if line.startswith("Tag ")] == warnings


def addressed(sent: Sequence[Notification]) -> list[tuple[str, bool]]:
    return [(each.channel, each.silent) for each in sent]


@pytest.mark.parametrize(
    ("job_tasks", "status", "changes", "channels"),
    [
        ("fold", "FAILED", {}, [("team-slack", True)]),
        ("fold", "COMPLETED", {"successful_shots": 1800}, [("team-slack", True)]),
        ("fold", "COMPLETED", {}, []),
        ("fold", "CANCELLED", {}, []),
        ("fold", "GONE", {}, []),
        ("fold", "COMPLETED", {"tags": {"notify": "mail"}}, [("mail", False)]),  # the task's own tag
        ("each", "FAILED", {}, [("team-slack", False), ("mail", False)]),
        ("each", "COMPLETED", {}, [("team-slack", False)]),
        ("ignore", "FAILED", {}, []),
        ("ignore", "FAILED", {"tags": {"notify": "mail"}}, []),
    ],
)
def test_the_setting_job_tasks_decides_about_a_hybrid_job_s_own_tasks(
    a_task: ASnapshot,
    a_transition: ATransition,
    policy: Policy,
    job_tasks: Any,
    status: str,
    changes: dict[str, object],
    channels: list[tuple[str, bool]],
) -> None:
    child = a_transition(a_task(status, job_arn=JOB, **changes))

    assert addressed(notifications(child, replace(policy, job_tasks=job_tasks))) == channels


@pytest.mark.parametrize(
    ("condition", "sent"),
    [
        (Route(("team-slack",), kind="task"), False),  # the route is not for jobs
        (Route(("team-slack",), kind="job", status=("COMPLETED",)), False),  # the route is not for failures
        (Route(("team-slack",), kind="job", region=("us-east-1",)), False),
        (Route(("team-slack",), kind="job", tags={"project": "chem"}), True),  # the job may have the tag
        (Route(("team-slack",), kind="job", device=("*Aria*",), took_over_s=60), True),
        (Route(("mail",), kind="job"), False),  # mail has no threads
    ],
)
def test_a_failed_task_goes_where_the_card_of_its_job_may_be(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, condition: Route, sent: bool
) -> None:
    child = a_transition(a_task("FAILED", job_arn=JOB))

    assert bool(notifications(child, replace(policy, routes=(condition,)))) == sent


def test_the_warning_failing_goes_loudly_where_the_job_s_failure_would(
    a_job: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    failures = Route(("mail",), kind="job", status=("FAILED",), silent=("FAILED",))
    others = Route(("team-slack",), kind="job", status=("COMPLETED",))
    warning = a_transition(a_job("RUNNING"), status=FAILING)

    assert addressed(notifications(warning, replace(policy, routes=(failures, others)))) == [("mail", False)]


def with_every_type(policy: Policy, statuses: tuple[str, ...]) -> Policy:
    """Route these statuses of a job to a channel of each type."""
    types: dict[str, ChannelType] = {"team-slack": "slack", "mail": "email", "machines": "topic", "mine": "handler"}
    return replace(policy, channels=types, routes=(Route(tuple(types), kind="job", status=statuses),))


@pytest.mark.parametrize(
    ("statuses", "tags", "channels"),
    [
        ((), {}, ["team-slack", "mail"]),  # every status, but not the notifier's own
        (("FAILED",), {}, ["team-slack", "mail"]),
        (("FAILED", "FAILING"), {}, ["team-slack", "mail", "machines", "mine"]),
        (("FAILING",), {}, ["team-slack", "mail", "machines", "mine"]),
        (("COMPLETED",), {}, []),
        (("COMPLETED",), {"notify": "mail machines mine"}, ["mail"]),  # a tag names channels, not FAILING
    ],
)
def test_programs_get_the_warning_failing_only_where_a_route_names_it(
    a_job: ASnapshot,
    a_transition: ATransition,
    policy: Policy,
    statuses: tuple[str, ...],
    tags: dict[str, str],
    channels: list[str],
) -> None:
    """A program that acts on FAILED must not act on a running job."""
    only = with_every_type(policy, statuses)
    warning = a_transition(a_job("RUNNING", tags=tags), status=FAILING)

    assert [each.channel for each in notifications(warning, only)] == channels


@pytest.mark.parametrize("end", ["COMPLETED", "FAILED", "CANCELLED"])
@pytest.mark.parametrize(
    ("statuses", "tags", "channels"),
    [
        (("FAILED",), {}, ["team-slack", "mail"]),
        (("FAILING",), {}, ["team-slack", "mail"]),
        (("RUNNING",), {}, []),
        (("RUNNING",), {"notify": "mail mine", "notify-on": "FAILED"}, ["mail"]),
    ],
)
def test_people_who_were_warned_that_a_job_is_failing_are_notified_of_its_end(
    a_job: ASnapshot,
    a_transition: ATransition,
    policy: Policy,
    end: str,
    statuses: tuple[str, ...],
    tags: dict[str, str],
    channels: list[str],
) -> None:
    """Without it a route for FAILED alone leaves them with "is failing" although the job completed."""
    only = with_every_type(policy, statuses)
    ended = a_transition(a_job(end, tags=tags))
    without = {each.channel for each in notifications(ended, only)}

    sent = [each.channel for each in notifications(replace(ended, warned=True), only)]

    assert [each for each in sent if each in {"team-slack", "mail"}] == channels
    assert {*sent} - {*channels} == without - {"team-slack", "mail"}  # programs get what their routes name


@pytest.mark.parametrize(
    ("route", "tags", "channels"),
    [
        (Route(("team-slack", "mail"), kind="job", status=("COMPLETED",)), {}, BOTH),
        (Route(("team-slack", "mail"), kind="job", status=("FAILED",)), {}, NOBODY),
        (Route(("team-slack", "mail"), kind="job", silent=("COMPLETED",)), {}, NOBODY),  # a card, which is refreshed
        (Route(("mail", "machines", "mine"), kind="job"), {}, ["mail"]),  # programs act on statuses of Braket's
        (Route(("mail",), kind="task"), {"notify": "team-slack machines"}, SLACK),
        (Route(("mail",), kind="job"), {"notify": "none"}, NOBODY),
    ],
)
def test_the_line_about_a_job_s_last_tasks_goes_to_people_who_received_its_end(
    a_job: ASnapshot,
    a_transition: ATransition,
    policy: Policy,
    route: Route,
    tags: dict[str, str],
    channels: list[str],
) -> None:
    types: dict[str, ChannelType] = {"team-slack": "slack", "mail": "email", "machines": "topic", "mine": "handler"}
    line = a_transition(a_job(tags=tags, children=Children(6, completed=6)), status=TASKS_ENDED)

    assert addressed(notifications(line, replace(policy, channels=types, routes=(route,)))) == [
        (channel, False) for channel in channels
    ]


@pytest.mark.parametrize(
    ("shots", "good", "partial"),
    [(1000, 949, True), (1000, 950, False), (1000, 0, True), (1000, None, False), (None, 5, False)],
)
def test_an_absent_count_is_neither_zero_nor_partial(
    a_task: ASnapshot, shots: int | None, good: int | None, partial: bool
) -> None:
    assert is_partial(a_task(shots=shots, successful_shots=good), 0.95) == partial


def test_a_notification_has_one_id_for_each_resource_status_and_channel(
    a_task: ASnapshot, a_transition: ATransition
) -> None:
    first = Notification(a_transition(a_task("FAILED")), "mail")
    others = [
        Notification(a_transition(a_task("FAILED", number=2)), "mail"),
        Notification(a_transition(a_task("COMPLETED")), "mail"),
        Notification(a_transition(a_task("FAILED")), "team-slack"),
    ]

    assert first.id == Notification(a_transition(a_task("FAILED"), version=7), "mail").id
    assert first.id not in {other.id for other in others}


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        (SV1, "simulator"),
        ("arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1", "qpu"),
        ("local:none/none", ""),
        ("", ""),
        ("arn:aws:braket:::device/annealer/x", ""),
    ],
)
def test_a_device_s_type_is_part_of_its_arn(arn: str, kind: str) -> None:
    assert device_type(arn) == kind


def test_settings_of_another_version_are_refused() -> None:
    with pytest.raises(ValueError, match="version 2"):
        parse_policy({"version": 2})
