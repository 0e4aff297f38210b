"""Braket's answers about a quantum task or device, as pure functions of values."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.braket.capabilities import capabilities
from local.braket.devices import PROGRAM_SET, Device
from local.braket.resource import Resource


def iso(moment: datetime) -> str:
    """ISO-8601 with milliseconds and Z, as Braket writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def directory(resource: Resource) -> str:
    return f"{resource.asked.body['outputS3KeyPrefix']}/{resource.arn.rsplit('/', 1)[-1]}"


def task_summary(task: Resource) -> dict[str, Any]:
    return present(
        quantumTaskArn=task.arn,
        status=task.status,
        deviceArn=task.asked.device,
        shots=task.asked.shots,
        outputS3Bucket=task.asked.body["outputS3Bucket"],
        outputS3Directory=directory(task),
        createdAt=iso(task.created_at),
        endedAt=task.ended_at and iso(task.ended_at),
        tags=task.asked.tags,
    )


def task_answer(task: Resource) -> dict[str, Any]:
    body = task.asked.body
    return task_summary(task) | present(
        failureReason=task.script.failure_reason if task.status == "FAILED" else None,
        deviceParameters=body.get("deviceParameters", "{}"),
        jobArn=task.asked.job_arn,
        associations=task.associations,
        numSuccessfulShots=successful_shots(task),
        actionMetadata=_action_metadata(task),
        experimentalCapabilities=body.get("experimentalCapabilities"),
    )


def successful_shots(task: Resource) -> int | None:
    """Braket gives the figure after a completed task. A script may give it for another end, or withhold it."""
    shots = task.script.successful_shots
    if shots == "all":
        return usable_shots(task) if task.status == "COMPLETED" else None
    return None if task.is_open else shots


def usable_shots(task: Resource) -> int:
    """The shots that gave a result. The executables of a program set share them evenly."""
    shots = task.script.successful_shots
    if isinstance(shots, int):
        return shots
    if task.asked.action_type != PROGRAM_SET:
        return task.asked.shots
    total = sum(executables(task))
    failed = min(len(task.script.failed_executables), total)
    return task.asked.shots * (total - failed) // total


def _action_metadata(task: Resource) -> dict[str, Any]:
    kind = task.asked.action_type
    if kind != PROGRAM_SET:
        return {"actionType": kind}
    layout = executables(task)
    return {"actionType": kind, "programCount": len(layout), "executableCount": sum(layout)}


def executables(task: Resource) -> list[int]:
    """The number of executables of each program of a set, by the action or by the script."""
    asked = asked_executables(task.action)
    count = task.script.program_count or len(asked)
    total = task.script.executable_count or sum(asked)
    if (count, total) == (len(asked), sum(asked)):
        return asked
    return [total // count + (program < total % count) for program in range(count)]


def asked_executables(action: Mapping[str, Any]) -> list[int]:
    """Each program of a set runs once for each value of its inputs."""
    inputs = [program.get("inputs") or {} for program in action.get("programs", [])]
    return [max([1, *map(len, of_program.values())]) for of_program in inputs]


def device_summary(device: Device) -> dict[str, Any]:
    return {
        "deviceArn": device.arn,
        "deviceName": device.name,
        "providerName": device.provider,
        "deviceType": "QPU" if device.is_qpu else "SIMULATOR",
        "deviceStatus": device.status,
    }


def device_answer(device: Device, queues: list[dict[str, str]]) -> dict[str, Any]:
    return device_summary(device) | {"deviceCapabilities": capabilities(device), "deviceQueueInfo": queues}


def present(**members: Any) -> dict[str, Any]:  # noqa: ANN401  any JSON value
    """Leave out unknown members, as Braket does. It never writes null, nor an empty tag map or list."""
    return {name: value for name, value in members.items() if value is not None and value not in ("", [], {})}
