"""Parsers of Braket's events, API answers and stored rows."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from braket_notifier.braket.events import Watch, parse_event
from braket_notifier.braket.responses import MAX_REASON, RESERVATION, parse_snapshot, to_words
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.errors import MalformedEventError

ACCOUNT = "012345678901"
TASK = f"arn:aws:braket:eu-north-1:{ACCOUNT}:quantum-task/834b21ed-77a7-4b36-a90c-000000000001"
JOB = f"arn:aws:braket:eu-north-1:{ACCOUNT}:job/70b21eda-0000-4b36-a90c-000000000001"


def test_the_official_task_event_is_read_with_shots_as_text() -> None:
    """AWS documents `shots` as an integer and shows it as a string."""
    body = (Path(__file__).parents[2] / "events" / "task-official.json").read_text()

    reported = parse_event(body, Watch("aws.braket", "aws", ACCOUNT, frozenset({"us-east-1"})))

    assert reported.snapshot.shots == 100
    assert reported.snapshot.status == "COMPLETED"
    assert reported.snapshot.ended_at == datetime(2021, 10, 28, 1, 17, 44, 735000, tzinfo=UTC)
    assert reported.at == datetime(2021, 10, 28, 1, 17, 45, tzinfo=UTC)
    assert reported.snapshot.degraded


@pytest.mark.parametrize(
    ("resources", "detail"),
    [
        # the place of the ARN is not documented, so every place counts
        ([JOB], {}),
        ([], {"jobArn": JOB}),
        ([JOB], {"jobArn": JOB}),
        # the ARN of another resource is not mistaken for the job's
        (["arn:aws:braket:eu-north-1:012345678901:spending-limit/x", JOB], {}),
        ([], {"hybridJobArn": JOB}),
    ],
)
def test_a_job_event_is_known_by_its_arn(watch: Watch, resources: list[str], detail: dict[str, str]) -> None:
    event = {
        "source": "aws.braket",
        "detail-type": "Braket Job State Change",
        "account": ACCOUNT,
        "region": "eu-north-1",
        "time": "2026-11-20T11:53:01Z",
        "resources": resources,
        "detail": {"status": "RUNNING", **detail},
    }

    assert parse_event(json.dumps(event), watch).snapshot.arn == parse_arn(JOB)


def test_a_task_event_that_also_names_its_job_is_about_the_task(
    watch: Watch,
    an_event: Callable[..., dict[str, Any]],
) -> None:
    reported = parse_event(json.dumps(an_event(detail={"jobArn": JOB})), watch)

    assert reported.snapshot.arn.kind == "task"
    assert reported.snapshot.job_arn == JOB


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"source": "aws.s3"}, "source"),
        ({"account": "999999999999"}, "account"),
        ({"account": ["012345678901"]}, "account"),
        ({"region": "us-west-1"}, "region"),  # a region of Braket that is not watched
        ({"detail-type": "Braket Device Status Change"}, "detail-type"),
        ({"detail-type": None}, "detail-type"),
        ({"detail": "a text"}, "detail"),
        ({"detail": []}, "detail"),
        ({"detail": {"status": 5}}, "status"),
        ({"detail": {"status": "DONE\n{}"}}, "status"),
        ({"detail": {"shots": "many"}}, "shots"),
        ({"detail": {"shots": True}}, "shots"),
        ({"detail": {"shots": float("inf")}}, "shots"),  # Python's JSON knows Infinity
        ({"detail": {"shots": -1}}, "shots"),
        ({"detail": {"shots": 10**40}}, "shots"),  # no store holds such a number
        ({"detail": {"endedAt": "yesterday"}}, "yesterday"),
        ({"detail": {"endedAt": True}}, "ISO 8601"),
        ({"detail": {"endedAt": float("nan")}}, "ISO 8601"),
        ({"detail": {"createdAt": 10**40}}, "ISO 8601"),
        ({"detail": {"createdAt": "0001-01-01T00:00:00Z"}}, "ISO 8601"),  # no time of day west of Greenwich
        ({"detail": {"endedAt": "9999-12-31T00:00:00Z"}}, "ISO 8601"),  # its row would expire after the year 9999
        ({"time": "9" * 400}, "ISO 8601"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "ISO 8601"),  # before the year 1 in UTC
        ({"detail": {"quantumTaskArn": TASK + "/../x"}, "resources": []}, "names 0 ARNs"),
        ({"detail": {"quantumTaskArn": TASK[:-1] + "2"}, "resources": [TASK]}, "names 2 ARNs"),  # either could be meant
        ({"detail": {"quantumTaskArn": TASK + "\r\n"}, "resources": []}, "names 0 ARNs"),
        ({"detail": {"quantumTaskArn": JOB}, "resources": []}, "names 0 ARNs"),
        ({"detail": {"quantumTaskArn": TASK.replace(ACCOUNT, "999999999999")}, "resources": []}, "envelope"),
        ({"detail": {"quantumTaskArn": TASK.replace("eu-north-1", "us-east-1")}, "resources": []}, "envelope"),
        ({"detail": {"quantumTaskArn": TASK.replace("arn:aws:", "arn:aws-cn:")}, "resources": []}, "envelope"),
        ({"detail": {"quantumTaskArn": None}, "resources": "none"}, "names 0 ARNs"),
    ],
)
def test_a_malformed_or_foreign_event_is_refused_with_the_member_that_is_wrong(
    watch: Watch,
    an_event: Callable[..., dict[str, Any]],
    change: dict[str, Any],
    named: str,
) -> None:
    event = an_event(**({"detail": change["detail"]} if isinstance(change.get("detail"), dict) else {}))
    event |= {key: value for key, value in change.items() if not (key == "detail" and isinstance(value, dict))}

    with pytest.raises(MalformedEventError, match=named):
        parse_event(json.dumps(event), watch)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("no record", "no JSON at line 1, column 1"),
        ("[" * 100_000, "nested without end"),
        ("9" * 5000, "a number has too many digits"),
        ("[1, null]", "the event is a list, not a table"),
        ("{}", "source is missing"),
        ('{"source": {"a": true}}', 'source {"a": true} is not aws.braket'),
    ],
    ids=lambda given: given[:40],
)
def test_the_reason_of_a_refused_text_is_plain(watch: Watch, body: str, why: str) -> None:
    with pytest.raises(MalformedEventError) as refused:
        parse_event(body, watch)

    assert str(refused.value) == why


def test_an_event_of_a_region_that_is_not_watched_is_refused(
    watch: Watch, an_event: Callable[..., dict[str, Any]]
) -> None:
    """The ARN agrees with the envelope, so only the settings refuse the event."""
    arn = TASK.replace("eu-north-1", "us-west-1")

    with pytest.raises(MalformedEventError, match="region 'us-west-1' is not"):
        parse_event(json.dumps(an_event(region="us-west-1", resources=[arn], detail={"quantumTaskArn": arn})), watch)


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "NaN", "[" * 100_000, '{"source": {}}', "\ud800"])
def test_a_body_that_is_no_event_is_malformed(watch: Watch, body: str) -> None:
    with pytest.raises(MalformedEventError):
        parse_event(body, watch)


@pytest.mark.parametrize("at", ["2026-11-20T11:53:00Z", "2026-11-20T12:53:00+01:00", 1795175580, 1795175580000])
def test_a_time_may_be_text_or_seconds_or_milliseconds(
    watch: Watch, an_event: Callable[..., dict[str, Any]], at: object
) -> None:
    reported = parse_event(json.dumps(an_event(detail={"endedAt": at})), watch)

    assert reported.snapshot.ended_at == datetime(2026, 11, 20, 11, 53, tzinfo=UTC)


@pytest.mark.parametrize("word", ["WAITING", "OFFLINE", "FAILING", "TASKS_ENDED", "UNKNOWN_WORD", "WEEK 2026-W47"])
def test_a_status_of_braket_that_is_a_word_of_the_notifier_s_own_is_no_such_word(word: str) -> None:
    """Seen: such an event failed for ever, or its message had no subject, and the next end was not announced."""
    found = parse_snapshot({"quantumTaskArn": TASK, "status": word}, kind="task")
    stored = parse_snapshot({"quantumTaskArn": TASK, "status": found.status}, kind="task")

    assert found.status == stored.status == f"BRAKET_{word}"


def test_an_unknown_status_and_unknown_members_pass_through(
    watch: Watch,
    an_event: Callable[..., dict[str, Any]],
) -> None:
    reported = parse_event(json.dumps(an_event("PAUSED", detail={"newMember": {"a": [1]}})), watch)

    assert reported.snapshot.status == "PAUSED"
    assert reported.snapshot.unknown


def test_every_member_of_a_get_quantum_task_answer_is_read() -> None:
    answer = {
        "quantumTaskArn": TASK,
        "status": "FAILED",
        "failureReason": "Internal device error",
        "deviceArn": "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q",
        "deviceParameters": "{}",
        "shots": 96000,
        "numSuccessfulShots": 90000,
        "outputS3Bucket": "b",
        "outputS3Directory": "d",
        "createdAt": datetime(2026, 11, 20, 13, 0, tzinfo=timezone(timedelta(hours=1))),
        "jobArn": JOB,
        "tags": {"Name": "rb"},
        "associations": [{"arn": "arn:aws:braket:us-west-1:1:reservation/3f2a", "type": "RESERVATION_TIME_WINDOW_ARN"}],
        "actionMetadata": {"actionType": "braket.ir.openqasm.program_set", "programCount": 12, "executableCount": 96},
        "experimentalCapabilities": {"SDK_UNKNOWN_MEMBER": {"name": "new"}},
    }

    snapshot = parse_snapshot(answer, kind="task")

    assert (snapshot.programs, snapshot.executables, snapshot.successful_shots) == (12, 96, 90000)
    assert snapshot.created_at == datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    assert snapshot.reservation.endswith("3f2a")
    assert snapshot.job_arn == JOB


@pytest.mark.parametrize("other", [{"type": "PROJECT_ARN"}, {"type": ""}, {"type": 1}, {}])
def test_an_association_of_another_type_is_no_reservation(other: dict[str, object]) -> None:
    """Its type is required; a new one would say "in your reservation", and count no cost."""
    associations = [{"arn": "arn:aws:braket:eu-north-1:1:project/7c1", **other}]
    booked = {"arn": "arn:aws:braket:eu-north-1:1:reservation/3f2a", "type": RESERVATION}
    members = {"quantumTaskArn": TASK, "status": "COMPLETED"}

    assert parse_snapshot({**members, "associations": associations}, kind="task").reservation == ""
    found = parse_snapshot({**members, "associations": [*associations, booked]}, kind="task").reservation
    assert found == booked["arn"]


def test_every_member_of_a_get_job_answer_is_read() -> None:
    answer = {
        "jobArn": JOB,
        "status": "COMPLETED",
        "jobName": "vqe",
        "deviceConfig": {"device": "local:none/none"},
        "instanceConfig": {"instanceType": "ml.m5.large", "volumeSizeInGb": 30},
        "stoppingCondition": {"maxRuntimeInSeconds": 18000},
        "outputDataConfig": {"s3Path": "s3://bucket/jobs/vqe/"},
        "hyperParameters": {"secret": "do not keep"},
        "createdAt": "2026-11-20T12:00:00.000Z",
    }

    snapshot = parse_snapshot(answer, kind="job")

    assert (snapshot.bucket, snapshot.directory) == ("bucket", "jobs/vqe")
    assert (snapshot.device, snapshot.instance_type, snapshot.max_runtime_s) == (
        "local:none/none",
        "ml.m5.large",
        18000,
    )
    assert "do not keep" not in json.dumps(to_words(snapshot))


def test_a_very_long_reason_with_broken_characters_is_made_storable() -> None:
    """Braket sets no limit to failureReason. JSON may hold a lone surrogate, which UTF-8 cannot."""
    snapshot = parse_snapshot(
        {"quantumTaskArn": TASK, "status": "FAILED", "failureReason": "\ud800" + "x" * 10**6}, kind="task"
    )

    assert len(snapshot.failure_reason) == MAX_REASON
    assert snapshot.failure_reason.encode()


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"deviceArn": "😀" * 10**4}, {"device": "😀" * 256}),
        ({"associations": [{"arn": "😀" * 10**4, "type": RESERVATION}]}, {"reservation": "😀" * 256}),
        ({"tags": {"😀" * 10**4: "😀" * 10**4}}, {"tags": {"😀" * 128: "😀" * 256}}),
        ({"tags": {f"{n}": "" for n in range(10**4)}}, {"tags": {f"{n}": "" for n in range(50)}}),
        ({"tags": {"": "no key of a row is empty"}}, {"tags": {}}),
        ({"jobArn": JOB}, {"job_arn": JOB}),
        # any other value is not read as the ARN of a job
        ({"jobArn": "the job"}, {"job_arn": ""}),
        ({"jobArn": TASK}, {"job_arn": ""}),
        ({"jobArn": f"{JOB}{'a' * 10**4}"}, {"job_arn": ""}),
    ],
)
def test_every_member_fits_a_row_and_its_indexes(value: dict[str, object], read: dict[str, object]) -> None:
    """DynamoDB: the key of an index has at most 2,048 bytes, and a row 400 KB."""
    snapshot = parse_snapshot({"quantumTaskArn": TASK, "status": "FAILED", **value}, kind="task")

    assert {name: getattr(snapshot, name) for name in read} == read


moments = st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone
counts = st.none() | st.integers(0, 10**9)
words = st.text(st.characters(codec="utf-8"), max_size=20)
snapshots_of_tasks = st.builds(
    Snapshot,
    arn=st.just(parse_arn(TASK)),
    status=st.sampled_from(["CREATED", "COMPLETED", "PAUSED"]),
    created_at=moments,
    started_at=moments,
    ended_at=moments,
    device=words,
    shots=counts,
    successful_shots=counts,
    failure_reason=words,
    bucket=words,
    directory=words,
    tags=st.dictionaries(words.filter(bool), words, max_size=3),
    job_arn=st.sampled_from(["", JOB]),
    max_runtime_s=counts,
    programs=counts,
    executables=counts,
    reservation=words,
)


@given(snapshots_of_tasks)
def test_a_stored_snapshot_is_read_back_unchanged(snapshot: Snapshot) -> None:
    """Events, answers and rows have the same parser, so a row holds Braket's own members."""
    stored = json.loads(json.dumps(to_words(snapshot)))

    assert parse_snapshot(stored, kind="task") == snapshot
