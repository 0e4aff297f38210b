"""The contract of the ports about submitters, and CloudTrail's event history over the emulator."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session

from braket_notifier.adapters.aws.cloudtrail import PACE, CloudTrailSubmissions
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.submitters import DynamoSubmitterRows
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.adapters.memory.submitters import MemorySubmitterRows
from braket_notifier.braket.rate_limit import RateLimiter
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.transition import Step
from braket_notifier.errors import EventHistoryError
from braket_notifier.tracking.ports import Snapshots
from braket_notifier.watching.ports import SubmitterRows
from braket_notifier.watching.submitter import CreateCall, Looked, create_call, look_up
from local.braket.clock import Clock
from local.braket.errors import BraketError
from local.braket.event_history import EventHistory
from tests.conftest import task_arn
from tests.local.braket_world import BraketWorld, braket_world
from tests.odd_server import odd_server

ASnapshot = Callable[..., Snapshot]
Stores = tuple[Snapshots, SubmitterRows]
#: Seconds between two requests of a region.
INTERVAL_S = 1.0
RESERVATION = "arn:aws:braket:us-east-1:012345678901:reservation/3f2a"


@pytest.fixture(params=["memory", "dynamodb", "sqlite"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        memory = MemorySnapshots()
        return memory, MemorySubmitterRows(memory)
    snapshots = request.getfixturevalue(f"{request.param}_table")("snapshots")
    return DynamoSnapshots(snapshots, retention_days=90), DynamoSubmitterRows(snapshots)


@pytest.fixture
def record(stores: Stores, noon: datetime) -> Callable[[Snapshot], Snapshot]:
    def write(snapshot: Snapshot) -> Snapshot:
        step = Step(snapshot.status, snapshot.ended_at, "event")
        return stores[0].record(snapshot, step, announce=True, now=noon).row.snapshot

    return write


Record = Callable[[Snapshot], Snapshot]


def test_a_name_is_saved_once_and_every_later_status_has_it(stores: Stores, record: Record, a_task: ASnapshot) -> None:
    """Braket's answers, which replace the details, do not know it."""
    snapshots, rows = stores
    arn = record(a_task("QUEUED")).arn

    assert rows.save_submitter(arn, "anna") is True
    assert rows.save_submitter(arn, "ben") is None

    statuses = [record(a_task(status)).submitter for status in ("RUNNING", "FAILED", "COMPLETED")]
    found = snapshots.get(arn)
    assert found
    assert snapshots.refresh(a_task("COMPLETED", shots=7), found.version)
    again = snapshots.get(arn)
    assert again
    assert (statuses, again.snapshot.submitter, again.snapshot.shots) == (["anna"] * 3, "anna", 7)
    assert rows.submitters([arn]) == {arn: "anna"}


def test_the_name_of_an_ended_resource_is_kept_beside_its_messages(
    stores: Stores, record: Record, a_task: ASnapshot
) -> None:
    snapshots, rows = stores
    arn = record(a_task("FAILED")).arn

    assert rows.save_submitter(arn, "anna") is False
    assert rows.save_submitter(arn, "anna") is None
    corrected = record(a_task("COMPLETED"))

    found = snapshots.get(arn)
    assert found
    assert (found.snapshot.submitter, corrected.submitter) == ("", "")
    assert rows.submitters([arn]) == {arn: "anna"}


def test_only_recorded_resources_without_a_name_lack_one_and_own_tasks_come_with_their_job(
    stores: Stores, record: Record, a_task: ASnapshot, a_job: ASnapshot
) -> None:
    _, rows = stores
    job = record(a_job("RUNNING")).arn
    own = record(a_task("QUEUED", 1, job_arn=job.text)).arn
    booked = record(a_task("QUEUED", 2, reservation=RESERVATION)).arn
    named, late = record(a_task("QUEUED", 3)).arn, record(a_task("FAILED", 4)).arn
    rows.save_submitter(named, "anna")
    rows.save_submitter(late, "ben")
    unknown = parse_arn(task_arn(5))

    assert rows.lacking([job, own, booked, named, late, unknown]) == {job: None, own: job, booked: None}
    assert rows.save_submitter(unknown, "anna") is None
    assert rows.submitters([job, named, unknown]) == {named: "anna"}


def test_a_row_of_a_newer_version_is_left_alone(
    table: Callable[[str], Table], a_task: ASnapshot, noon: datetime
) -> None:
    snapshots = table("snapshots")
    arn = a_task("QUEUED").arn
    DynamoSnapshots(snapshots, 90).record(a_task("QUEUED"), Step("QUEUED", None, "event"), announce=True, now=noon)
    snapshots.update({"arn": arn.text}, {"format": ":two"}, {":two": 2})

    assert DynamoSubmitterRows(snapshots).save_submitter(arn, "anna") is None


# --- CloudTrail --------------------------------------------------------------------------------------------------


