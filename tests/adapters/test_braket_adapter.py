"""The adapter reads Amazon Braket's answers from an emulator over HTTP."""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.braket import BotoBraket
from braket_notifier.adapters.memory.braket import MemoryBraket
from braket_notifier.braket.availability import Availability, Window
from braket_notifier.braket.rate_limit import QUOTAS, Quota, RateLimiter
from braket_notifier.costs.limits import parse_limit
from braket_notifier.domain.resource import Arn, parse_arn
from braket_notifier.errors import BusyError, LateError, NotKnownError, UnreadableError
from braket_notifier.tracking.ports import CreatedRange
from local.braket.emulator import Braket, Clock, CreateRequest, Script

if TYPE_CHECKING:
    from braket_notifier.watching.ports import SpendingLimits

SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
GARNET = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"
ACTION = '{"braketSchemaHeader": {"name": "braket.ir.openqasm.program", "version": "1"}, "source": "OPENQASM 3.0;"}'
UNLIMITED = RateLimiter({}, lambda: 0.0, lambda _: None)
ROLE = "arn:aws:iam::000000000000:role/service-role/AmazonBraketJobsExecutionRole"


@pytest.fixture
def emulator() -> Iterator[Braket]:
    """An emulator in which a resource completes, or stays in the status of its tag `stays`."""

    def choose(request: CreateRequest) -> Script:
        return Script(steps=((0, request.tags["stays"]),)) if request.tags.get("stays") else Script()

    with Braket(clock=Clock(held=True), choose=choose) as running:
        yield running


@pytest.fixture
def client_for(emulator: Braket) -> Iterator[Callable[[str], Any]]:
    """Build clients as the functions do."""
    keys: dict[str, Any] = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}
    made: dict[str, Any] = {}

    def client_for(region: str) -> Any:
        if region not in made:
            given = {**keys, "endpoint_url": emulator.url, "config": clients.ONCE}
            made[region] = boto3.client("braket", region_name=region, **given)
        return made[region]

    yield client_for
    for client in made.values():
        client.close()


@pytest.fixture
def braket(client_for: Callable[[str], Any]) -> BotoBraket:
    return BotoBraket(client_for, UNLIMITED)


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


def test_a_device_is_read_with_its_windows(braket: BotoBraket, emulator: Braket) -> None:
    emulator.set_device_windows(GARNET, ("Weekdays", "22:00:00", "04:00:00"))
    emulator.set_device_status(GARNET, "OFFLINE")

    found = braket.availability("eu-north-1", GARNET)

    assert found == Availability("OFFLINE", (Window("Weekdays", time(22), time(4)),))
    assert braket.availability("us-east-1", SV1).status == "ONLINE"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ResourceNotFoundException", NotKnownError),
        ("AccessDeniedException", UnreadableError),
        ("ThrottlingException", BusyError),
        ("InternalServiceException", BusyError),
    ],
)
def test_a_device_that_braket_does_not_show_is_an_error(
    braket: BotoBraket, emulator: Braket, code: str, error: type[Exception]
) -> None:
    emulator.fail("GetDevice", code, math.inf)

    with pytest.raises(error):
        braket.availability("eu-north-1", GARNET)


@pytest.fixture(params=["memory", "boto3"])
def limited(request: pytest.FixtureRequest) -> "SpendingLimits":
    """One limit, of Garnet, under which one task waits."""
    asked = {"deviceArn": GARNET, "spendingLimit": "500.00"}
    client = request.getfixturevalue("client_for")("eu-north-1")
    arn = client.create_spending_limit(**asked, timePeriod={"startAt": 1_767_225_600, "endAt": 4_922_726_400})
    request.getfixturevalue("submit")(stays="QUEUED")
    if request.param == "boto3":
        found: SpendingLimits = request.getfixturevalue("braket")
        return found
    [listed] = client.search_spending_limits()["spendingLimits"]
    assert listed["spendingLimitArn"] == arn["spendingLimitArn"]
    return MemoryBraket(limits={"eu-north-1": [parse_limit(listed)]})


def test_spending_limits_of_a_region_are_listed(limited: "SpendingLimits") -> None:
    [found] = limited.spending_limits("eu-north-1")

    assert (found.device, found.region) == (GARNET, "eu-north-1")
    assert (found.amount, found.spent) == (Decimal(500), Decimal(0))
    assert found.queued == Decimal("0.445")  # $0.30 for the task, $0.00145 for each of 100 shots
    assert (found.since, found.until) == (datetime(2026, 1, 1, tzinfo=UTC), None)
    assert limited.spending_limits("us-east-1") == []


@pytest.mark.parametrize(
    ("code", "error"), [("AccessDeniedException", UnreadableError), ("ThrottlingException", BusyError)]
)
def test_refused_spending_limits_are_an_error(
    braket: BotoBraket, emulator: Braket, code: str, error: type[Exception]
) -> None:
    emulator.fail("SearchSpendingLimits", code, math.inf)

    with pytest.raises(error, match=code):
        braket.spending_limits("eu-north-1")
    with pytest.raises(error, match=code):
        MemoryBraket(limits={"eu-north-1": error(code)}).spending_limits("eu-north-1")


