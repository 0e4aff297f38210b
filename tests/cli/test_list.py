"""`list` shows open quantum tasks and hybrid jobs, or those of one batch."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from braket_notifier.domain.resource import parse_arn
from local.braket.emulator import Braket
from tests.cli.conftest import Recorded

Submit = Callable[..., str]


def test_list_shows_open_resources_as_braket_has_them_now(
    run: Any, recorded: Recorded, submit: Submit, braket: Braket, a_task: Any
) -> None:
    arn = submit("ghz-12")
    recorded(a_task("CREATED", arn=parse_arn(arn)))
    recorded(a_task("COMPLETED", number=2))
    braket.clock.push(0.2)

    done = run("list")
    [line] = json.loads(run("list", "--json").out)

    assert done.out.splitlines()[1].split()[:4] == ["QUEUED", "ghz-12", "quantum", "task"]
    assert (line["arn"], line["status"], line["queue_position"]) == (arn, "QUEUED", "0")


def test_list_shows_a_whole_batch(run: Any, recorded: Recorded, braket: Braket, a_task: Any) -> None:
    for number, status in ((1, "COMPLETED"), (2, "FAILED"), (3, "QUEUED")):
        recorded(a_task(status, number=number, tags={"batch": "ghz-scan"}))
    recorded(a_task(number=4))

    found = json.loads(run("list", "--batch", "ghz-scan", "--json").out)

    assert sorted(str(each["status"]) for each in found) == ["COMPLETED", "FAILED", "None"]
    assert braket.calls["GetQuantumTask"] == 1  # none for the ended ones
    assert all(each["link"].startswith("https://eu-north-1.console.aws.amazon.com/braket/") for each in found)


@pytest.mark.parametrize(
    ("words", "printed"), [([], "nothing is open"), (["--batch", "x"], "the notifier knows no batch x")]
)
@pytest.mark.usefixtures("stack")
def test_list_prints_a_sentence_for_an_empty_list(run: Any, words: list[str], printed: str) -> None:
    assert run("list", *words).out == f"{printed}\n"
