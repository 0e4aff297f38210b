"""Checks of amazon-braket-sdk against the emulator, in the clients' own environment, one line per check."""

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from braket.aws import AwsDevice, AwsQuantumJob, AwsQuantumTask
from braket.circuits import Circuit

Check = tuple[str, Callable[[], object], object]
DENSITY = {"rr": 48, "gg": 48, "gr": 2, "rg": 2}
GOOD = {"00": 43, "11": 44, "10": 1, "01": 2}
HALVES = {"00": 48, "11": 48, "10": 2, "01": 2}


def tasks(arns: dict[str, Any]) -> Iterator[Check]:
    completed, waiting = AwsQuantumTask(arns["completed"]), AwsQuantumTask(arns["waiting"])
    failed, cancelled = AwsQuantumTask(arns["failed"]), AwsQuantumTask(arns["cancelled"])
    yield "AwsQuantumTask.state() of a completed task", completed.state, "COMPLETED"
    yield "AwsQuantumTask.metadata() has the successful shots", lambda: completed.metadata()["numSuccessfulShots"], 90
    yield "AwsQuantumTask.metadata() has the tags", lambda: completed.metadata()["tags"]["Name"], "completed"
    yield "AwsQuantumTask.queue_position() of a waiting task", lambda: waiting.queue_position().queue_position, "2"
    yield "AwsQuantumTask.queue_position() of a completed one", lambda: completed.queue_position().queue_position, None
    yield "AwsQuantumTask.result() of a completed task", lambda: dict(completed.result().measurement_counts), GOOD
    yield "AwsQuantumTask.state() of a failed task", failed.state, "FAILED"
    yield "AwsQuantumTask.metadata() has the failure reason", lambda: failed.metadata()["failureReason"], "No luck"
    yield "AwsQuantumTask.result() of a failed task", failed.result, None
    yield "AwsQuantumTask.state() of a cancelled task", cancelled.state, "CANCELLED"


def program_sets(arns: dict[str, Any]) -> Iterator[Check]:
    task = AwsQuantumTask(arns["program set"])
    yield "AwsQuantumTask.state() of a failed program set", task.state, "FAILED"
    yield "AwsQuantumTask.result() counts its executables", lambda: task.result().num_executables, 5
    yield (
        "AwsQuantumTask.result() has its good executables",
        lambda: dict(task.result()[0][0].counts),
        {"00": 5, "11": 5},
    )
    yield "AwsQuantumTask.result() has its failures", lambda: task.result()[1][2].failureMetadata.retryable, True


def analog(arns: dict[str, Any]) -> Iterator[Check]:
    task = AwsQuantumTask(arns["analog"])
    yield "AwsQuantumTask.result() of an analog task", lambda: len(task.result().measurements), 100
    yield (
        "AwsQuantumTask.result() has its density",
        lambda: task.result().get_counts(),
        {"rr": 48, "gg": 48, "gr": 2, "rg": 2},
    )


def jobs(arns: dict[str, Any]) -> Iterator[Check]:
    job = AwsQuantumJob(arns["job"])
    yield "AwsQuantumJob.state()", job.state, "RUNNING"
    yield "AwsQuantumJob.name", lambda: job.name, "vqe-h2-17"
    yield "AwsQuantumJob.metadata() has its events", lambda: job.metadata()["events"][-1]["eventType"], "RUNNING"
    yield "AwsQuantumJob.queue_position() of a running job", lambda: job.queue_position().queue_position, None
    yield "AwsQuantumJob.get_tasks()", lambda: sorted(task.id for task in job.get_tasks()), sorted(arns["children"])
    yield "AwsQuantumJob.cancel()", job.cancel, "CANCELLING"


def devices(arns: dict[str, Any]) -> Iterator[Check]:
    for arn, (name, status) in arns["devices"].items():
        yield f"AwsDevice of {name}", partial(name_and_status, arn), (name, status)
    one = AwsDevice(next(iter(arns["devices"])))
    yield "AwsDevice.properties", lambda: one.properties.service.shotsRange, (0, 50_000)
    yield "AwsDevice.is_available", lambda: one.is_available, True
    yield "AwsDevice.queue_depth()", lambda: one.queue_depth().jobs, "0 (1 prioritized job(s) running)"
    online = sorted(name for name, status in arns["devices"].values() if status != "RETIRED")
    yield "AwsDevice.get_devices()", lambda: sorted(device.name for device in AwsDevice.get_devices()), online


def name_and_status(arn: str) -> tuple[str, str]:
    device = AwsDevice(arn)
    return device.name, device.status


def workload(arns: dict[str, Any]) -> Iterator[Check]:
    device = AwsDevice(next(iter(arns["devices"])))
    bell = Circuit().h(0).cnot(0, 1)
    where = (arns["bucket"], "from-the-sdk")
    yield "AwsDevice.run(circuit).result()", lambda: dict(run(device, bell, where).measurement_counts), HALVES
    doomed = device.run(bell, where, shots=100, tags={"Name": "waiting"})
    yield "AwsQuantumTask.cancel()", doomed.cancel, None
    yield "AwsQuantumTask.result() of a cancelled task", doomed.result, None


def run(device: AwsDevice, bell: Circuit, where: tuple[str, str]) -> Any:
    return device.run(bell, where, shots=100).result()


def main() -> int:
    warnings.simplefilter("error")  # the SDK warns when it cannot read a device's capabilities
    arns = json.load(sys.stdin)
    wrong = 0
    for part in (tasks, program_sets, analog, devices, jobs, workload):
        for name, look, expected in part(arns):
            got = look()
            wrong += got != expected
            print(f"ok   {name}: {got}" if got == expected else f"FAIL {name}: {got}, not {expected}")  # noqa: T201
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(), 1))
