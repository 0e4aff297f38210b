"""`watch` follows quantum tasks and hybrid jobs. Its exit code is the outcome."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.dynamodb.watched import DynamoWatchedRows
from braket_notifier.braket.availability import Availability
from braket_notifier.cli.commands.watch import outcome
from braket_notifier.sending.wire import decode
from braket_notifier.watching.watched import Seen, Watched
from local.braket.emulator import Braket, Script, usual
from tests.cli.conftest import HOME
from tests.conftest import GARNET

Submit = Callable[..., str]
Waiting = Callable[[str], list[str]]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def time_passes(braket: Braket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Advance Braket's clock between two requests."""
    monkeypatch.setattr("braket_notifier.cli.commands.watch.sleep", lambda _: braket.clock.push(0.2))


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        (["COMPLETED", "COMPLETED"], 0),
        (["COMPLETED", "CANCELLED"], 3),
        (["CANCELLED", "FAILED"], 1),  # a failure outweighs a cancellation
        (["GONE"], 4),  # Braket no longer knows how it ended
        (["GONE", "FAILED"], 1),  # and a failure outweighs it
        (["GONE", "CANCELLED"], 4),
        (["ENDED_SOMEHOW"], 4),  # a status of a later Braket
    ],
)
def test_the_exit_code_is_the_outcome(statuses: list[str], code: int) -> None:
    assert outcome(statuses) == code


@pytest.mark.usefixtures("stacks")
def test_watch_follows_a_task_to_its_end_without_a_stack(run: Any, submit: Submit) -> None:
    arn = submit("ghz-12")

    done = run("watch", arn)

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"CREATED · ghz-12 · no task ahead · {arn}",
        f"QUEUED · ghz-12 · no task ahead · {arn}",
        f"RUNNING · ghz-12 · {arn}",
        f"COMPLETED · ghz-12 · 1,000 of 1,000 shots · {arn}",
    ]


@pytest.mark.usefixtures("stack")
def test_watch_says_how_the_queue_moved_and_that_its_device_is_out(
    run: Any, submit: Submit, scripts: dict[str, Script]
) -> None:
    scripts["ghz-12"] = Script(queue_ahead=14)
    arn, now = submit("ghz-12"), datetime.now(UTC)
    out = Seen(Availability("OFFLINE"), now - HOUR, queue={arn: ((now - 2 * HOUR, "30"),)})
    DynamoWatchedRows(Table(boto3.client("dynamodb", HOME), "snapshots")).save_watched(
        "eu-north-1", Watched({GARNET: out})
    )

    lines = run("watch", arn).out.splitlines()

    assert lines[1].startswith("QUEUED · ghz-12 · 14 tasks ahead (30 two hours ago) · OFFLINE since ")
    assert "OFFLINE" not in "".join(lines[2:])


@pytest.mark.usefixtures("stacks")
def test_one_failure_decides_the_exit_code(run: Any, submit: Submit, scripts: dict[str, Script]) -> None:
    scripts["bad"] = Script(steps=usual("task", "FAILED"))

    assert run("watch", submit("good"), submit("bad")).code == 1


@pytest.mark.usefixtures("stacks")
def test_a_hybrid_job_counts_its_own_tasks(run: Any, submit: Submit, scripts: dict[str, Script]) -> None:
    scripts["vqe"] = Script(steps=((1, "RUNNING"), (30, "COMPLETED")))
    arn = submit("vqe", kind="job", children=3)

    done = run("watch", arn)

    assert done.code == 0
    assert done.out.splitlines()[-1] == f"COMPLETED · vqe · 3 ok of 3 tasks so far · {arn}"


@pytest.mark.usefixtures("stack")
def test_watch_notifies_the_given_channel_without_the_routes(run: Any, submit: Submit, waiting: Waiting) -> None:
    arn = submit("ghz-12")

    run("watch", arn, "--notify", "mail")

    [notification] = map(decode, waiting("deliver-mail"))
    assert (notification.transition.arn.text, notification.transition.status) == (arn, "COMPLETED")


@pytest.mark.usefixtures("stacks")
def test_watch_continues_after_throttling(
    run: Any, submit: Submit, braket: Braket, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = submit("ghz-12")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    waits = []

    def pass_time(_: float) -> None:
        waits.append(1)
        if len(waits) == 1:
            braket.fail("GetQuantumTask", "ThrottlingException", 2)
        braket.clock.push(0.5)

    monkeypatch.setattr("braket_notifier.cli.commands.watch.sleep", pass_time)

    assert run("watch", arn).code == 0
