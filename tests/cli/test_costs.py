"""`costs` adds up what ended quantum tasks cost."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest

from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.cli.commands.costs import bar
from braket_notifier.domain.cost import Cost
from tests.cli.conftest import HOME, Recorded
from tests.conftest import SV1, job_arn

FORTE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"
NOT = "(not reservations, instances, simulators, notebooks"


@pytest.fixture
def month(recorded: Recorded, a_task: Any, a_job: Any) -> None:
    """Six tasks, of which one is on a simulator and one ended before the month, and the hybrid job of two of them."""
    now = datetime.now(UTC)
    hour, day = timedelta(hours=1), timedelta(days=1)
    paid, at_most = Cost(Decimal("3.20")), Cost(Decimal("1.75"), "at most")
    tags = {"batch": "ghz", "owner": "anna"}
    recorded(a_task("COMPLETED", 1, ended_at=now - hour, cost=paid, tags=tags))
    recorded(a_task("COMPLETED", 2, ended_at=now - 2 * day, cost=at_most, tags=tags, job_arn=job_arn()))
    recorded(a_task("FAILED", 3, ended_at=now - 2 * day, cost=Cost(Decimal(0)), tags={"owner": "ben"}))
    recorded(a_task("COMPLETED", 4, ended_at=now - hour, device=FORTE, cost=None, job_arn=job_arn(), tags={}))
    recorded(a_task("COMPLETED", 5, ended_at=now - hour, device=SV1, tags={}))
    recorded(a_task("COMPLETED", 6, ended_at=now - 31 * day, cost=paid, tags={}))
    recorded(a_job("COMPLETED", ended_at=now - hour, cost=Cost(Decimal("1.75"), "at most", unknown=1)))


@pytest.mark.usefixtures("month")
def test_sums_are_by_device_and_name_what_they_leave_out(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Table, "matching", lambda *_: pytest.fail("the table was scanned"))

    done = run("costs")

    head, *rows, last = done.out.splitlines()
    assert head.split() == ["device", "tasks", "failed", "cost", "unknown"]
    assert [row.split() for row in rows] == [
        ["IQM", "Garnet", "3", "1", "≤", "$4.95"],
        ["IonQ", "Forte", "1", "1", "1"],
    ]
    assert last == f"at most $4.95 for on-demand QPU tasks {NOT}; 1 of unknown price)"


@pytest.mark.usefixtures("month")
@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("batch", {"ghz": "4.95", "no batch": "0"}),
        ("job", {"vqe-h2-17": "1.75", "no hybrid job": "3.20"}),
    ],
)
def test_sums_by_batch_and_by_job_add_up_to_the_whole(run: Any, by: str, expected: dict[str, str]) -> None:
    document = json.loads(run("costs", "--by", by, "--json").out)

    assert {each["label"]: each["amount"] for each in document["sums"]} == expected
    assert document["amount"] == "4.95"
    assert (document["currency"], document["left_out"][0]) == ("USD", "reservations")


@pytest.mark.usefixtures("month")
def test_sums_by_day_are_in_the_order_of_the_days(run: Any) -> None:
    days = [each["key"] for each in json.loads(run("costs", "--by", "day", "--since", "9d", "--json").out)["sums"]]

    assert days == sorted(days)
    assert len(days) >= 2


@pytest.mark.usefixtures("month")
def test_no_sum_is_by_person_without_the_setting(run: Any, settings: Path) -> None:
    refused = run("costs", "--by", "person")
    everything = "".join(run("costs", "--by", by, "--json").out for by in ("device", "batch", "job", "day"))
    people = '[[people]]\nname = "Anna"\nowns = ["tag:owner=anna"]\n'
    settings.write_text(f"{settings.read_text()}\n[costs]\nby_person = true\n{people}")
    allowed = json.loads(run("costs", "--by", "person", "--json").out)

    assert refused.code == 2
    assert "--by person needs [costs] by_person = true" in refused.err
    assert "anna" not in everything.casefold()
    assert {each["label"]: each["amount"] for each in allowed["sums"]} == {"Anna": "4.95", "unknown owner": "0"}


def test_a_spreadsheet_computes_no_name_of_a_batch(run: Any, recorded: Recorded, a_task: Any) -> None:
    now = datetime.now(UTC)
    for number, batch in enumerate(("=1+1", "ghz, second")):
        recorded(a_task("COMPLETED", number, ended_at=now, cost=Cost(Decimal("0.30")), tags={"batch": batch}))

    recorded(a_task("COMPLETED", 2, ended_at=now, tags={"batch": "no price"}))

    rows = [*csv.reader(StringIO(run("costs", "--by", "batch", "--csv").out))]

    assert rows == [
        ["batch", "tasks", "failed", "amount", "bound", "unknown", "reserved"],
        ["'=1+1", "1", "0", "0.30", "exact", "0", "0"],
        ["ghz, second", "1", "0", "0.30", "exact", "0", "0"],
        ["no price", "1", "0", "", "", "1", "0"],
    ]


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("UTC", ["2026-02-01", "2026-02-28"]),
        ("Pacific/Auckland", ["2026-02-01"]),  # a month there begins and ends 13 hours earlier
    ],
)
def test_a_month_is_exactly_that_one_in_the_time_zone_of_the_settings(
    run: Any, recorded: Recorded, settings: Path, a_task: Any, zone: str, days: list[str]
) -> None:
    ends = ["2026-01-31T12:00Z", "2026-02-01T00:00Z", "2026-02-28T23:59Z", "2026-03-01T00:30Z"]
    for number, at in enumerate(ends):
        recorded(a_task("COMPLETED", number, ended_at=datetime.fromisoformat(at), cost=Cost(Decimal("0.30"))))
    settings.write_text(f'time_zone = "{zone}"\n{settings.read_text()}')

    document = json.loads(run("costs", "--month", "2026-02", "--by", "day", "--json").out)

    assert {each["key"] for each in document["sums"]} == set(days)
    assert datetime.fromisoformat(document["since"]).astimezone(ZoneInfo(zone)).isoformat()[:16] == "2026-02-01T00:00"
    assert datetime.fromisoformat(document["until"]).astimezone(ZoneInfo(zone)).isoformat()[:16] == "2026-03-01T00:00"


@pytest.mark.parametrize("given", ["2026-13", "2026", "26-11", "November", "1999-12"])
def test_another_word_is_no_month(run: Any, given: str) -> None:
    assert f"{given} is not a month; allowed: like 2026-11" in run("costs", "--month", given).err


@pytest.mark.usefixtures("month")
def test_a_month_that_has_not_begun_is_refused(run: Any) -> None:
    refused = run("costs", "--month", "2099-12")

    assert (refused.code, refused.out) == (2, "")
    assert "2099-12 has not begun; allowed: a month until 20" in refused.err


def test_a_time_without_tasks_on_qpus_says_so(run: Any, recorded: Recorded, a_task: Any) -> None:
    recorded(a_task("COMPLETED", ended_at=datetime.now(UTC), device=SV1))

    assert run("costs", "--since", "2h").out == "no quantum task on a QPU ended in the last 2h\n"
    assert run("costs", "--month", "2020-02").out == "no quantum task on a QPU ended in 2020-02\n"


@pytest.mark.usefixtures("month")
def test_without_money_the_command_refuses(run: Any, settings: Path) -> None:
    settings.write_text(f"{settings.read_text()}\n[costs]\nmoney = false\n")

    done = run("costs")

    assert (done.code, done.out) == (2, "")
    assert "[costs] money = false" in done.err


@pytest.mark.usefixtures("month")
@pytest.mark.parametrize("pushed", [True, False])
def test_without_money_in_the_settings_in_force_no_command_shows_an_amount_whatever_the_file_says(
    run: Any, settings: Path, as_deployed: Callable[[], None], *, pushed: bool
) -> None:
    with_money = settings.read_text()
    if pushed:
        as_deployed()
    settings.write_text(f"{with_money}\n[costs]\nmoney = false\n")
    if pushed:
        assert run("settings", "push", "--yes").code == 0
    else:
        as_deployed()
    settings.write_text(with_money)

    assert "[costs] money = false" in run("costs").err
    listed, as_json = run("list", "--ended", "30d"), run("list", "--ended", "30d", "--json")
    assert "COMPLETED" in listed.out
    assert "$" not in listed.out
    assert "cost" not in as_json.out


@pytest.mark.usefixtures("month")
def test_a_file_without_money_hides_nothing_before_it_is_pushed(
    run: Any, settings: Path, as_deployed: Callable[[], None]
) -> None:
    as_deployed()
    settings.write_text(f"{settings.read_text()}\n[costs]\nmoney = false\n")

    assert "$" in run("costs").out
    assert "$" in run("list", "--ended", "30d").out


@pytest.mark.usefixtures("month")
@pytest.mark.parametrize("newer", [{"format": 2}, {"document": '{"version": 2}'}], ids=str)
def test_settings_that_a_newer_version_pushed_hide_nothing_from_this_one(
    run: Any, settings: Path, as_deployed: Callable[[], None], newer: dict[str, object]
) -> None:
    as_deployed()
    settings.write_text(f"{settings.read_text()}\n[costs]\nby_person = true\n")
    assert run("settings", "push", "--yes").code == 0
    values = {f":{name}": value for name, value in newer.items()}
    table = Table(boto3.client("dynamodb", HOME), "snapshots")
    table.update({"arn": "settings"}, {name: f":{name}" for name in newer}, values)

    assert "$" in run("costs").out
    assert "$" in run("list", "--ended", "30d").out


@pytest.mark.usefixtures("month")
@pytest.mark.parametrize("operation", ["DescribeStacks", "GetTemplate", "GetItem"])
def test_list_shows_no_amount_to_whoever_may_not_read_the_settings_in_force(
    run: Any, as_deployed: Callable[[], None], refuse: Callable[[str], None], operation: str
) -> None:
    as_deployed()
    refuse(operation)

    listed, as_json = run("list", "--ended", "30d"), run("list", "--ended", "30d", "--json")

    assert "COMPLETED" in listed.out
    assert "$" not in listed.out
    assert "cost" not in as_json.out
    assert f"no amount is shown: your credentials may not do {operation}" in listed.err


@pytest.mark.parametrize(
    ("amount", "most", "shown"),
    [
        ("10", "10", "█" * 20),
        ("5", "10", "█" * 10),
        ("0.01", "10", "▏"),
        ("0", "10", ""),
        ("0", "0", ""),
        ("0.25", "10", "▌"),
    ],
)
def test_a_bar_shows_the_share_of_the_largest_sum(amount: str, most: str, shown: str) -> None:
    assert bar(Decimal(amount), Decimal(most)) == shown
