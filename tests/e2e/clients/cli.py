"""Checks of `aws braket` against the emulator, one line per check."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

Check = tuple[list[str], str | None, object]  # the arguments, the member to check, the expected value


def checks(arns: Mapping[str, Any]) -> Iterator[Check]:
    task, waiting, job = arns["completed"], arns["waiting"], arns["job"]
    first = next(iter(arns["devices"]))
    of_job = json.dumps([{"name": "jobArn", "operator": "EQUAL", "values": [job]}])
    running = json.dumps([{"name": "status", "operator": "EQUAL", "values": ["QUEUED"]}])
    queue = ["--additional-attribute-names", "QueueInfo"]
    yield ["get-job", "--job-arn", job], "status", "CANCELLED"  # the SDK's checks have cancelled it
    yield ["get-job", "--job-arn", job, *queue], "queueInfo.position", "None"
    yield ["get-quantum-task", "--quantum-task-arn", task], "numSuccessfulShots", 90
    yield ["get-quantum-task", "--quantum-task-arn", waiting, *queue], "queueInfo.position", "2"
    yield ["search-quantum-tasks", "--filters", of_job], "length(quantumTasks)", 3
    yield ["search-quantum-tasks", "--filters", of_job, "--page-size", "1"], "length(quantumTasks)", 3
    yield ["search-quantum-tasks", "--filters", running], "quantumTasks[].quantumTaskArn", [waiting]
    yield ["search-jobs", "--filters", "[]"], "jobs[].jobName", ["vqe-h2-17"]
    yield ["get-device", "--device-arn", first], "deviceName", "SV1"
    yield ["search-devices", "--filters", "name=deviceArn,values=" + first], "devices[].deviceStatus", ["ONLINE"]
    yield ["list-tags-for-resource", "--resource-arn", task], "tags", {"Name": "completed"}
    yield ["cancel-quantum-task", "--quantum-task-arn", waiting], "cancellationStatus", "CANCELLING"
    yield ["cancel-quantum-task", "--quantum-task-arn", task], None, "ConflictException"
    yield ["get-quantum-task", "--quantum-task-arn", task + "0"], None, "ResourceNotFoundException"
    yield ["get-job", "--job-arn", task], None, "ValidationException"


def check_cli(aws: str, arns: Mapping[str, Any], environment: Mapping[str, str]) -> int:
    """The number of failed checks."""
    wrong = 0
    for arguments, member, expected in checks(arns):
        got = _ask([aws, "braket", *arguments, "--region", "us-east-1"], member, environment)
        right = got == expected if member else str(expected) in str(got)
        wrong += not right
        name = f"aws braket {arguments[0]} {member or 'refused'}"
        print(f"ok   {name}: {got}" if right else f"FAIL {name}: {got}, not {expected}")  # noqa: T201  its output
    return wrong


def _ask(command: list[str], member: str | None, environment: Mapping[str, str]) -> object:
    query = ["--output", "json", "--query", member] if member else []
    done = subprocess.run([*command, *query], capture_output=True, text=True, env=environment, timeout=60, check=False)  # noqa: S603  our own words
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr.strip()
