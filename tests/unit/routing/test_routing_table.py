"""The channels that the default settings choose in each situation, silently or loudly, with the reasons."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING, Children, Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.routing.routes import Choice, route
from braket_notifier.routing.tags import cautions
from braket_notifier.settings.notifier_toml import read_settings

ASnapshot = Callable[..., Snapshot]
ATransition = Callable[..., Transition]
DEFAULT = Path(__file__).parents[3] / "notifier.toml"
SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
ENDS = ("COMPLETED", "FAILED", "CANCELLED")


@pytest.fixture
def default() -> Policy:
    return parse_policy(read_settings(DEFAULT).policy())


@pytest.fixture
def situations(a_task: ASnapshot, a_job: ASnapshot, a_transition: ATransition) -> dict[str, Transition]:
    """Transitions by their description."""

    def simulated(status: str, minutes: float, **changes: Any) -> Transition:
        ended = a_task().ended_at
        assert ended
        created = ended - timedelta(minutes=minutes)
        return a_transition(a_task(status, device=SV1, ended_at=ended, created_at=created, **changes))

    def task(status: str, **changes: Any) -> Transition:
        return a_transition(a_task(status, **changes))

    def child(status: str, **changes: Any) -> Transition:
        return task(status, job_arn=str(a_job().arn), **changes)

    def job(status: str, **changes: Any) -> Transition:
        return a_transition(a_job(status, **changes))

    qpu, simulator, own = "quantum task on a QPU", "quantum task on a simulator", "hybrid job's own quantum task"
    hybrid = "hybrid job"
    partial = {"successful_shots": 1800}
    return {
        **{f"{qpu}: {status}": task(status) for status in ("CREATED", "QUEUED", "RUNNING", "CANCELLING", *ENDS)},
        f"{qpu}: COMPLETED with 99.5 % of its shots": task("COMPLETED", successful_shots=1990),
        f"{qpu}: COMPLETED with 90 % of its shots": task("COMPLETED", **partial),
        f"{qpu}: COMPLETED with none of its shots": task("COMPLETED", successful_shots=0),
        f"{qpu}: FAILED with 90 % of its shots (a program set)": task("FAILED", executables=96, **partial),
        f"{qpu}: CANCELLED in a reservation": task("CANCELLED", reservation="arn:aws:braket:::reservation/3f2a"),
        f"{qpu}: FAILED known from the event only": task("FAILED", degraded=True),
        f"{qpu}: FAILED after COMPLETED was announced": a_transition(
            a_task("FAILED"), was="COMPLETED", correction=True
        ),
        f"{qpu}: GONE, Braket no longer knows it": task("GONE"),
        f"{qpu}: PAUSED, a status that the notifier does not know": task("PAUSED"),
        f"{qpu}: an event without a status": task(""),
        f"{simulator}: QUEUED": task("QUEUED", device=SV1),
        f"{simulator}: COMPLETED after 5 minutes": simulated("COMPLETED", 5),
        f"{simulator}: COMPLETED after 6 minutes": simulated("COMPLETED", 6),
        f"{simulator}: COMPLETED after 6 minutes with 90 % of its shots": simulated("COMPLETED", 6, **partial),
        f"{simulator}: FAILED after 1 minute": simulated("FAILED", 1),
        f"{simulator}: FAILED after 2 minutes": simulated("FAILED", 2),
        f"{simulator}: CANCELLED after 30 seconds": simulated("CANCELLED", 0.5),
        f"{simulator}: CANCELLED after 2 minutes": simulated("CANCELLED", 2),
        f"{simulator}: COMPLETED, Braket gives no times": task("COMPLETED", device=SV1, created_at=None),
        **{f"{hybrid}: {status}": job(status) for status in ("QUEUED", "RUNNING", "CANCELLING", *ENDS)},
        f"{hybrid}: RUNNING while 2 of its 10 finished quantum tasks failed": a_transition(
            a_job("RUNNING", children=Children(40, completed=8, failed=2)), status=FAILING
        ),
        f"{hybrid}: COMPLETED on its own instance's simulator": job(
            "COMPLETED", device="local:pennylane/lightning.qubit"
        ),
        f"{hybrid}: GONE, Braket no longer knows it": job("GONE"),
        **{f"{own}: {status}": child(status) for status in ("RUNNING", *ENDS)},
        f"{own}: COMPLETED with 90 % of its shots": child("COMPLETED", **partial),
        f"{own}: COMPLETED, tag notify = mail": child("COMPLETED", tags={"notify": "mail"}),
        f"{qpu}: FAILED, tag notify = none": task("FAILED", tags={"notify": "none"}),
        f"{qpu}: COMPLETED, tag notify = mail": task("COMPLETED", tags={"notify": "mail"}),
        f"{qpu}: RUNNING, tag notify = mail": task("RUNNING", tags={"notify": "mail"}),
        f"{qpu}: COMPLETED, tag notify = lab (no such channel)": task("COMPLETED", tags={"notify": "lab"}),
        f"{qpu}: COMPLETED, tags notify = mail, notify-on = FAILED": task(
            "COMPLETED", tags={"notify": "mail", "notify-on": "FAILED"}
        ),
        f"{simulator}: COMPLETED after 1 minute, tag notify = team-slack mail": simulated(
            "COMPLETED", 1, tags={"notify": "team-slack mail"}
        ),
    }


def rows(situations: dict[str, Transition], policy: Policy) -> Iterator[str]:
    for description, transition in situations.items():
        yield description
        for choice in route(transition, policy):
            yield f"    {choice.channel:<12}{loudness(choice):<10}{choice.reason}"
        for caution in cautions(transition.snapshot, policy):
            yield f"    and says: {caution}"


def loudness(choice: Choice) -> str:
    if not choice.chosen:
        return "-"
    return "silently" if choice.silent else "loudly"


def test_the_default_settings_choose_the_channels_of_the_reviewed_table(
    situations: dict[str, Transition], default: Policy, golden: Callable[[Path, str], None]
) -> None:
    golden(Path(__file__).parent / "routing_table.txt", "\n".join(rows(situations, default)) + "\n")
