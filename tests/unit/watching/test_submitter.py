"""Who submitted: names in CloudTrail's events, and what a look reads, saves, leaves and counts."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.adapters.memory.submitters import PAGE, MemorySubmissions, MemorySubmitterRows
from braket_notifier.domain.resource import Arn, Snapshot, parse_arn
from braket_notifier.domain.transition import Step
from braket_notifier.errors import EventHistoryError
from braket_notifier.watching.submitter import HISTORY_KEPT, OVERLAP, Looked, create_call, look_up, signed_in_as
from tests.conftest import job_arn, task_arn

ASnapshot = Callable[..., Snapshot]
STS, IAM = "arn:aws:sts::012345678901:", "arn:aws:iam::012345678901:"
ANNA = f"{STS}assumed-role/AWSReservedSSO_Lab_0123456789abcdef/anna@example.org"
JOB_ROLE = f"{STS}assumed-role/AmazonBraketJobsExecutionRole/braket-job"
REGION = "eu-north-1"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def event(arn: str, identity: str = ANNA, **members: object) -> str:
    job = ":job/" in arn
    found: dict[str, object] = {
        "eventVersion": "1.11",
        "userIdentity": {"type": "AssumedRole", "arn": identity, "accountId": "012345678901"},
        "eventSource": "braket.amazonaws.com",
        "eventName": "CreateJob" if job else "CreateQuantumTask",
        "awsRegion": REGION,
        "requestParameters": {"deviceArn": "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"},
        "responseElements": {"jobArn" if job else "quantumTaskArn": arn, "status": "INITIALIZED"},
    }
    return json.dumps(found | members)


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        (ANNA, "anna@example.org"),  # IAM Identity Center
        (f"{STS}assumed-role/lab/ben", "ben"),
        (f"{IAM}user/chiara", "chiara"),
        (f"{IAM}user/lab/quantum/dev", "dev"),  # a user with a path
        (f"{STS}federated-user/eve", "eve"),
        ("arn:aws-cn:sts::012345678901:assumed-role/lab/finn", "finn"),
        # nobody can tell these apart
        (f"{STS}assumed-role/AmazonBraketServiceSageMakerNotebookRole/SageMaker", ""),
        (JOB_ROLE, ""),
        (f"{STS}assumed-role/lab/botocore-session-1700000000", ""),
        (f"{STS}assumed-role/lab/aws-sdk-js-session-1700000000", ""),
        (f"{STS}assumed-role/lab/i-0123456789abcdef0", ""),
        (f"{IAM}root", ""),
        (f"{STS}assumed-role/lab", ""),  # a role without a session
        (f"{IAM}role/lab", ""),
        ("", ""),
        (None, ""),
        ({"arn": ANNA}, ""),
        (f"{STS}assumed-role/lab/anna\u202e\x00", "anna"),
        (f"{IAM}user/{'x' * 200}", "x" * 64),
    ],
)
def test_a_name_is_that_of_a_user_or_of_a_session_that_tells_people_apart(identity: object, name: str) -> None:
    assert signed_in_as(identity) == name


def test_an_event_names_its_resource_and_its_submitter() -> None:
    for arn in (task_arn(), job_arn()):
        found = create_call(event(arn))
        assert found
        assert (found.arn.text, found.by) == (arn, "anna@example.org")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "not json",
        "[" * 10_000,
        "[]",
        "{}",
        event(task_arn(), errorCode="ThrottlingException"),
        event(task_arn(), eventSource="iot.amazonaws.com"),  # other services have a CreateJob too
        event(task_arn(), eventName="CancelQuantumTask"),
        event(task_arn(), responseElements=None),  # a refused call
        event(task_arn(), responseElements={"quantumTaskArn": "arn:aws:s3:::bucket"}),
        event(task_arn(), responseElements={"quantumTaskArn": job_arn()}),
        event(task_arn(), responseElements={"quantumTaskArn": 7}),
    ],
)
def test_an_event_that_created_nothing_of_brakets_names_nobody(raw: str) -> None:
    assert create_call(raw) is None


@pytest.mark.parametrize("identity", [None, [], {}, {"arn": None}, {"type": "AWSService", "invokedBy": "x"}])
def test_an_event_without_a_readable_identity_has_no_name(identity: object) -> None:
    found = create_call(event(task_arn(), userIdentity=identity))

    assert found
    assert found.by == ""


class Look:
    """A region's resources, the events about them, and looks at a clock that a page moves."""

    def __init__(self, a_task: ASnapshot, a_job: ASnapshot, noon: datetime) -> None:
        self.now, self.a_task, self.a_job = noon, a_task, a_job
        self.snapshots = MemorySnapshots()
        self.rows = MemorySubmitterRows(self.snapshots)
        self.submissions = MemorySubmissions()
        self.looked = Looked()
        #: The pages for which there is time.
        self.pages = 10**6

    def record(self, snapshot: Snapshot) -> Arn:
        step = Step(snapshot.status, snapshot.ended_at, "event")
        self.snapshots.record(snapshot, step, announce=True, now=self.now)
        return snapshot.arn

    def appears(self, arn: Arn, identity: str = ANNA, *, ago: timedelta = timedelta(0)) -> None:
        operation = "CreateJob" if arn.kind == "job" else "CreateQuantumTask"
        listed = self.submissions.events.setdefault((REGION, operation), [])
        listed.append((self.now - ago, event(arn.text, identity)))

    def looks(self, oldest: datetime | None = None) -> tuple[int, int]:
        """Look once; return how many names were saved, and how many came too late."""
        until = len(self.submissions.asked) + self.pages
        self.looked, found = look_up(
            REGION,
            self.looked,
            oldest,
            self.submissions,
            self.rows,
            self.now,
            lambda: len(self.submissions.asked) >= until,
        )
        return found.saved, found.late

    def name(self, arn: Arn) -> str:
        return self.snapshots.rows[arn].snapshot.submitter


