"""The decisions of a digest. The golden files show whole messages."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from braket_notifier.domain.digest import MOST_COUNTED, Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Person, Policy
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.transition import Transition
from braket_notifier.grouping.digests import digest_of
from braket_notifier.grouping.keys import key_of
from braket_notifier.rendering.digest import render_digest
from braket_notifier.rendering.formats.adaptive_card import envelope, plain_envelope
from braket_notifier.rendering.formats.discord import plain_post, post
from braket_notifier.rendering.formats.email import body, subject
from braket_notifier.rendering.formats.markdown import markdown
from braket_notifier.rendering.formats.slack import blocks
from braket_notifier.rendering.message import Link, Message, Section, plain
from braket_notifier.rendering.words.links import resource
from braket_notifier.routing.owners import Owner
from braket_notifier.sending.fallback import for_team
from braket_notifier.text.wording import clean

ASnapshot = Callable[..., Snapshot]
ATransition = Callable[..., Transition]
RESERVATION = "arn:aws:braket:us-east-1:012345678901:reservation/3f2a"


@pytest.fixture
def one(a_task: ASnapshot, a_transition: ATransition) -> Callable[..., Transition]:
    def build(status: str = "COMPLETED", number: int = 1, *, correction: bool = False, **changes: Any) -> Transition:
        return a_transition(a_task(status, number, **changes), correction=correction)

    return build


@pytest.fixture
def of(policy: Policy) -> Callable[..., Message]:
    def build(*transitions: Transition, policy: Policy = policy, **changes: Any) -> Message:
        return render_digest(replace(Digest("ghz", transitions), **changes), policy, "team-slack")

    return build


def test_a_resource_that_moved_twice_is_counted_once(
    one: Callable[..., Transition], of: Callable[..., Message]
) -> None:
    message = of(one("RUNNING"), one("FAILED"), one("COMPLETED", correction=True), one("FAILED", 2))

    assert message.push == "❌ ghz: 2 ended, 1 corrected — 1 ok, 1 FAILED"


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", "CANCELLED", "GONE"])
@pytest.mark.parametrize("occasion", ["many", "away", "quiet"])
def test_a_correction_in_a_digest_says_that_it_is_one_in_every_format(
    one: Callable[..., Transition], of: Callable[..., Message], status: str, occasion: str
) -> None:
    corrected = replace(one(status, correction=True, reservation=RESERVATION), was="RUNNING")
    message = of(corrected, one("CANCELLED", 2, reservation=RESERVATION), occasion=occasion)

    shown = [message.push, subject(message), body(message, may_repeat=False), str(blocks(message, may_repeat=False))]
    assert [text for text in shown if "1 corrected" not in text] == [body(message, may_repeat=False)]
    for text in shown[2:]:
        assert "CORRECTED (1)" in text
        assert f"now {status}, was RUNNING" in text


def test_a_group_on_an_unnamed_device_has_a_title(one: Callable[..., Transition], policy: Policy) -> None:
    ended = one(device="")

    digest = digest_of(
        key_of(ended, policy), [ended], policy, news=(), closing=False, still_open=None, reservation=None
    )

    assert render_digest(digest, policy).push == "✅ ghz on unknown device: 1 ended — 1 ok"


def test_the_line_about_a_job_s_last_tasks_stands_after_its_end_although_it_was_kept_before(
    a_job: ASnapshot, a_transition: ATransition, policy: Policy
) -> None:
    end = a_transition(a_job("COMPLETED"))
    line = replace(end, status="TASKS_ENDED 2")

    digest = digest_of("away", [line, end], policy, news=(), closing=False, still_open=None, reservation=None)

    assert digest.transitions == (end, line)


@pytest.mark.parametrize(
    ("statuses", "mark"),
    [
        (("COMPLETED", "FAILED"), "❌"),
        (("COMPLETED", "CANCELLED"), "✅"),
        (("COMPLETED", "GONE"), "❔"),
        (("CANCELLED", "CANCELLED"), "⏹"),
        (("RUNNING", "RUNNING"), "▶"),
    ],
)
def test_the_worst_outcome_marks_the_digest(
    one: Callable[..., Transition], of: Callable[..., Message], statuses: tuple[str, ...], mark: str
) -> None:
    assert of(*(one(status, number) for number, status in enumerate(statuses, 1))).mark == mark


def test_a_task_with_almost_all_shots_is_partial_but_no_failure(
    one: Callable[..., Transition], of: Callable[..., Message]
) -> None:
    message = of(one(successful_shots=1999), one(number=2, successful_shots=2000))

    assert message.push == "✅ ghz: 2 ended — 1 ok, 1 partial"
    assert _plain(message.sections[0]) == [("ghz-12", "1999 of 2000 shots")]


def test_equal_reasons_share_a_line_and_the_most_frequent_comes_first(
    one: Callable[..., Transition], of: Callable[..., Message]
) -> None:
    reasons = ["once", "often\n", "often", "often "]
    message = of(*(one("FAILED", number, failure_reason=reason) for number, reason in enumerate(reasons, 1)))

    assert message.sections[0].title == "FAILED (4)"
    assert [left for left, _ in _plain(message.sections[0])] == ['3 x "often"', '1 x "once"']


@pytest.mark.parametrize(("count", "last"), [(5, '1 x "reason 5"'), (6, "and 1 more"), (8, "and 3 more")])
def test_more_reasons_than_a_card_shows_are_counted(
    one: Callable[..., Transition], of: Callable[..., Message], count: int, last: str
) -> None:
    message = of(*(one("FAILED", each, failure_reason=f"reason {each}") for each in range(1, count + 1)))

    others = {6: "for 1 other reason", 8: "for 3 other reasons"}.get(count, "ghz-12")
    assert _plain(message.sections[0])[-1] == (last, others)


@pytest.mark.parametrize(
    ("batch", "push", "line", "mail"),
    [
        ("ghz", "ghz: 1 ended — 1 ok", "Batch ghz is finished", "ghz: 1 ended - 1 ok"),
        ("  ", "batch without a name: 1 ended — 1 ok", "Batch without a name is finished", None),
        ("\u200b\u2060", "batch without a name: 1 ended — 1 ok", "Batch without a name is finished", None),
        # an e-mail's subject has ASCII characters alone
        ("🧪🧪", "🧪🧪: 1 ended — 1 ok", "Batch 🧪🧪 is finished", "1 ended - 1 ok"),
    ],
)
def test_a_name_without_a_visible_character_counts_as_none(
    one: Callable[..., Transition], of: Callable[..., Message], batch: str, push: str, line: str, mail: str | None
) -> None:
    ended = one(tags={"batch": batch})
    message, among_many = of(ended, batch=batch, open=0), of(ended, one(number=2), finished=((ended,),))

    assert message.push == f"✅ {push}"
    assert [each.lines[0].partition(" (")[0] for each in (message, among_many)] == [line, line]
    assert of(ended, title=clean(batch)).push == message.push  # a message of many that has this batch alone
    assert subject(message) == f"[Braket] {mail or push.replace('—', '-')}"


@pytest.mark.parametrize("occasion", ["many", "away", "quiet"])
def test_a_withheld_reason_is_no_missing_one_in_every_format(
    one: Callable[..., Transition], of: Callable[..., Message], occasion: str
) -> None:
    withheld = [for_team(Notification(one("FAILED", each), "team-slack"), "ghz-12").transition for each in (1, 2)]
    message = of(*withheld, one("FAILED", 3, failure_reason=""), occasion=occasion)

    rows = [left for left, _ in _plain(message.sections[0])]
    assert rows == ["2 x reason withheld, for the owner alone", "1 x without a reason"]
    for shown in (body, blocks, envelope, plain_envelope, post, plain_post, markdown):
        assert "reason withheld, for the owner alone" in str(shown(message, may_repeat=False)), shown.__name__


@pytest.mark.parametrize(
    ("occasion", "title", "line"),
    [
        # a mute holds messages too, and has ended by then
        ("quiet", "While I was quiet", "Quiet hours or a mute held these messages"),
        ("away", "While I was away", "These messages could not be sent in time"),
    ],
)
def test_a_digest_of_what_came_late_names_every_cause_that_it_may_have(
    one: Callable[..., Transition], of: Callable[..., Message], occasion: str, title: str, line: str
) -> None:
    message = of(one(), occasion=occasion)

    assert message.push == f"✅ {title}: 1 ended — 1 ok"
    assert message.lines[0].startswith(f"{line} (")


def test_a_group_of_several_owners_has_no_owner(
    one: Callable[..., Transition], of: Callable[..., Message], policy: Policy
) -> None:
    people = (Person("Anna", "U01ABCDEF", ("tag:Name=a",)), Person("Ben", "U02BCDEFG", ("tag:Name=b",)))
    mentioning = replace(policy, people=people, mentions={"team-slack": "all"})
    anna, ben = one(number=1, tags={"Name": "a"}), one(number=2, tags={"Name": "b"})

    assert of(anna, policy=mentioning).owner == Owner("Anna", "U01ABCDEF")
    assert of(anna, ben, policy=mentioning).owner is None


@pytest.mark.parametrize(
    ("batch", "command"),
    [
        ("ghz-scan", "braket-notifier list --batch ghz-scan --links"),
        ("it's; rm -rf ~", """braket-notifier list --batch 'it'"'"'s; rm -rf ~' --links"""),
        ("", ""),  # the command knows batches only
        ("a\u202eb", ""),  # invisible characters cannot be typed
        ("n" * 101, ""),
    ],
)
def test_only_a_typeable_batch_has_a_command(
    one: Callable[..., Transition], of: Callable[..., Message], batch: str, command: str
) -> None:
    assert of(one(), one(number=2), batch=batch).command == command


def test_a_batch_is_finished_only_if_its_open_tasks_were_counted_as_none(
    one: Callable[..., Transition], of: Callable[..., Message]
) -> None:
    transitions = (one(), one(number=2))

    assert "is finished" in of(*transitions, batch="b", open=0).lines[0]
    assert "Nothing of this batch is open." in of(*transitions, batch="b", open=0).closing
    for uncounted in (of(*transitions, batch="b", open=None), of(*transitions, batch="b", open=3)):
        assert "is finished" not in uncounted.lines[0]
        assert "Nothing" not in uncounted.closing


def test_a_message_of_many_has_a_line_for_each_finished_batch_and_says_so_far_of_others_alone(
    one: Callable[..., Transition], of: Callable[..., Message]
) -> None:
    first, second = (one(number=number, tags={"batch": "b"}) for number in (1, 2))
    other = one(number=3, tags={"batch": "c"})

    for shown, beginnings in (
        ((second,), ["Batch b is finished ("]),
        ((second, other), ["Batch b is finished (", "ghz: so far ("]),
    ):
        lines = of(*shown, finished=((first, second),)).lines
        assert [line[: len(begins)] for line, begins in zip(lines, beginnings, strict=True)] == beginnings
        assert lines[0].endswith("; sent here: 2 ended — 2 ok.")


@pytest.mark.parametrize(
    ("numbers", "push"),
    [
        ((1, 2, 3), "✅ ghz: 3 ended — 3 ok"),
        ((2, 3), "✅ ghz: 2 more ended — 2 ok"),  # an earlier message counted the first one
        ((2, 3, 4), "✅ ghz: 3 ended — 3 ok"),  # one of another batch
    ],
)
def test_a_title_that_counts_a_part_of_a_finished_batch_says_more(
    one: Callable[..., Transition], of: Callable[..., Message], numbers: tuple[int, ...], push: str
) -> None:
    batch = tuple(one(number=number, tags={"batch": "ghz"}) for number in (1, 2, 3))

    assert of(*(one(number=number) for number in numbers), finished=(batch,)).push == push


@pytest.mark.parametrize("reservation", ["", RESERVATION])
def test_the_command_lists_all_of_a_batch_of_which_a_message_counts_a_part(
    one: Callable[..., Transition], of: Callable[..., Message], reservation: str
) -> None:
    cancelled = [one("CANCELLED", number, reservation=reservation) for number in (1, 2)]

    assert of(*cancelled, batch="b", open=3).closing == "The whole batch:"


@pytest.mark.parametrize(
    ("count", "shown"), [(3, "3 still open."), (MOST_COUNTED, "500 or more still open."), (None, "CET).")]
)
def test_the_largest_count_is_shown_as_or_more(
    one: Callable[..., Transition], of: Callable[..., Message], count: int | None, shown: str
) -> None:
    line = of(one(), one(number=2), batch="b", open=count).lines[0]

    assert line.endswith(shown) or (count is None and "still open" not in line)


@pytest.mark.parametrize(
    ("changes", "push"),
    [
        ({}, "⏹ 2 tasks cancelled · IQM Garnet · probably your reservation ended"),
        ({"reservation": ""}, "⏹ ghz: 2 ended — 2 cancelled"),
        ({"reservation": f"{RESERVATION}b"}, "⏹ ghz: 2 ended — 2 cancelled"),  # another reservation
        ({"status": "FAILED"}, "❌ ghz: 2 ended — 1 FAILED, 1 cancelled"),
        ({"later": timedelta(minutes=2)}, "⏹ ghz: 2 ended — 2 cancelled"),
    ],
)
def test_only_cancellations_at_once_in_one_reservation_are_one_event(
    one: Callable[..., Transition], of: Callable[..., Message], changes: dict[str, Any], push: str
) -> None:
    status, later = changes.pop("status", "CANCELLED"), changes.pop("later", timedelta())
    first = one("CANCELLED", reservation=RESERVATION)
    ended = first.snapshot.ended_at
    second = one(status, 2, **{"reservation": RESERVATION, "ended_at": ended and ended + later, **changes})

    assert of(first, second).push == push


def _plain(section: Section) -> list[tuple[str, str]]:
    return [(plain(left), plain(right)) for left, right in section.rows]


def test_names_are_links_failures_first_and_fifteen_at_most(
    one: Callable[..., Transition], of: Callable[..., Message]
) -> None:
    failed = [one("FAILED", number, failure_reason=f"reason {number % 2}") for number in range(1, 13)]
    partial = [one(number=number, successful_shots=5) for number in range(13, 25)]
    message = of(*partial, *failed)

    linked = [
        [each.url for row in part.rows for words in row for each in words if isinstance(each, Link)]
        for part in message.sections
    ]
    assert [len(urls) for urls in linked] == [12, 3]
    assert linked[0][0] == resource(failed[0].arn)
    assert len({url for urls in linked for url in urls}) == 15


def test_every_digest_has_a_link_for_each_region(one: Callable[..., Transition], of: Callable[..., Message]) -> None:
    here = one()
    there = one(number=2, arn=parse_arn(here.arn.text.replace(here.arn.region, "us-west-1")))

    assert [label for label, _ in of(here).links] == ["Console"]
    assert of(here).links[0][1].endswith(f"/braket/home?region={here.arn.region}#/tasks")
    assert [label for label, _ in of(here, here, there).links] == [f"Console {here.arn.region}", "Console us-west-1"]


def test_an_email_has_a_page_for_each_reason(one: Callable[..., Transition], of: Callable[..., Message]) -> None:
    failed = [one("FAILED", number, failure_reason=f"reason {number % 3}") for number in range(1, 10)]
    lines = body(of(*failed), may_repeat=False).splitlines()

    reasons = [number for number, line in enumerate(lines) if line.startswith("  3 x ")]
    assert len(reasons) == 3
    assert all(lines[number + 1].startswith("      https://") for number in reasons)
