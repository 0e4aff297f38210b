"""Many clients at once, and clients that send anything."""

import contextlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.braket.emulator import Braket, Clock
from local.braket.serving import Request
from tests.local.braket_world import AQUILA, SV1, BraketWorld, Client, action, braket_world, client_of

SCOPE = "AWS4-HMAC-SHA256 Credential=made-up/20260101/us-east-1/braket/aws4_request, SignedHeaders=host, Signature=0"
SIGNED = {"authorization": SCOPE}
TASK_WAY = ("CREATED", "QUEUED", "RUNNING")


@pytest.fixture(scope="module")
def it() -> Iterator[BraketWorld]:
    with braket_world() as world:
        yield world


def test_many_clients_are_served_at_once(it: BraketWorld) -> None:
    clients = [client_of(it.braket) for _ in range(20)]  # boto3 makes clients in one thread at a time

    def ask(client: Client) -> str:
        arn = BraketWorld(it.braket, client, []).task()
        assert client.get_quantum_task(quantumTaskArn=arn)["quantumTaskArn"] == arn
        return arn

    with ThreadPoolExecutor(20) as pool:
        arns = set(pool.map(ask, clients * 2))
    for client in clients:
        client.close()

    assert len(arns) == 40


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(SV1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    path=st.sampled_from(["quantum-task", "quantum-tasks", "job", "jobs", "device", "devices", "tags", "job/x/cancel"]),
    tail=st.text(max_size=20),
    body=st.dictionaries(
        st.sampled_from(["filters", "maxResults", "nextToken", "shots", "action", "deviceArn", "tags", "clientToken"]),
        JSON,
    ),
)
@settings(max_examples=60, derandomize=True)
def test_every_request_gets_an_answer_of_braket_s(method: str, path: str, tail: str, body: object) -> None:
    """No request makes the emulator itself fail."""
    braket = Braket()
    for target in (f"/{path}", f"/{path}/{quote(tail)}?{tail}"):
        answer = braket.answer(Request(method, target, SIGNED, json.dumps(body).encode()))

        assert answer.status != 500
        assert isinstance(answer.body, bytes)
        assert isinstance(json.loads(answer.body), dict)


@given(
    device=st.sampled_from([SV1, AQUILA]),
    name=st.sampled_from(["openqasm.program", "openqasm.program_set", "ahs.program"]),
    members=st.dictionaries(st.sampled_from(["source", "programs", "setup", "inputs"]), JSON),
    programs=st.lists(st.dictionaries(st.sampled_from(["source", "inputs"]), JSON | st.text())),
)
@settings(max_examples=60, derandomize=True)
def test_every_accepted_action_ends_with_a_result(
    device: str, name: str, members: dict[str, Any], programs: list[Any]
) -> None:
    """The end of the block would raise a failure."""
    asked = {
        "clientToken": "once",
        "deviceArn": device,
        "shots": 100,
        "outputS3Bucket": "bucket",
        "outputS3KeyPrefix": "any",
        "action": action(name, **({"programs": programs} | members)),
    }
    with Braket(clock=Clock(held=True)) as braket:
        answer = braket.answer(Request("POST", "/quantum-task", SIGNED, json.dumps(asked).encode()))
        braket.clock.push(2)

        assert answer.status in {201, 400}
        assert answer.status == 400 or braket.changes[-1].status == "COMPLETED"


def test_concurrent_changes_happen_in_order() -> None:
    """Clients create and cancel while time passes: a resource ends once, and nothing comes after its end."""
    with braket_world(clock=Clock()) as it, ThreadPoolExecutor(8) as pool:

        def live(number: int) -> None:
            arn = it.task()
            if number % 2:
                with contextlib.suppress(
                    it.client.exceptions.ConflictException
                ):  # refused because the task has ended already
                    it.client.cancel_quantum_task(quantumTaskArn=arn)
            it.push(0.3)

        list(pool.map(live, range(40)))
        it.push(5)
        lives: dict[str, list[str]] = {}
        for change in it.braket.changes:
            lives.setdefault(change.arn, []).append(change.status)

    whole = (*TASK_WAY, "COMPLETED")
    cut = [(*TASK_WAY[: n + 1], "CANCELLING", "CANCELLED") for n in range(3)]
    assert len(lives) == 40
    assert {tuple(statuses) for statuses in lives.values()} <= {whole, *cut}