class ManyLimits:
    """A Braket with 150 spending limits on two pages, of which one is hostile."""

    def search_spending_limits(self, maxResults: int, nextToken: str = "0", **_: object) -> dict[str, Any]:  # noqa: N803 - boto3's own names
        first = int(nextToken)
        prefix = f"arn:aws:braket:us-east-1:{'0' * 12}:spending-limit/"
        usual = {"deviceArn": SV1, "timePeriod": {"startAt": 1_767_225_600}, "queuedSpend": "0", "totalSpend": "0"}
        found = [{"spendingLimitArn": f"{prefix}{n}", "spendingLimit": "5", **usual} for n in range(150)]
        found[7]["spendingLimit"] = "<script>"
        more = {"nextToken": str(first + maxResults)} if first + maxResults < 150 else {}
        return {"spendingLimits": found[first : first + maxResults], **more}


def test_every_page_of_spending_limits_is_read_and_a_hostile_one_is_skipped() -> None:
    client: Any = ManyLimits()
    skipped = list[Exception]()

    found = BotoBraket(lambda _: client, UNLIMITED, on_skipped=skipped.append).spending_limits("us-east-1")

    assert len({each.id for each in found}) == len(found) == 149
    assert "'<script>'" in str(skipped[0])


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
        ("ResourceNotFoundException", NotKnownError),
        ("ValidationException", UnreadableError),
        ("ThrottlingException", BusyError),
        ("InternalServiceException", BusyError),
    ],
)
def test_each_error_of_braket_is_busy_or_unreadable(
    braket: BotoBraket, emulator: Braket, submit: Callable[..., Arn], code: str, raised: type[Exception]
) -> None:
    arn = submit()
    emulator.fail("GetQuantumTask", code, times=3)

    with pytest.raises(raised, match=code):
        braket.read(arn)


@pytest.mark.parametrize("answer", [{}, {"status": 5}, {"status": "COMPLETED", "shots": "many"}])
def test_an_answer_without_a_status_is_unreadable(answer: dict[str, Any]) -> None:
    arn = parse_arn(f"arn:aws:braket:us-east-1:{'0' * 12}:quantum-task/1")

    class UnexpectedClient:
        def get_quantum_task(self, quantumTaskArn: str, **_: object) -> dict[str, Any]:  # noqa: N803 - boto3's own name
            return {"quantumTaskArn": quantumTaskArn, **answer} if answer else {}

    client: Any = UnexpectedClient()
    with pytest.raises(UnreadableError):
        BotoBraket(lambda _: client, UNLIMITED).read(arn)


def test_a_braket_that_cannot_be_reached_is_busy() -> None:
    keys = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}
    client: Any = boto3.client("braket", "us-east-1", endpoint_url="http://127.0.0.1:9", config=clients.ONCE, **keys)  # type: ignore[call-overload]

    with pytest.raises(BusyError, match=r"^no connection$"):
        BotoBraket(lambda _: client, UNLIMITED).read(parse_arn(f"arn:aws:braket:us-east-1:{'0' * 12}:quantum-task/1"))
    client.close()


def test_open_tasks_of_every_status_and_age_are_listed(
    braket: BotoBraket, emulator: Braket, submit: Callable[..., Arn]
) -> None:
    stays = {submit(stays=status): status for status in ("QUEUED", "RUNNING", "CANCELLING")}
    submit()
    emulator.clock.push(3600)
    created = {submit(): "CREATED" for _ in range(120)}  # more than one page

    listed = {each.arn: each.status for each in braket.open_tasks("eu-north-1", CreatedRange())}

    assert listed == stays | created


def test_only_resources_created_in_the_range_are_listed(
    braket: BotoBraket, emulator: Braket, submit: Callable[..., Arn]
) -> None:
    arns = []
    for _ in range(3):
        arns.append(submit(stays="QUEUED"))
        emulator.clock.push(3600)
    times = [braket.read(arn).created_at for arn in arns]

    def listed(*window: datetime | None) -> list[Arn]:
        return sorted((each.arn for each in braket.open_tasks("eu-north-1", CreatedRange(*window))), key=arns.index)

    assert listed(times[1]) == arns[1:]
    assert listed(None, times[1]) == arns[:2]
    assert listed(times[1], times[1]) == [arns[1]]
    assert [each.arn for each in braket.created("eu-north-1", "task", CreatedRange(times[2]))] == [arns[2]]


def test_ended_tasks_are_listed_by_their_creation(
    braket: BotoBraket, emulator: Braket, submit: Callable[..., Arn]
) -> None:
    arn = submit()
    emulator.clock.push(60)

    assert [(e.arn, e.status) for e in braket.created("eu-north-1", "task", CreatedRange())] == [(arn, "COMPLETED")]


