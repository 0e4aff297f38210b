"""Answers of GetQuantumTask and GetJob in Braket's form, and the values parsed from them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from braket_notifier.braket.responses import parse_snapshot
from braket_notifier.domain.resource import Children, Kind, Snapshot
from braket_notifier.domain.transition import Transition

ACCOUNT = "012345678901"
GARNET = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"
AQUILA = "arn:aws:braket:us-east-1::device/qpu/quera/Aquila"
FORTE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"
CEPHEUS = "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q"
SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

Answer = dict[str, Any]


def at(clock: str, day: int = 20) -> datetime:
    """A moment of November 2026, in UTC."""
    return datetime.fromisoformat(f"2026-11-{day:02}T{clock}+00:00")


def task_answer(task_id: str, status: str = "COMPLETED", device: str = GARNET, **members: object) -> Answer:
    """An answer of GetQuantumTask with its constant members."""
    region = device.split(":")[3] or "us-east-1"
    ended = {"endedAt": at("11:53")} if status in {"COMPLETED", "FAILED", "CANCELLED"} else {}
    answer: Answer = {
        "quantumTaskArn": f"arn:aws:braket:{region}:{ACCOUNT}:quantum-task/{task_id}-77a7-4b36-a90c-c776afc9a71e",
        "status": status,
        "deviceArn": device,
        "deviceParameters": "{}",
        "shots": 1000,
        "outputS3Bucket": f"amazon-braket-{region}-{ACCOUNT}",
        "outputS3Directory": f"tasks/{task_id}-77a7-4b36-a90c-c776afc9a71e",
        "createdAt": at("08:12"),
        "tags": {},
        "actionMetadata": {"actionType": "braket.ir.openqasm.program"},
        **ended,
        **members,
    }
    return {key: value for key, value in answer.items() if value is not None}


def job_answer(job_id: str, name: str, status: str = "COMPLETED", device: str = GARNET, **members: object) -> Answer:
    """An answer of GetJob with its constant members."""
    region = device.split(":")[3] if device.startswith("arn:") else "us-east-1"
    region = region or "us-east-1"
    bucket = f"s3://amazon-braket-{region}-{ACCOUNT}/jobs/{name}"
    answer: Answer = {
        "jobArn": f"arn:aws:braket:{region}:{ACCOUNT}:job/{job_id}-5c1d-4f0e-9a2b-3d4e5f607182",
        "jobName": name,
        "status": status,
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/service-role/AmazonBraketJobsExecutionRole",
        "algorithmSpecification": {"scriptModeConfig": {"entryPoint": "vqe:main", "s3Uri": f"{bucket}/script.tar.gz"}},
        "deviceConfig": {"device": device},
        "instanceConfig": {"instanceType": "ml.m5.large", "volumeSizeInGb": 30, "instanceCount": 1},
        "outputDataConfig": {"s3Path": f"{bucket}/data"},
        "stoppingCondition": {"maxRuntimeInSeconds": 18000},
        "createdAt": at("05:58"),
        "startedAt": at("09:03"),
        "tags": {},
        **({"endedAt": at("10:15")} if status in {"COMPLETED", "FAILED", "CANCELLED"} else {}),
        **members,
    }
    return {key: value for key, value in answer.items() if value is not None}


def event(kind: str, moment: datetime, message: str = "") -> Answer:
    """An entry of GetJob's events."""
    return {"eventType": kind, "timeOfEvent": moment, **({"message": message} if message else {})}


def snapshot(answer: Answer, *, degraded: bool = False, children: Children | None = None) -> Snapshot:
    kind: Kind = "task" if "quantumTaskArn" in answer else "job"
    return replace(parse_snapshot(answer, kind=kind, degraded=degraded), children=children)


def moved(to: Snapshot, was: str | None = "QUEUED", ran: timedelta | None = None, **changes: Any) -> Transition:  # noqa: ANN401 - any member of it
    """The transition to this snapshot's status. `ran` is the time between RUNNING and the end."""
    running = to.ended_at - ran if ran is not None and to.ended_at else None
    told = Transition(
        snapshot=to,
        status=to.status,
        was="RUNNING" if running else was,
        at=to.ended_at or to.started_at,
        running_at=running,
        version=3,
        source="event",
    )
    return replace(told, **changes)


def reached(answer: Answer, *, degraded: bool = False, children: Children | None = None, **changes: Any) -> Transition:  # noqa: ANN401 - as above
    """The transition to the status of Braket's answer."""
    return moved(snapshot(answer, degraded=degraded, children=children), **changes)
