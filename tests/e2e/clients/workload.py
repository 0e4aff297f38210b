"""The quantum tasks and the hybrid job for the clients' checks."""

import json
from collections.abc import Mapping
from typing import Any

import boto3

from local.braket.devices import DEVICES
from local.braket.emulator import Braket, CreateRequest, FailedExecutable, Script, usual

BUCKET = "amazon-braket-results"
KEYS: Mapping[str, str] = {"aws_access_key_id": "000000000000", "aws_secret_access_key": "made-up"}

SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
AQUILA = "arn:aws:braket:us-east-1::device/qpu/quera/Aquila"
FORTE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"
CEPHEUS = "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q"
BELL = "OPENQASM 3.0; bit[2] b; qubit[2] q; h q[0]; cnot q[0], q[1]; b[0] = measure q[0]; b[1] = measure q[1];"
GHZ = "OPENQASM 3.0; bit[5] b; qubit[5] q; h q[0]; cnot q[0], q[1]; b = measure q;"

SCRIPTS = {  # by the tag `Name`; other resources complete
    "completed": Script(successful_shots=90),
    "waiting": Script(steps=((0.1, "QUEUED"),), queue_ahead=2),
    "failed": Script(steps=usual("task", "FAILED"), failure_reason="No luck"),
    "cancelled": Script(steps=usual("task", "CANCELLED")),
    "program set": Script(
        steps=usual("task", "FAILED"),
        failed_executables=(
            FailedExecutable(program=1, inputs_index=2, reason="Laser lost", category="DEVICE", retryable=True),
        ),
    ),
    "job": Script(steps=((0.1, "RUNNING"),)),
}


def choose(asked: CreateRequest) -> Script:
    return SCRIPTS.get(asked.tags.get("Name", ""), Script())


def create(braket: Braket) -> dict[str, Any]:
    """The ARNs by the names in the checks. Every resource has reached the end of its script."""
    east, west = (boto3.client("braket", region, endpoint_url=braket.url, **KEYS) for region in REGIONS)  # type: ignore[call-overload]  # the keys
    arns: dict[str, Any] = {name: task(east, name) for name in ("completed", "waiting", "failed", "cancelled")}
    arns["analog"] = task(east, "analog", deviceArn=AQUILA, action=ANALOG)
    arns["program set"] = task(west, "program set", deviceArn=CEPHEUS, action=PROGRAM_SET, shots=50)
    arns["results"] = {
        "measurements": task(east, "ghz", action=action("openqasm.program", source=GHZ), shots=2000),
        "probabilities": task(east, "ghz", deviceArn=FORTE, action=action("openqasm.program", source=GHZ), shots=2000),
        "fewer shots": arns["completed"],
        "analog": arns["analog"],
        "program set": task(east, "set", action=PROGRAM_SET, shots=500),
        "program set with failures": task(east, "program set", action=PROGRAM_SET, shots=500),
        "program set of a QPU": arns["program set"],
    }
    arns["job"] = east.create_job(**JOB)["jobArn"]
    token = braket.job_token(arns["job"])
    arns["children"] = [task(east, f"child {n}", jobToken=token) for n in range(3)]
    braket.clock.push(10)
    devices = {arn: (device.name, device.status) for arn, device in DEVICES.items()}
    return arns | {"bucket": BUCKET, "devices": devices}


REGIONS = ("us-east-1", "us-west-1")


def task(client: Any, name: str, **more: object) -> str:
    asked = {
        "deviceArn": SV1,
        "shots": 100,
        "outputS3Bucket": BUCKET,
        "outputS3KeyPrefix": "clients",
        "action": action("openqasm.program", source=BELL),
        "tags": {"Name": name},
    }
    return str(client.create_quantum_task(**asked | more)["quantumTaskArn"])


def action(name: str, **members: object) -> str:
    return json.dumps({"braketSchemaHeader": {"name": f"braket.ir.{name}", "version": "1"}, **members})


PROGRAM_SET = action(
    "openqasm.program_set",
    programs=[
        {
            "braketSchemaHeader": {"name": "braket.ir.openqasm.program", "version": "1"},
            "source": "OPENQASM 3.0; input float a; bit[2] b; qubit[2] q; rx(a) q[0]; b = measure q;",
            "inputs": {"a": [0.1 * n for n in range(size)]},
        }
        for size in (2, 3)
    ],
)
_SILENT = {"time_series": {"values": ["0.0", "0.0"], "times": ["0.0", "4e-6"]}, "pattern": "uniform"}
ANALOG = action(
    "ahs.program",
    setup={"ahs_register": {"sites": [["0.0", "0.0"], ["0.0", "5e-6"]], "filling": [1, 1]}},
    hamiltonian={
        "drivingFields": [{"amplitude": _SILENT, "phase": _SILENT, "detuning": _SILENT}],
        "localDetuning": [],
    },
)
JOB = {
    "jobName": "vqe-h2-17",
    "roleArn": "arn:aws:iam::000000000000:role/service-role/AmazonBraketJobsExecutionRole",
    "algorithmSpecification": {"scriptModeConfig": {"entryPoint": "vqe:main", "s3Uri": f"s3://{BUCKET}/code.tar.gz"}},
    "outputDataConfig": {"s3Path": f"s3://{BUCKET}/jobs/vqe-h2-17"},
    "instanceConfig": {"instanceType": "ml.m5.large", "volumeSizeInGb": 30},
    "deviceConfig": {"device": SV1},
    "tags": {"Name": "job"},
}
