"""Costs through the functions: an end carries its cost, and no failure of prices delays or loses it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.dynamodb.ends import DynamoEnds
from braket_notifier.adapters.dynamodb.prices import DynamoPrices
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.bootstrap import shared
from braket_notifier.costs.month import of_tags
from braket_notifier.costs.prices import Prices, parse_prices
from braket_notifier.domain.cost import Cost
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Step
from braket_notifier.sending.wire import decode
from local.braket.prices import price_list
from tests.conftest import NOON, job_arn
from tests.lambdas.conftest import SETTINGS
from tests.local.braket_world import braket_world
from tests.odd_server import OddServer, odd_server

ASnapshot = Callable[..., Snapshot]
PRICES = parse_prices(price_list().splitlines(keepends=True), NOON.date())


def store() -> DynamoPrices:
    return DynamoPrices(Table(boto3.client("dynamodb"), "snapshots"))


def the_end(account: Any) -> Snapshot:
    [record] = account.waiting("slack")
    return decode(record["Body"]).transition.snapshot


def ends(observe: Any, account: Any, context: Any, task: Snapshot, an_event: Callable[..., dict[str, Any]]) -> Any:
    account.braket.knows[task.arn] = task
    return observe(account.batch("events", json.dumps(an_event(task.status))), context)


def test_an_end_carries_its_cost(
    observe: Any, account: Any, context: Any, a_task: ASnapshot, an_event: Callable[..., dict[str, Any]]
) -> None:
    store().save_prices(PRICES)

    ends(observe, account, context, a_task(successful_shots=2000), an_event)

    row = DynamoSnapshots(Table(boto3.client("dynamodb"), "snapshots"), 90).get(a_task().arn)
    assert the_end(account).cost == Cost(Decimal("3.20"))
    assert row
    assert row.snapshot.cost == Cost(Decimal("3.20"))


@pytest.mark.parametrize("prices", ["none", "unreadable", "refused"])
def test_an_end_without_prices_is_announced_without_a_cost(
    observe: Any,
    account: Any,
    context: Any,
    a_task: ASnapshot,
    an_event: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    prices: str,
) -> None:
    def refused(_: DynamoPrices) -> None:
        raise OSError("AccessDenied")

    if prices == "refused":
        monkeypatch.setattr(DynamoPrices, "prices", refused)
    if prices == "unreadable":
        Table(boto3.client("dynamodb"), "snapshots").update({"arn": "prices"}, {"as_of": ":x"}, {":x": "soon"})

    answer = ends(observe, account, context, a_task(successful_shots=2000), an_event)

    assert answer == {"batchItemFailures": []}
    assert the_end(account).cost is None
    assert ("cost could not be computed" in caplog.text) == (prices == "refused")


def test_without_money_no_price_is_read(
    observe: Any,
    account: Any,
    context: Any,
    a_task: ASnapshot,
    an_event: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shared.SETTINGS.write_text(json.dumps(SETTINGS | {"money": False}))
    monkeypatch.setattr(DynamoPrices, "prices", lambda _: pytest.fail("a price was read"))

    ends(observe, account, context, a_task(successful_shots=2000), an_event)

    assert the_end(account).cost is None


def test_the_end_of_a_job_carries_what_its_tasks_cost(
    sweep: Any, account: Any, context: Any, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    store().save_prices(PRICES)
    tasks = [a_task("RUNNING", number, job_arn=job_arn()) for number in (1, 2)]
    account.braket.knows = {each.arn: each for each in (*tasks, a_job("RUNNING"))}
    for _ in range(2):  # the first sweep of a region records what is open
        sweep({}, context)
    ended = [replace(each, status="COMPLETED", ended_at=NOON) for each in tasks]
    account.braket.knows |= {
        each.arn: replace(each, successful_shots=n) for each, n in zip(ended, (2000, 1740), strict=True)
    }
    sweep({}, context)
    account.braket.knows[a_job().arn] = a_job(ended_at=NOON)
    sweep({}, context)

    found = [decode(each["Body"]).transition.snapshot for each in account.waiting("slack")]
    assert [each.cost for each in found if each.arn.kind == "job" and each.terminal] == [
        Cost(Decimal("6.40"), "at most")
    ]


@pytest.fixture
def fetching(sweep: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A sweep that fetches the list from an endpoint."""
    shared.SETTINGS.write_text(json.dumps(SETTINGS | {"fetch_prices": True}))

    def at(url: str) -> Any:
        monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", url)
        return sweep

    return at


