"""Amazon Braket's own answers, read from an emulator of the service over HTTP."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from local.braket import Braket, Clock, CreateRequest, Script
from notifier import aws as root
from notifier.adapters.braket import BotoBraket
from notifier.model import Arn, parse_arn
from notifier.ports import BusyError, UnreadableError

SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
GARNET = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"
ACTION = '{"braketSchemaHeader": {"name": "braket.ir.openqasm.program", "version": "1"}, "source": "OPENQASM 3.0;"}'
ROLE = "arn:aws:iam::000000000000:role/service-role/AmazonBraketJobsExecutionRole"


@pytest.fixture
def emulator() -> Iterator[Braket]:
    """Every resource completes, unless its tag `stays` names a status that it never leaves."""

    def choose(asked: CreateRequest) -> Script:
        return Script(steps=((0, asked.tags["stays"]),)) if asked.tags.get("stays") else Script()

    with Braket(clock=Clock(held=True), choose=choose) as running:
        yield running


@pytest.fixture
def client_for(emulator: Braket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """As the functions build theirs, only that botocore does not wait between its own attempts."""
    monkeypatch.setattr("botocore.retries.standard.RetryHandler.needs_retry", lambda *_, **__: None)
    keys: dict[str, Any] = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}
    clients: dict[str, Any] = {}

    def client_for(region: str) -> Any:
        if region not in clients:
            given = {**keys, "endpoint_url": emulator.url, "config": root.REPEATED}
            clients[region] = boto3.client("braket", region_name=region, **given)
        return clients[region]

    yield client_for
    for client in clients.values():
        client.close()


@pytest.fixture
def braket(client_for: Callable[[str], Any]) -> BotoBraket:
    return BotoBraket(client_for)


@pytest.fixture
def submit(client_for: Callable[[str], Any]) -> Callable[..., Arn]:
    def create(device: str = GARNET, region: str = "eu-north-1", stays: str = "") -> Arn:
        answer = client_for(region).create_quantum_task(
            action=ACTION,
            deviceArn=device,
            shots=100,
            outputS3Bucket="amazon-braket-results",
            outputS3KeyPrefix="ghz",
            tags={"Name": "ghz-12"} | ({"stays": stays} if stays else {}),
        )
        return parse_arn(answer["quantumTaskArn"])

    return create


def test_a_task_is_read_in_its_own_region(braket: BotoBraket, emulator: Braket, submit: Callable[..., Arn]) -> None:
    arn = submit()
    emulator.clock.push(60)

    snapshot = braket.read(arn)

    assert (snapshot.status, snapshot.shots, snapshot.successful_shots) == ("COMPLETED", 100, 100)
    assert (snapshot.tags, snapshot.device) == ({"Name": "ghz-12"}, GARNET)
    assert snapshot.ended_at is not None
    assert snapshot.ended_at.tzinfo is UTC


@pytest.fixture
def submit_job(client_for: Callable[[str], Any]) -> Callable[[], Arn]:
    def create() -> Arn:
        created = client_for("us-east-1").create_job(
            jobName="vqe",
            roleArn=ROLE,
            deviceConfig={"device": SV1},
            instanceConfig={"instanceType": "ml.m5.large", "volumeSizeInGb": 30},
            outputDataConfig={"s3Path": "s3://amazon-braket-results/jobs/vqe"},
            algorithmSpecification={
                "scriptModeConfig": {"entryPoint": "a", "s3Uri": "s3://amazon-braket-results/a.tar.gz"}
            },
        )
        return parse_arn(created["jobArn"])

    return create


def test_a_job_is_read(braket: BotoBraket, submit_job: Callable[[], Arn]) -> None:
    snapshot = braket.read(submit_job())

    assert (snapshot.status, snapshot.job_name, snapshot.device) == ("QUEUED", "vqe", SV1)
    assert (snapshot.bucket, snapshot.directory) == ("amazon-braket-results", "jobs/vqe")


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        ("AccessDeniedException", UnreadableError),
        ("ResourceNotFoundException", UnreadableError),
        ("ValidationException", UnreadableError),
        ("ThrottlingException", BusyError),
        ("InternalServiceException", BusyError),
    ],
)
def test_each_error_of_braket_says_whether_to_ask_again(
    braket: BotoBraket, emulator: Braket, submit: Callable[..., Arn], code: str, raised: type[Exception]
) -> None:
    arn = submit()
    emulator.fail("GetQuantumTask", code, times=3)

    with pytest.raises(raised, match=code):
        braket.read(arn)


@pytest.mark.parametrize("answer", [{}, {"status": 5}, {"status": "COMPLETED", "shots": "many"}])
def test_an_answer_that_nobody_can_read_is_none(answer: dict[str, Any]) -> None:
    arn = parse_arn(f"arn:aws:braket:us-east-1:{'0' * 12}:quantum-task/1")

    class Odd:
        def get_quantum_task(self, quantumTaskArn: str, **_: object) -> dict[str, Any]:  # noqa: N803 - boto3's own name
            return {"quantumTaskArn": quantumTaskArn, **answer} if answer else {}

    client: Any = Odd()
    with pytest.raises(UnreadableError):
        BotoBraket(lambda _: client).read(arn)


def test_a_braket_that_cannot_be_reached_is_busy() -> None:
    keys = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}
    client: Any = boto3.client("braket", "us-east-1", endpoint_url="http://127.0.0.1:9", config=root.ONCE, **keys)  # type: ignore[call-overload]

    with pytest.raises(BusyError, match="EndpointConnectionError"):
        BotoBraket(lambda _: client).read(parse_arn(f"arn:aws:braket:us-east-1:{'0' * 12}:quantum-task/1"))
    client.close()


def test_a_search_lists_what_is_open_and_what_is_recent(
    braket: BotoBraket, emulator: Braket, submit: Callable[..., Arn]
) -> None:
    long_ago = submit()
    emulator.clock.push(3600)
    recent = submit()
    emulator.clock.push(60)
    waiting = [submit() for _ in range(120)]  # more than one page
    now = datetime.now(UTC) + timedelta(hours=1)

    listed = {each.arn: each.status for each in braket.search("eu-north-1", now - timedelta(minutes=5), now)}

    assert long_ago not in listed
    assert listed == {recent: "COMPLETED", **dict.fromkeys(waiting, "CREATED")}


def test_a_search_lists_whatever_is_open_however_old(
    braket: BotoBraket, emulator: Braket, submit: Callable[..., Arn]
) -> None:
    stays = {submit(stays=status): status for status in ("QUEUED", "RUNNING", "CANCELLING")}
    emulator.clock.push(3600)
    now = datetime.now(UTC) + timedelta(hours=2)

    assert {each.arn: each.status for each in braket.search("eu-north-1", now, now)} == stays


def test_a_search_lists_the_jobs_that_were_created_since(braket: BotoBraket, submit_job: Callable[[], Arn]) -> None:
    arn, now = submit_job(), datetime.now(UTC)
    hour = timedelta(hours=1)

    assert [each.arn for each in braket.search("us-east-1", now + hour, now - hour)] == [arn]
    assert not list(braket.search("us-east-1", now - hour, now + hour))


def test_a_search_sees_its_own_region_only(braket: BotoBraket, submit: Callable[..., Arn]) -> None:
    submit()

    assert list(braket.search("us-east-1", datetime.now(UTC), datetime.now(UTC))) == []


def test_a_search_that_fails_on_its_way_says_so(braket: BotoBraket, emulator: Braket) -> None:
    emulator.fail("SearchQuantumTasks", "ThrottlingException", times=3)

    with pytest.raises(BusyError, match="ThrottlingException"):
        list(braket.search("us-east-1", datetime.now(UTC), datetime.now(UTC)))
