"""`watch`: followed live, and an exit code that says how it ended."""

from collections.abc import Callable
from typing import Any

import pytest

from braket_notifier.cli.commands.watch import outcome
from braket_notifier.sending.wire import decode
from local.braket.emulator import Braket, Script, usual

Submit = Callable[..., str]
Waiting = Callable[[str], list[str]]


@pytest.fixture(autouse=True)
def time_passes(braket: Braket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks Braket goes on."""
    monkeypatch.setattr("braket_notifier.cli.commands.watch.sleep", lambda _: braket.clock.push(0.2))


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        (["COMPLETED", "COMPLETED"], 0),
        (["COMPLETED", "CANCELLED"], 3),
        (["CANCELLED", "FAILED"], 1),  # a failure outweighs
        (["GONE"], 1),  # no success
    ],
)
def test_the_exit_code_says_how_it_ended(statuses: list[str], code: int) -> None:
    assert outcome(statuses) == code


@pytest.mark.usefixtures("aws")
def test_a_task_is_followed_to_its_end_without_a_stack(run: Any, submit: Submit) -> None:
    arn = submit("ghz-12")

    done = run("watch", arn)

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"CREATED · ghz-12 · 0 ahead · {arn}",
        f"QUEUED · ghz-12 · 0 ahead · {arn}",
        f"RUNNING · ghz-12 · {arn}",
        f"COMPLETED · ghz-12 · 1,000 of 1,000 shots · {arn}",
    ]


@pytest.mark.usefixtures("aws")
def test_a_failure_among_them_is_the_outcome(run: Any, submit: Submit, scripts: dict[str, Script]) -> None:
    scripts["bad"] = Script(steps=usual("task", "FAILED"))

    assert run("watch", submit("good"), submit("bad")).code == 1


@pytest.mark.usefixtures("aws")
def test_a_hybrid_job_counts_its_own_tasks(run: Any, submit: Submit, scripts: dict[str, Script]) -> None:
    scripts["vqe"] = Script(steps=((1, "RUNNING"), (30, "COMPLETED")))
    arn = submit("vqe", kind="job", children=3)

    done = run("watch", arn)

    assert done.code == 0
    assert done.out.splitlines()[-1] == f"COMPLETED · vqe · 3 done of 3 tasks so far · {arn}"


@pytest.mark.usefixtures("stack")
def test_a_channel_is_told_of_the_end_whatever_the_routes_say(run: Any, submit: Submit, waiting: Waiting) -> None:
    arn = submit("ghz-12")

    run("watch", arn, "--notify", "mail")

    [notification] = map(decode, waiting("deliver-mail"))
    assert (notification.transition.arn.text, notification.transition.status) == (arn, "COMPLETED")


@pytest.mark.usefixtures("aws")
def test_a_braket_that_is_busy_for_a_while_is_asked_again(
    run: Any, submit: Submit, braket: Braket, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = submit("ghz-12")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    looked = []

    def pass_time(_: float) -> None:
        looked.append(1)
        if len(looked) == 1:
            braket.fail("GetQuantumTask", "ThrottlingException", 2)
        braket.clock.push(0.5)

    monkeypatch.setattr("braket_notifier.cli.commands.watch.sleep", pass_time)

    assert run("watch", arn).code == 0