def test_a_sweep_fetches_the_prices_once_a_day(fetching: Any, context: Any, caplog: pytest.LogCaptureFixture) -> None:
    with braket_world() as it:
        for _ in range(2):
            fetching(it.braket.url)({}, context)

    found = store().prices()
    assert found
    assert found.by_key == PRICES.by_key
    assert [getattr(line, "prices", "") for line in caplog.records if hasattr(line, "prices")] == [
        found.as_of.isoformat()
    ]


def test_sweeps_of_an_hour_read_the_prices_once(fetching: Any, context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store().save_prices(replace(PRICES, as_of=shared.now().date()))
    reads, read = list[DynamoPrices](), DynamoPrices.prices

    def counted(row: DynamoPrices) -> Prices | None:
        reads.append(row)
        return read(row)

    monkeypatch.setattr(DynamoPrices, "prices", counted)

    for _ in range(3):
        fetching("http://127.0.0.1:9")({}, context)

    assert len(reads) == 1


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, {}, b"<html>\n" * 10),
        (302, {"Location": "https://example.org/"}, b""),
        (200, {}, price_list().replace("USD", "CNY").encode()),
    ],
)
def test_an_unusable_list_is_logged_and_the_last_good_prices_stay(
    fetching: Any,
    context: Any,
    caplog: pytest.LogCaptureFixture,
    *,
    status: int,
    headers: dict[str, str],
    body: bytes,
) -> None:
    last = replace(PRICES, as_of=NOON.date() - timedelta(days=1))
    store().save_prices(last)
    with odd_server() as server:
        server.status, server.headers, server.body = status, headers, body
        answer = fetching(server.url)({}, context)

    assert answer == {"relayed": 0, "found": 0}
    assert store().prices() == last
    [line] = [each for each in caplog.records if "price list is unusable" in each.message]
    assert line.levelname == "WARNING"


def test_a_switched_off_fetch_asks_nobody(sweep: Any, context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with odd_server() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", server.url)
        sweep({}, context)

        assert isinstance(server, OddServer)
        assert server.taken == []


FIRST = datetime(2026, 12, 1, 8, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("settings", "pages"),
    [
        ({"costs_to": ["team-slack"]}, ["MONTH 2026-11"]),
        ({}, []),
        ({"costs_to": ["team-slack"], "money": False}, []),
        ({"costs_to": ["team-slack"], "retention_days": 38}, []),  # rows of the month may have expired
    ],
)
def test_the_first_sweep_of_a_month_sends_the_page_of_the_last_one_once(
    sweep: Any,
    account: Any,
    context: Any,
    a_task: ASnapshot,
    monkeypatch: pytest.MonkeyPatch,
    *,
    settings: dict[str, Any],
    pages: list[str],
) -> None:
    shared.SETTINGS.write_text(json.dumps(SETTINGS | settings))
    snapshots = DynamoSnapshots(Table(boto3.client("dynamodb"), "snapshots"), 90)
    task = a_task(cost=Cost(Decimal("3.20")))
    snapshots.dispatched(snapshots.record(task, Step("COMPLETED", NOON, "event"), announce=True, now=NOON).row, NOON)
    for minutes in (0, 5, 10):
        monkeypatch.setattr(shared, "now", lambda at=FIRST + timedelta(minutes=minutes): at)
        sweep({}, context)

    found = [decode(each["Body"]).transition for each in account.waiting("slack")]

    assert [each.status for each in found] == pages
    assert [[row.cost.amount for row in of_tags(each.snapshot.tags)] for each in found] == [[Decimal("3.20")]] * len(
        pages
    )


def test_a_new_installation_sends_no_page_about_a_month_that_it_did_not_watch(
    sweep: Any, account: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.SETTINGS.write_text(json.dumps(SETTINGS | {"costs_to": ["team-slack"]}))
    started = {"arn": {"S": "start#eu-north-1"}, "at": {"S": "2026-12-01T00:00:00+00:00"}}
    boto3.client("dynamodb").put_item(TableName="snapshots", Item=started)
    for days in (0, 3):
        monkeypatch.setattr(shared, "now", lambda at=FIRST + timedelta(days=days): at)
        sweep({}, context)

    assert account.waiting("slack") == []


def test_a_page_that_cannot_be_sent_is_logged_and_tried_again(
    sweep: Any, account: Any, context: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise OSError("the table is away")

    shared.SETTINGS.write_text(json.dumps(SETTINGS | {"costs_to": ["team-slack"]}))
    monkeypatch.setattr(shared, "now", lambda: FIRST)
    with monkeypatch.context() as fault:
        fault.setattr(DynamoEnds, "last", broken)
        assert sweep({}, context)["found"] == 0
    sweep({}, context)

    assert "monthly page could not be sent" in caplog.text
    assert len(account.waiting("slack")) == 1