@pytest.fixture
def look(a_task: ASnapshot, a_job: ASnapshot, noon: datetime) -> Look:
    return Look(a_task, a_job, noon)


def test_the_first_look_names_what_is_open_and_a_later_one_what_is_new(look: Look) -> None:
    first, second, running = (look.record(look.a_task("QUEUED", n)) for n in (1, 2, 3))
    look.appears(first, ago=3 * DAY)
    look.appears(second, f"{IAM}user/ben", ago=MINUTE)

    assert look.looks(look.now - 3 * DAY) == (2, 0)
    look.now += 5 * MINUTE
    look.appears(running, ago=4 * MINUTE)  # 15 minutes late is within the overlap
    assert look.looks(look.now - 3 * DAY) == (1, 0)
    assert look.looks(look.now - 3 * DAY) == (0, 0)  # nothing is written twice

    assert [look.name(each) for each in (first, second, running)] == ["anna@example.org", "ben", "anna@example.org"]


def test_what_ended_before_its_event_appeared_is_counted_once_and_keeps_no_name(look: Look) -> None:
    ended = look.record(look.a_task("COMPLETED", 1))
    look.appears(ended, ago=MINUTE)

    assert look.looks(look.now - DAY) == (0, 1)
    assert look.looks(look.now - DAY) == (0, 0)

    assert look.name(ended) == ""  # so its messages stay with the team
    assert look.rows.submitters([ended]) == {ended: "anna@example.org"}  # for sums


def test_a_jobs_own_tasks_inherit_the_jobs_submitter(look: Look) -> None:
    job = look.record(look.a_job("RUNNING"))
    own = look.record(look.a_task("QUEUED", 1, job_arn=job.text))
    look.appears(job, ago=2 * MINUTE)
    look.appears(own, JOB_ROLE, ago=MINUTE)

    assert look.looks(look.now - DAY) == (2, 0)

    assert look.name(own) == "anna@example.org"


def test_a_jobs_own_task_never_has_the_name_of_another_session(look: Look) -> None:
    """A job's script may assume a role of any name."""
    job = look.record(look.a_job("RUNNING"))
    own = look.record(look.a_task("QUEUED", 1, job_arn=job.text))
    look.appears(own, f"{STS}assumed-role/own-role/worker")

    assert look.looks(look.now - DAY) == (0, 0)
    assert look.name(own) == ""


def test_a_notebooks_session_and_an_unknown_resource_change_nothing(look: Look) -> None:
    task = look.record(look.a_task("QUEUED", 1))
    look.appears(task, f"{STS}assumed-role/notebook/SageMaker")
    look.appears(parse_arn(task_arn(2)))

    assert look.looks(look.now - DAY) == (0, 0)
    assert look.name(task) == ""


def test_a_look_that_is_cut_short_leaves_its_rest_to_the_next_ones_and_loses_nothing(look: Look) -> None:
    arns = [look.record(look.a_task("QUEUED", n)) for n in range(12 * PAGE)]
    for number, arn in enumerate(arns):
        look.appears(arn, ago=(number + 1) * MINUTE)
    oldest = look.now - len(arns) * MINUTE
    look.pages = 6

    saved = [look.looks(oldest)[0]]
    while look.looked.left_until:
        look.now += 5 * MINUTE
        saved.append(look.looks(oldest)[0])

    assert sum(saved) == len(arns)
    assert len(saved) <= 5
    assert look.name(arns[0]) == "anna@example.org"


def test_the_newest_submissions_are_read_first_although_a_rest_is_left(look: Look) -> None:
    for number in range(8 * PAGE):
        look.appears(look.record(look.a_task("QUEUED", number)), ago=(number + 1) * MINUTE)
    look.pages = 2
    look.looks(look.now - 10 * DAY)
    look.now += 5 * MINUTE
    new = look.record(look.a_task("QUEUED", 10_000))
    look.appears(new)

    look.looks(look.now - 10 * DAY)

    assert look.name(new) == "anna@example.org"


def test_a_look_reads_no_more_than_the_history_that_cloudtrail_keeps(look: Look, noon: datetime) -> None:
    look.looks(noon - 200 * DAY)

    assert min(since for _, _, since, _ in look.submissions.asked) == noon - HISTORY_KEPT


def test_a_look_after_a_refusal_begins_where_the_refused_one_did(look: Look, noon: datetime) -> None:
    look.looks(noon)
    look.now += 5 * MINUTE
    look.submissions.raises = [EventHistoryError("AccessDeniedException")]
    with pytest.raises(EventHistoryError):
        look.looks(noon)
    look.now += 60 * MINUTE
    look.submissions.asked.clear()
    look.looks(noon)

    assert {since for _, _, since, _ in look.submissions.asked} == {noon - OVERLAP}


def test_a_thousand_tasks_of_five_minutes_take_twenty_requests(look: Look, noon: datetime) -> None:
    look.looks(noon)
    look.now += 5 * MINUTE
    for number in range(1000):
        look.appears(look.record(look.a_task("QUEUED", number)), ago=timedelta(seconds=0.3 * number))
    look.submissions.asked.clear()

    assert look.looks(noon) == (1000, 0)
    assert len(look.submissions.asked) == 20 + 1  # and one for jobs
