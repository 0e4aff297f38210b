"""The notifications that a story expects of any settings: from the routes, without the notifier."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.spending import Allowance
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.settings.notifier_toml import read_settings
from local.story.assembly import SETTINGS
from local.story.chapters import ACTS, CHAPTERS, EARLIER, WAITING
from local.story.expectations import Expectations, expectations, outage, remarks, spending
from local.story.story import Act, own_tasks

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
JOB = "arn:aws:braket:eu-north-1:000000000000:job/vqe"

#: The ends of the story that each channel gets by the local settings, as a person reads the routes.
SLACK_ENDS = {
    "overnight-scan": "COMPLETED",
    "ghz-12": "COMPLETED",
    "rydberg-scan-7": "FAILED",
    "maxcut-5": "CANCELLED",
    "rb-check": "COMPLETED",
    "rb-sweep": "FAILED",
    "events-all-lost": "COMPLETED",
    "vqe-h2-17": "COMPLETED",
    "qaoa-train-3": "FAILED",
    **{f"qaoa-r4-{number}": "CANCELLED" for number in range(1, 7)},
    **{f"ghz-scan-{number}": "COMPLETED" for number in range(1, 51)},
}
MAIL_ENDS = {
    "rydberg-scan-7": "FAILED",
    "rb-check": "COMPLETED",  # 870 of 1,000 shots
    "rb-sweep": "FAILED",
    "vqe-h2-17": "COMPLETED",
    "qaoa-train-3": "FAILED",
}
#: Further statuses that channels may get: of running hybrid jobs, and in the threads of their cards.
OTHERS = {
    *((name, "team-slack", "RUNNING") for name in ("vqe-h2-17", "qaoa-train-3", "vqe-lih-3", "adapt-vqe-9")),
    *(("vqe-lih-3", channel, "FAILING") for channel in ("team-slack", "mail")),
    *((f"vqe-lih-3-step-{number}", "team-slack", "FAILED") for number in (3, 6, 8)),
}


def story(policy: Policy) -> Expectations:
    """The expectations of the whole story, whose resources have their names for ids."""
    found = Expectations()
    for act in (EARLIER, *(act for chapter in CHAPTERS for act in chapter.acts)):
        for each in (act, *own_tasks(act)):
            found |= expectations(each, arn_of(each), policy, arn_of(ACTS[each.job]) if each.job else "")
    return found


def arn_of(act: Act) -> str:
    return f"arn:aws:braket:{act.region}:000000000000:{'job' if act.kind == 'job' else 'quantum-task'}/{act.name}"


def by_name(found: Iterable[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    return {(arn.rpartition("/")[2], channel, status) for channel, arn, status in found}


def policy_of(path: Path) -> Policy:
    return parse_policy(read_settings(path).policy())


def test_the_local_settings_expect_what_their_routes_say() -> None:
    found = story(policy_of(ROOT / SETTINGS))

    wanted = {(name, "team-slack", status) for name, status in SLACK_ENDS.items()}
    wanted |= {(name, "mail", status) for name, status in MAIL_ENDS.items()}
    assert by_name(found.ends) == wanted
    assert by_name(found.others) >= OTHERS
    assert {status for name, _, status in by_name(found.others) - OTHERS} == {"FAILING", "TASKS_ENDED", "NEAR_LIMIT"}


def test_a_spending_limit_is_expected_in_the_first_shared_channel_of_slack() -> None:
    since = datetime(2026, 11, 1, tzinfo=UTC)
    limit = Allowance("limit", Decimal("20.60"), Decimal(0), since, queued=Decimal("10.30"), region="us-east-1")

    found = spending([limit, replace(limit, id="elsewhere", region="ap-south-1")], policy_of(ROOT / SETTINGS))

    assert [(channel, status) for channel, _, status in found.others] == [
        ("team-slack", f"SPENDING_LIMIT 50 of 20.6 since {since.isoformat()}")
    ]


def test_the_outage_of_a_device_is_expected_where_the_end_of_its_task_goes() -> None:
    since = datetime.now(UTC) - timedelta(hours=4)
    found = outage(WAITING, arn_of(WAITING), since, policy_of(ROOT / SETTINGS))

    assert [(channel, status) for channel, _, status in found.others] == [
        ("team-slack", f"OFFLINE {since.isoformat()}")
    ]


SLACK = '[channels.ours]\ntype = "slack"\nchannel = "C0OTHER0000"\n'
SECOND = '[channels.theirs]\ntype = "slack"\nchannel = "C0SECOND000"\ntoken = "ssm:/qc/second-token"\n'
HOOK = '[channels.hook]\ntype = "slack"\nwebhook = "ssm:/qc/hook"\n'
MAIL = '[channels.letters]\ntype = "email"\nto = ["lab@example.org"]\n'
TOPIC = '[channels.machines]\ntype = "topic"\n'
HANDLER = '[channels.audit]\ntype = "handler"\n'
FAILED = '[[routes]]\nto = ["{to}"]\nstatus = ["FAILED"]\n'
#: Tasks, jobs and tasks of jobs that end in the story.
ENDED_TASKS, ENDED_JOBS = 63, 2


@pytest.mark.parametrize(
    ("channels", "ends"),
    [
        # other names and ids of channels: the default routes
        pytest.param(SLACK, {"ours": ENDED_TASKS + ENDED_JOBS}, id="only Slack"),
        # without Slack, e-mail takes its routes
        pytest.param(MAIL, {"letters": ENDED_TASKS + ENDED_JOBS}, id="only e-mail"),
        # two channels of one type
        pytest.param(SLACK + SECOND, {"ours": 65, "theirs": 65}, id="two Slack channels"),
        # a webhook is a Slack channel; e-mail beside it gets what went wrong
        pytest.param(HOOK + MAIL, {"hook": 65, "letters": 4}, id="webhook and e-mail"),
        # machines have no default route
        pytest.param(TOPIC + HANDLER + FAILED.format(to="machines"), {"machines": 3}, id="only machines"),
        # an own route replaces the default ones
        pytest.param(SLACK + MAIL + FAILED.format(to="letters"), {"letters": 3}, id="own route"),
        pytest.param(HANDLER + FAILED.format(to="audit"), {"audit": 3}, id="a handler with a route"),
        pytest.param(SLACK + '[[ignore]]\nkind = "task"\n', {"ours": ENDED_JOBS}, id="ignored tasks"),
        pytest.param(SLACK + '[[ignore]]\ndevice = ["*/Cepheus*"]\n', {"ours": 14}, id="an ignored device"),
        # a hybrid job's own tasks: 4 and 2 complete, 5 of 8 steps complete
        pytest.param(SLACK + '[defaults]\njob_tasks = "each"\n', {"ours": 65 + 14}, id="each task of a job"),
        pytest.param(SLACK + '[[routes]]\nto = ["ours"]\ntook_over = "2h"\n', {"ours": 3}, id="only long ones"),
        pytest.param(SLACK + '[[routes]]\nto = ["ours"]\ntags = { batch = "qaoa-*" }\n', {"ours": 6}, id="by tag"),
        pytest.param(
            MAIL + '[[routes]]\nto = ["letters"]\npartial = true\nstatus = ["FAILED"]\n',
            {"letters": 4},
            id="partial results",
        ),
        pytest.param(SLACK + "[defaults]\npartial_below = 0.5\n", {"ours": 65}, id="another bound of partial results"),
        pytest.param(SLACK + '[quiet]\nours = { from = "00:00", to = "23:59" }\n', {"ours": 65}, id="quiet hours"),
    ],
)
def test_any_settings_expect_the_ends_that_their_routes_choose(
    channels: str, ends: dict[str, int], tmp_path: Path
) -> None:
    found = story(settled(tmp_path, channels))

    assert Counter(channel for channel, _, _ in found.ends) == ends


def settled(folder: Path, rest: str, regions: str = "") -> Policy:
    path = folder / "notifier.toml"
    watched = regions or '["us-east-1", "us-west-1", "us-west-2", "eu-west-2", "eu-north-1"]'
    path.write_text(f'home = "us-east-1"\nregions = {watched}\ntime_zone = "UTC"\n{rest}')
    return policy_of(path)


def test_resources_of_an_unwatched_region_expect_nothing(tmp_path: Path) -> None:
    policy = settled(tmp_path, SLACK, '["us-east-1"]')

    assert {arn.split(":")[3] for _, arn, _ in story(policy).ends} == {"us-east-1"}
    assert [each for each in remarks(ACTS.values(), policy, NOON) if "eu-north-1" in each] == [
        "14 resources of this story are in eu-north-1, which `regions` does not name, so they send nothing"
    ]


def test_channels_without_a_route_are_named(tmp_path: Path) -> None:
    policy = settled(tmp_path, SLACK + MAIL + TOPIC + '[[routes]]\nto = ["ours"]\nstatus = ["QUEUED"]\n')

    assert list(remarks(ACTS.values(), policy, NOON)) == [
        "letters gets nothing, because no route sends a resource of this story there",
        "machines gets nothing, because no route sends a resource of this story there",
    ]
    assert story(policy).ends == frozenset()


def test_quiet_hours_are_named_while_they_last(tmp_path: Path) -> None:
    policy = settled(tmp_path, SLACK + '[quiet]\nours = { from = "11:00", to = "13:00" }\n')

    remark = "ours has quiet hours until 13:00, and gets what they hold only then"
    assert list(remarks(ACTS.values(), policy, NOON)) == [remark]
    assert list(remarks(ACTS.values(), policy, NOON + timedelta(hours=2))) == []