class Turns:
    """A clock that each wait moves, with the emulator's."""

    def __init__(self, it: BraketWorld | None = None) -> None:
        self.it, self.now, self.waits = it, 0.0, list[float]()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        if self.it:
            self.it.push(seconds)


def client_at(url: str) -> Callable[[str], Any]:
    session = Session()
    session.set_credentials("made-up", "made-up")
    return lambda region: session.create_client("cloudtrail", region_name=region, endpoint_url=url)


@pytest.fixture
def it() -> Iterator[BraketWorld]:
    with braket_world(late=lambda _: 0) as world:
        yield world


def test_each_page_takes_one_request_a_second_and_is_never_throttled(it: BraketWorld) -> None:
    arns = [it.task() for _ in range(120)]
    turns, now = Turns(it), it.braket.clock.now()
    submissions = CloudTrailSubmissions(client_at(it.braket.url), RateLimiter(PACE, turns.monotonic, turns.sleep))

    pages = [*submissions.pages("us-east-1", "CreateQuantumTask", now - timedelta(hours=1), now + timedelta(hours=1))]

    found = [create_call(event) for page in pages for event in page.events]
    assert [len(page.events) for page in pages] == [50, 50, 20]
    assert {each.arn.text for each in found if each} == set(arns)
    assert {each.by for each in found if isinstance(each, CreateCall)} == {"made-up"}
    assert all(page.oldest for page in pages)
    assert turns.waits == [INTERVAL_S] * 2
    elsewhere = next(submissions.pages("eu-north-1", "CreateJob", now, now))
    assert elsewhere.events == ()
    assert turns.waits == [INTERVAL_S] * 2


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "InternalServiceException"])
def test_a_refusal_is_named_by_its_code(it: BraketWorld, code: str) -> None:
    it.braket.fail("LookupEvents", code, 100)
    submissions = CloudTrailSubmissions(client_at(it.braket.url), RateLimiter(PACE, Turns().monotonic, Turns().sleep))
    now = it.braket.clock.now()

    with pytest.raises(EventHistoryError, match=code):
        list(submissions.pages("us-east-1", "CreateJob", now, now))


def test_an_answer_that_is_not_cloudtrails_is_an_error_and_no_list(noon: datetime) -> None:
    with odd_server() as server:
        submissions = CloudTrailSubmissions(client_at(server.url), RateLimiter(PACE, Turns().monotonic, Turns().sleep))

        with pytest.raises(EventHistoryError):
            list(submissions.pages("us-east-1", "CreateJob", noon, noon))


class HistoryClient:
    """CloudTrail's client over the emulator's history, without a server; it keeps the time of each call."""

    def __init__(self, history: EventHistory, clock: Clock) -> None:
        self.history, self.clock, self.calls = history, clock, list[datetime]()

    def lookup_events(self, **request: object) -> dict[str, object]:
        self.calls.append(self.clock.now())
        try:
            return self.history.lookup("eu-north-1", json.dumps(request, default=datetime.timestamp).encode())
        except BraketError as error:
            raise ClientError({"Error": {"Code": error.code}}, "LookupEvents") from error


def test_a_thousand_tasks_of_five_minutes_are_attributed_at_one_request_a_second_without_an_error(
    a_task: ASnapshot, noon: datetime
) -> None:
    """Events appear up to 15 minutes late. What ends before its own event appears is counted and has no name."""
    clock = Clock(held=True)
    history, snapshots = EventHistory("012345678901", clock), MemorySnapshots()
    client, looked, began = HistoryClient(history, clock), Looked(), clock.now()

    def seconds() -> float:
        return clock.now().timestamp()

    limiter = RateLimiter(PACE, seconds, clock.push)
    submissions, rows = CloudTrailSubmissions(lambda _: client, limiter), MemorySubmitterRows(snapshots)

    def record(status: str, number: int) -> None:
        task = a_task(status, number)
        snapshots.record(task, Step(status, task.ended_at, "event"), announce=True, now=noon)

    for number in range(1000):
        clock.push(0.3)
        record("QUEUED", number)
        answer = {"quantumTaskArn": task_arn(number)}
        history.add("CreateQuantumTask", "eu-north-1", f"arn:aws:iam::012345678901:user/u{number % 7}", {}, answer)
    for number in range(0, 1000, 10):
        record("COMPLETED", number)
    saved = late = 0
    for _ in range(5):
        looked, found = look_up("eu-north-1", looked, began, submissions, rows, clock.now(), lambda: False)
        saved, late = saved + found.saved, late + found.late
        clock.push(300)

    named = {arn: row.snapshot.submitter for arn, row in snapshots.rows.items() if row.snapshot.submitter}
    assert (saved, late) == (900, 100)
    assert {by: list(named.values()).count(by) for by in set(named.values())}.keys() == {f"u{n}" for n in range(7)}
    assert all(arn.text.endswith(tuple(f"{n:012d}" for n in range(1000) if n % 10)) for arn in named)
    assert min(after - before for before, after in pairwise(client.calls)) >= timedelta(seconds=INTERVAL_S)
