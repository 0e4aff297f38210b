"""Amounts in messages: their words, and where none stands."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from braket_notifier.domain.cost import NOTHING, Cost
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Person, Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.results import TaskResults
from braket_notifier.domain.transition import Transition
from braket_notifier.rendering.compose import message_of
from braket_notifier.rendering.digest import render_digest
from braket_notifier.rendering.formats.topic_json import to_json
from braket_notifier.rendering.transition import render
from braket_notifier.rendering.weekly import render_week
from braket_notifier.rendering.words.money import amount, dollars, sum_of, sum_over
from local.gallery.samples import SAMPLES
from tests.conftest import NOON, SV1, job_arn

ASnapshot = Callable[..., Snapshot]
ATransition = Callable[..., Transition]
PAID = Cost(Decimal("3.20"))
NOT = "(not reservations, instances, simulators, notebooks"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("3.2", "$3.20"),
        ("0", "$0.00"),
        ("0.00375", "$0.00375"),
        ("0.0075", "$0.0075"),
        ("0.01", "$0.01"),
        ("2.345", "$2.35"),
        ("48000.30", "$48,000.30"),
    ],
)
def test_an_amount_is_shown_to_the_cent_and_a_smaller_one_in_full(value: str, shown: str) -> None:
    assert dollars(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("cost", "shown"),
    [
        (PAID, "≈ $3.20"),
        (Cost(Decimal("3.20"), "at most"), "at most $3.20"),
        (Cost(NOTHING), "≈ $0.00"),
        (Cost(NOTHING, reserved=1), "in your reservation"),
        (None, ""),
    ],
)
def test_the_amount_of_a_task_is_about_or_at_most(a_task: ASnapshot, cost: Cost | None, shown: str) -> None:
    assert amount(a_task(cost=cost)) == shown


@pytest.mark.parametrize(
    ("cost", "shown"),
    [
        (PAID, "≈ $3.20 for its tasks, without the instance"),
        (
            Cost(Decimal("3.20"), "at most", unknown=2, reserved=1),
            "at most $3.20 for its tasks, without the instance (2 of unknown price, 1 in your reservation)",
        ),
        (None, ""),
    ],
)
def test_the_amount_of_a_job_names_what_it_leaves_out(a_job: ASnapshot, cost: Cost | None, shown: str) -> None:
    assert amount(a_job(cost=cost)) == shown


@pytest.mark.parametrize(
    ("cost", "shown"),
    [
        (Cost(Decimal("99.99")), f"≈ $99.99 for on-demand QPU tasks {NOT})"),
        (Cost(Decimal("1204.50")), f"≈ $1,205 for on-demand QPU tasks {NOT})"),
        (Cost(Decimal("5.10"), "at most", 3, 9), f"at most $5.10 for on-demand QPU tasks {NOT}; 3 of unknown price)"),
    ],
)
def test_a_sum_names_what_it_leaves_out(cost: Cost, shown: str) -> None:
    assert sum_of(cost) == shown


def test_a_sum_counts_a_jobs_tasks_once(a_task: ASnapshot, a_job: ASnapshot) -> None:
    job, task = a_job(cost=PAID), a_task(job_arn=job_arn(), cost=PAID)

    assert sum_over([job, task, a_task(number=2, cost=PAID)]).startswith("≈ $6.40 ")
    assert sum_over([job, a_task(number=2, cost=PAID)]).startswith("≈ $6.40 ")
    assert sum_over([a_task(), a_job()]) == ""


def test_the_second_line_has_the_amount_and_the_submitter(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    message = render(a_transition(a_task(cost=PAID, submitter="anna")), policy)

    assert message.lines[1] == "≈ $3.20 · submitted by anna"


def test_without_money_no_message_has_an_amount(a_task: ASnapshot, a_transition: ATransition, policy: Policy) -> None:
    ended, without = a_transition(a_task(cost=PAID)), replace(policy, money=False)
    of_both = (Notification(ended, "team-slack"), Digest("ghz", (ended,)))

    assert all("$3.20" in f"{message_of(each, policy, 'team-slack')}" for each in of_both)
    assert not any("$" in f"{message_of(each, without, 'team-slack')}" for each in of_both)


def test_no_push_line_and_no_headline_of_any_sample_has_an_amount() -> None:
    shown = [each.message() for each in SAMPLES if "spending" not in f"{each.content}".casefold()]

    assert [each.push for each in shown if "$" in each.push or "in your reservation" in each.push] == []
    assert any("$" in line for each in shown for line in each.lines)
    assert "$" not in render_week({"ended": "1", "failed": "0", "undelivered": "0"}, PAID).headline


@pytest.mark.parametrize(
    ("ran", "shown"), [(timedelta(minutes=6), "≈ $0.45"), (timedelta(0), "≈ $0.00375"), (None, "")]
)
def test_the_amount_of_a_simulator_needs_the_time_of_its_results(
    a_task: ASnapshot, a_transition: ATransition, policy: Policy, ran: timedelta | None, shown: str
) -> None:
    minute = Cost(NOTHING, unknown=1, minute=Decimal("0.075"))
    ended = Notification(a_transition(a_task(device=SV1, cost=minute, bucket="results")), "team-slack")

    message = message_of(ended, policy, "team-slack", read=lambda _: TaskResults((), "results.json", ran=ran))

    assert [line for line in message.lines if "$" in line] == ([shown] if shown else [])
    assert "cost" not in json.loads(to_json(ended, lambda: policy, may_repeat=False))
    assert sum_over([ended.transition.snapshot]) == ""


@pytest.mark.parametrize(
    ("changes", "is_shown"),
    [
        ({"tags": {"owner": "anna"}}, False),
        ({"tags": {"owner": "anna"}, "job_arn": job_arn()}, True),  # the sum of a job
        ({"tags": {}}, True),  # of nobody known
    ],
)
def test_a_digest_of_one_persons_tasks_has_a_sum_only_if_sums_by_person_are_allowed(
    a_task: ASnapshot, policy: Policy, *, changes: dict[str, Any], is_shown: bool
) -> None:
    anna = replace(policy, people=(Person("Anna", owns=("tag:owner=anna",)),))
    ended = tuple(
        Transition(a_task("COMPLETED", number, cost=PAID, **changes), "COMPLETED", None, NOON, None, 1, "event")
        for number in (1, 2)
    )

    def sums(digest: Digest, policy: Policy) -> bool:
        return any("$6.40" in line for line in render_digest(digest, policy, "team-slack").lines)

    assert sums(Digest("Anna on IQM Garnet", ended), anna) == is_shown
    assert sums(Digest("Anna on IQM Garnet", ended), replace(anna, costs_by_person=True))
    assert sums(Digest("ghz-scan", ended, batch="ghz-scan"), anna)
