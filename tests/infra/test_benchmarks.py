"""The counts of small benchmarks. Their times are not tested."""

from threading import Event, Lock
from typing import TYPE_CHECKING, Any, cast

from benchmarks import growth, sums
from benchmarks.pump import Pump

if TYPE_CHECKING:
    from local.cloud.cloud import Cloud


def test_ended_resources_cost_no_requests_of_a_sweep_or_an_event() -> None:
    few, many = growth.measure(0, open_tasks=30), growth.measure(200, open_tasks=30)

    assert growth.bills(few) == growth.bills(many)
    assert many.quiet.requests["UpdateItem"] == 2
    assert (many.event.requests.total(), many.duplicate.requests.total()) == (4, 1)


def test_sums_of_a_month_equal_those_of_its_tasks_by_the_indexes_alone() -> None:
    found = sums.measure(300)

    assert found.different == 0
    assert found.bill.requests == {"Query": 1, "BatchGetItem": 3}


class Standing:
    """A cloud with one queue and one function, which fails the fourth record."""

    def __init__(self, records: int) -> None:
        self.waiting = [
            {"MessageId": f"{n}", "ReceiptHandle": f"r{n}", "Body": "", "Attributes": {}} for n in range(records)
        ]
        self.batches: list[int] = []
        self.deleted: set[str] = set()
        self.stopped = Event()

    def client(self, _service: str) -> "Standing":
        return self

    def receive_message(self, *, MaxNumberOfMessages: int, **_: object) -> dict[str, Any]:  # noqa: N803 - AWS's name
        handed, self.waiting = self.waiting[:MaxNumberOfMessages], self.waiting[MaxNumberOfMessages:]
        return {"Messages": handed}

    def delete_message_batch(self, *, Entries: list[dict[str, str]], **_: object) -> None:  # noqa: N803 - AWS's name
        self.deleted |= {each["ReceiptHandle"] for each in Entries}

    def invoke(self, _function: str, event: dict[str, Any]) -> dict[str, Any]:
        self.batches.append(len(event["Records"]))
        if not self.waiting:
            self.stopped.set()
        return {"batchItemFailures": [{"itemIdentifier": "3"}]}


def test_the_pump_feeds_batches_as_an_event_source_does() -> None:
    """A batch is full or ends with its window. Records that the function does not report as failed are deleted."""
    cloud = Standing(25)
    pump = Pump(cast("Cloud", cloud), "deliver", "url", 20, 0.01, 1, Lock(), cloud.stopped)

    pump.works()

    assert cloud.batches == [20, 5]
    assert cloud.deleted == {f"r{number}" for number in range(25)} - {"r3"}