def test_jobs_are_listed_by_their_creation(braket: BotoBraket, submit_job: Callable[[], Arn]) -> None:
    arn, now, hour = submit_job(), datetime.now(UTC), timedelta(hours=1)

    assert [each.arn for each in braket.created("us-east-1", "job", CreatedRange(now - hour))] == [arn]
    assert braket.created("us-east-1", "job", CreatedRange(now + hour)) == []


def test_a_listing_is_of_its_own_region_only(braket: BotoBraket, submit: Callable[..., Arn]) -> None:
    submit()

    assert braket.open_tasks("us-east-1", CreatedRange()) == []


def test_a_listing_that_fails_at_a_later_page_raises(braket: BotoBraket, emulator: Braket) -> None:
    emulator.fail("SearchQuantumTasks", "ThrottlingException", times=math.inf)

    with pytest.raises(BusyError, match="ThrottlingException"):
        braket.open_tasks("us-east-1", CreatedRange())


class Forgetful:
    """A Braket with 250 quantum tasks that refuses some of its own tokens."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.tokens: list[str | None] = []

    def search_quantum_tasks(self, nextToken: str | None = None, **_: object) -> dict[str, Any]:  # noqa: N803 - boto3's own name
        self.tokens.append(nextToken)
        if nextToken == "200" and self.refusals:
            self.refusals -= 1
            raise ClientError({"Error": {"Code": "ValidationException", "Message": "token"}}, "SearchQuantumTasks")
        first = int(nextToken or 0)
        arns = [f"arn:aws:braket:us-east-1:{'0' * 12}:quantum-task/{n}" for n in range(first, min(first + 100, 250))]
        more = {"nextToken": str(first + 100)} if first + 100 < 250 else {}
        return {"quantumTasks": [{"quantumTaskArn": arn, "status": "QUEUED"} for arn in arns], **more}


def test_a_listing_whose_token_expired_begins_again() -> None:
    client: Any = Forgetful(1)

    listed = BotoBraket(lambda _: client, UNLIMITED).created("us-east-1", "task", CreatedRange())

    assert len({each.arn for each in listed}) == len(listed) == 250
    assert client.tokens == [None, "100", "200", None, "100", "200"]


def test_a_listing_whose_tokens_are_always_refused_is_busy() -> None:
    client: Any = Forgetful(99)

    with pytest.raises(BusyError, match="no listing of quantumTasks was completed"):
        BotoBraket(lambda _: client, UNLIMITED).created("us-east-1", "task", CreatedRange())


def test_an_invalid_request_without_a_token_is_not_started_again(braket: BotoBraket, emulator: Braket) -> None:
    emulator.fail("SearchQuantumTasks", "ValidationException")

    with pytest.raises(UnreadableError, match="ValidationException"):
        braket.created("us-east-1", "task", CreatedRange())
    assert emulator.calls["SearchQuantumTasks"] == 1


def test_no_request_is_sent_after_the_time(client_for: Callable[[str], Any], emulator: Braket) -> None:
    braket = BotoBraket(client_for, UNLIMITED, lambda: True)

    with pytest.raises(LateError):
        braket.open_tasks("us-east-1", CreatedRange())
    assert emulator.calls.total() == 0


def test_every_attempt_passes_the_rate_limiter_and_throttling_slows_it_down(
    client_for: Callable[[str], Any], emulator: Braket, submit: Callable[..., Arn]
) -> None:
    arn, slept = submit(), list[float]()
    rate_limiter = RateLimiter({"GetQuantumTask": Quota(1, 1)}, lambda: sum(slept), slept.append)
    emulator.fail("GetQuantumTask", "ThrottlingException", times=2)

    assert BotoBraket(client_for, rate_limiter).read(arn).status == "CREATED"
    assert emulator.calls["GetQuantumTask"] == 3
    assert sum(slept) > 2 + 3  # at half the rate, then at a quarter, with a little recovery


@pytest.mark.parametrize(("part", "least_s"), [(0.04, 170.0), (1.0, 2.0)])
def test_no_request_at_our_rate_is_throttled_by_enforced_quotas(part: float, least_s: float) -> None:
    """Seven hundred requests, at our share of the quota and at the whole quota."""
    slept = [0.0]
    with Braket(clock=Clock(held=True), quotas=True) as strict:

        def sleep(seconds: float) -> None:
            slept[0] += seconds
            strict.clock.push(seconds)

        keys: dict[str, Any] = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}
        client: Any = boto3.client("braket", "eu-north-1", endpoint_url=strict.url, config=clients.ONCE, **keys)
        where = {"outputS3Bucket": "amazon-braket-results", "outputS3KeyPrefix": "ghz"}
        made = client.create_quantum_task(action=ACTION, deviceArn=GARNET, shots=100, **where)
        quota = {"GetQuantumTask": QUOTAS["GetQuantumTask"].share(part)}
        braket = BotoBraket(lambda _: client, RateLimiter(quota, lambda: slept[0], sleep))
        for _ in range(700):
            braket.read(parse_arn(made["quantumTaskArn"]))
        client.close()

        assert strict.calls["GetQuantumTask"] == 700  # a throttled request would be repeated
    assert least_s <= slept[0] + 1e-6
    assert slept[0] <= 1.1 * least_s
