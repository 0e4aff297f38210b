"""Any calls in any order get the same answers from the memory adapters and from the state file."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.adapters.dynamodb.snapshots import DynamoSnapshots
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.adapters.memory.snapshots import MemorySnapshots
from braket_notifier.adapters.sqlite.state_file import StateFile
from braket_notifier.adapters.sqlite.tables import SqliteTables
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Step
from braket_notifier.errors import MendableError
from braket_notifier.sending.health import HEALTHY, Health
from tests.conftest import NOON

#: A test's folder serves all its examples, because each uses a file of its own.
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
STATUSES = ["CREATED", "QUEUED", "RUNNING", "PAUSED", "COMPLETED", "FAILED", "CANCELLED", "GONE"]
DOWN = Health().refused(MendableError("not_in_channel"), NOON)
#: A call of the ledger: its name, the status, the owner, and the seconds that pass before it.
CALLS = ["claim", "claim", "delivered", "release", "unsure", "superseded", "undelivered", "reopen", "finished"]
Calls = st.lists(
    st.tuples(st.sampled_from(CALLS), st.sampled_from(STATUSES), st.sampled_from("ab"), st.sampled_from([0, 1, 31])),
    max_size=25,
)
Steps = st.lists(
    st.tuples(
        st.sampled_from(["record", "baseline", "history", "dispatched", "stays", "refresh", "missed", "revisit"]),
        st.sampled_from(STATUSES),
        st.sampled_from([1, 2]),
        st.booleans(),
    ),
    max_size=20,
)
Leasing = st.lists(
    st.tuples(st.sampled_from(["take", "renew", "end", "save"]), st.sampled_from("ab"), st.sampled_from([0, 1, 31])),
    max_size=20,
)


def in_file(folder: Path, name: str, use: Callable[[Table], object]) -> None:
    path = folder / "state.sqlite"
    path.unlink(missing_ok=True)
    with closing(StateFile(path)) as file:
        client: Any = SqliteTables(file, lambda: 0.0)
        use(Table(client, name))


def after_call(  # noqa: PLR0911 - one for each call
    ledger: Any, known: set[str], call: tuple[str, str, str, int], at: Any, a_notification: Any
) -> object:
    """The answer of a call; one about a row that was never claimed is left out, because nobody makes it."""
    name, status, owner, _ = call
    notification: Notification = a_notification(status)
    if name == "claim":
        known.add(status)
        return ledger.claim(notification, owner=owner, now=at)
    if status not in known:
        return None
    match name:
        case "delivered":
            return ledger.delivered(notification, now=at)
        case "release" | "unsure":
            return ledger.release(notification, owner=owner, unsure=name == "unsure")
        case "superseded" | "undelivered":
            return getattr(ledger, name)(notification, owner=owner, reason="a reason", now=at)
        case "reopen":
            return ledger.reopen(notification, now=at)
    finished = ledger.progress(notification).end
    return finished and finished.state


@SHARED
@given(calls=Calls)
def test_the_ledger_of_a_state_file_answers_as_the_memory_does(
    tmp_path: Path, a_notification: Callable[..., Notification], calls: list[Any]
) -> None:
    def compare(table: Table) -> None:
        at, known, others = NOON, set[str](), set[str]()
        memory, file = MemoryLedger(), DynamoLedger(table)
        for call in calls:
            at += timedelta(seconds=call[3])
            expected = after_call(memory, known, call, at, a_notification)
            assert after_call(file, others, call, at, a_notification) == expected, call
        assert {each.id for each in file.all_undelivered()} == {each.id for each in memory.all_undelivered()}

    in_file(tmp_path, "deliveries", compare)


def after_step(  # noqa: PLR0911 - one for each call
    store: Any, step: tuple[str, str, int, bool], a_task: Callable[..., Snapshot]
) -> object:
    name, status, number, degraded = step
    snapshot = replace(a_task(status, number), degraded=degraded)
    row = store.get(snapshot.arn)
    match name:
        case "record" | "baseline":
            reached = Step(status, snapshot.ended_at, "sweep")
            return store.record(snapshot, reached, announce=name == "record", now=NOON)
        case "history":
            return store.record_dispatched(snapshot, Step(status, NOON, "sweep"), now=NOON)
        case "dispatched" | "stays" if row:
            return store.dispatched(row, NOON, stays=name == "stays")
        case "refresh" if row:
            return store.refresh(replace(row.snapshot, shots=number), row.version)
        case "missed" if row:
            return store.missed(snapshot.arn, number, NOON)
        case "revisit":
            return store.revisit(snapshot.arn)
    return row


@SHARED
@given(steps=Steps)
def test_the_snapshots_of_a_state_file_answer_as_the_memory_does(
    tmp_path: Path, a_task: Callable[..., Snapshot], steps: list[Any]
) -> None:
    def compare(table: Table) -> None:
        memory, file = MemorySnapshots(), DynamoSnapshots(table, retention_days=90)
        for step in steps:
            assert after_step(file, step, a_task) == after_step(memory, step, a_task), step
        arns = [a_task(number=number).arn for number in (1, 2)]
        assert file.rows_of(arns) == memory.rows_of(arns)
        assert file.ranks(arns) == memory.ranks(arns)
        found = ({each.arn: each for each in store.open("eu-north-1")} for store in (file, memory))
        assert next(found) == next(found)

    in_file(tmp_path, "snapshots", compare)


@SHARED
@given(calls=Leasing)
def test_the_channel_leases_of_a_state_file_answer_as_the_memory_does(tmp_path: Path, calls: list[Any]) -> None:
    def compare(table: Table) -> None:
        at, stores = NOON, (MemoryChannelLeases(), DynamoChannelLeases(table))
        for name, owner, seconds in calls:
            at += timedelta(seconds=seconds)
            health = DOWN if seconds == 1 else HEALTHY
            kept = {"owner": owner, "now": at, "not_before": at + timedelta(seconds=1), "health": health}
            answers: list[object] = []
            for store in stores:
                if name == "take":
                    answers.append(store.take("slack", owner=owner, now=at))
                elif name == "save":
                    answers.append(store.save_health("slack", health, before=HEALTHY))
                else:
                    answers.append(getattr(store, name)("slack", **kept))
            assert answers[0] == answers[1], (name, owner, seconds)
            assert stores[0].health(["slack"]) == stores[1].health(["slack"])

    in_file(tmp_path, "deliveries", compare)
